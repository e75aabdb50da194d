"""Pictures of parts of the drawing, kept between frames and made anew as there is time for it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import inf
from time import perf_counter

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap


@dataclass(frozen=True)
class Sprite:
    """A picture and the zoom for which it was made."""

    zoom: float
    pixmap: QPixmap

    def draw(self, painter: QPainter, place: QPointF, zoom: float) -> None:
        """With its top left corner at a place of the widget."""
        if self.zoom == zoom:
            painter.drawPixmap(place, self.pixmap)
        else:
            size = self.pixmap.deviceIndependentSize() * (zoom / self.zoom)
            painter.drawPixmap(QRectF(place, size), self.pixmap, QRectF(self.pixmap.rect()))


@dataclass(frozen=True)
class Spending:
    """Seconds per frame for making pictures, while the view moves and while nobody moves it."""

    moving: float = inf
    at_rest: float = inf


class Sprites:
    """`stale` is True when a frame showed none or an old one where one was wanted."""

    def __init__(self, spending: Spending, most: int) -> None:
        """`most` are kept."""
        self._spending = spending
        self._most = most
        self._made: dict[Hashable, Sprite] = {}
        self._ratio = 1.0
        self._stop = inf
        self.stale = False
        self.at_rest = False
        """Whether a frame only completes the one before."""

    def forget(self) -> None:
        """After what they show has changed."""
        self._made.clear()

    def begin(self, painter: QPainter) -> None:
        """A frame begins."""
        self.stale = False
        spending = self._spending.at_rest if self.at_rest else self._spending.moving
        self._stop = perf_counter() + spending
        ratio = painter.device().devicePixelRatio()
        if ratio != self._ratio:
            self._made.clear()
            self._ratio = ratio

    def get(
        self, key: Hashable, zoom: float, make: Callable[[float], QPixmap], *, sharp: bool = True
    ) -> Sprite | None:
        """The picture for this zoom; for another one where it need not be `sharp`, or where there
        is no time left. `make` gets the pixels per unit of the widget."""
        sprite = self._made.get(key)
        if sprite is not None and (sprite.zoom == zoom or not sharp):
            return sprite
        if perf_counter() >= self._stop:
            self.stale = True
            return sprite
        if len(self._made) > self._most:
            self._made.clear()
        fresh = self._made[key] = Sprite(zoom, make(self._ratio))
        return fresh
