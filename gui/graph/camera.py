"""Which part of the drawing is seen: a point, a zoom, and how they change."""

from dataclasses import dataclass, replace
from typing import Self

from PySide6.QtCore import QPointF, QRectF, QSizeF

LEAST_ZOOM, MOST_ZOOM = 0.002, 3.0
STEP = 1.25


@dataclass(frozen=True)
class Camera:
    """`x` and `y` are the drawing's coordinates at the view's top left corner."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0

    def to_view(self, point: QPointF) -> QPointF:
        return QPointF((point.x() - self.x) * self.zoom, (point.y() - self.y) * self.zoom)

    def to_scene(self, point: QPointF) -> QPointF:
        return QPointF(point.x() / self.zoom + self.x, point.y() / self.zoom + self.y)

    def seen(self, view: QSizeF) -> QRectF:
        """The part of the drawing that a view of this size shows."""
        return QRectF(self.x, self.y, view.width() / self.zoom, view.height() / self.zoom)

    def moved(self, right: float, down: float) -> Self:
        """Moved by this many pixels of the view."""
        return replace(self, x=self.x + right / self.zoom, y=self.y + down / self.zoom)

    def zoomed(self, factor: float, about: QPointF) -> Self:
        """`about`, a point of the view, stays where it is."""
        zoom = min(max(self.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
        fixed = self.to_scene(about)
        return replace(
            self, x=fixed.x() - about.x() / zoom, y=fixed.y() - about.y() / zoom, zoom=zoom
        )

    def centred(self, point: QPointF, area: QRectF) -> Self:
        """`point` of the drawing comes to the middle of `area` of the view."""
        middle = area.center()
        return replace(
            self,
            x=point.x() - middle.x() / self.zoom,
            y=point.y() - middle.y() / self.zoom,
        )

    def fitted(self, target: QRectF, area: QRectF, most: float = 1.0) -> Self:
        """All of `target` of the drawing inside `area` of the view, no larger than `most`."""
        across = area.width() / max(target.width(), 1.0)
        down = area.height() / max(target.height(), 1.0)
        zoom = max(min(across, down, most), LEAST_ZOOM)
        return replace(self, zoom=zoom).centred(target.center(), area)

    def kept(self, bounds: QRectF, view: QSizeF) -> Self:
        """Moved back so that some of `bounds` stays in the view."""
        seen = self.seen(view)
        across, down = 0.3 * seen.width(), 0.3 * seen.height()
        return replace(
            self,
            x=min(max(self.x, bounds.left() - seen.width() + across), bounds.right() - across),
            y=min(max(self.y, bounds.top() - seen.height() + down), bounds.bottom() - down),
        )

    def between(self, other: Self, share: float) -> Self:
        """Part of the way to another camera; zoom changes evenly to the eye."""
        zoom = self.zoom * (other.zoom / self.zoom) ** share
        return replace(
            self,
            x=self.x + (other.x - self.x) * share,
            y=self.y + (other.y - self.y) * share,
            zoom=zoom,
        )
