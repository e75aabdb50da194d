"""Draws the boxes: a picture per box, kept while it fits, or plain rectangles from far away."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from core.model.columns import distinct
from gui import theme
from gui.graph.detail import READABLE, SHAPED
from gui.graph.labels import Labels
from gui.graph.primitives import draw_rectangles
from gui.graph.scene import Ints
from gui.graph.shading import Look
from gui.graph.sprites import Spending, Sprite, Sprites
from gui.graph.view import View

MOST_SHAPED = 600
FRESH_SECONDS = 0.0015
"""So long pictures are painted anew within one frame; the others follow in the next."""
FRESH_SECONDS_AT_REST = 0.009
"""The same while nobody moves the view."""
KEPT = 1600
DIMMED = 0.35
"""Strength of what steps back."""
MARGIN = 3.0
"""Room around a box in its picture, in pixels, for its shadow."""
INSET = 10.0
WORDED_TINT, BARE_TINT = 0.10, 0.55
"""Share of a category's colour in a box: little under words, more where the colour says all."""


@dataclass(frozen=True)
class Face:
    """All that decides what a box looks like."""

    name: str
    detail: str
    look: Look
    kind: str
    """“layer”, “group” or “port”."""
    width: float
    height: float


class Nodes:
    """Keeps pictures by item and size."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self.sprites = Sprites(Spending(FRESH_SECONDS, FRESH_SECONDS_AT_REST), KEPT)

    def paint(self, painter: QPainter, view: View, rows: Ints) -> None:
        """The boxes in these rows of the scene."""
        self.sprites.begin(painter)
        if view.camera.zoom < SHAPED or len(rows) > MOST_SHAPED:
            _paint_plain(painter, view, rows)
            return
        zoom = view.camera.zoom
        dimmed = _dimmed(view, rows)
        corners = _areas(view, rows)[:, :2] - MARGIN
        blank: list[int] = []
        places = zip(rows.tolist(), dimmed.tolist(), corners.tolist(), strict=True)
        for row, dim, corner in places:
            sprite = self._sprite(view, row)
            if sprite is None:
                blank.append(row)
                continue
            painter.setOpacity(DIMMED if dim else 1.0)
            sprite.draw(painter, QPointF(*corner), zoom)
        painter.setOpacity(1.0)
        _paint_blank(painter, view, np.array(blank, np.int64))
        _paint_emphasis(painter, view, rows[~dimmed])

    def _sprite(self, view: View, row: int) -> Sprite | None:
        zoom, boxes = view.camera.zoom, view.scene.boxes
        return self.sprites.get(
            (int(boxes.items[row]), float(boxes.width[row]), float(boxes.height[row])),
            zoom,
            lambda ratio: picture_of(self.face(view, row), zoom, ratio),
            sharp=view.settled,
        )

    def face(self, view: View, row: int) -> Face:
        """What the box in this row of the scene looks like."""
        tree, boxes = view.scene.tree, view.scene.boxes
        item = int(boxes.items[row])
        return Face(
            self._labels.name(item),
            self._labels.detail(item),
            view.shading.look(item),
            "group" if tree.is_group(item) else "layer" if item < tree.layers else "port",
            float(boxes.width[row]),
            float(boxes.height[row]),
        )


def _dimmed(view: View, rows: Ints) -> NDArray[np.bool_]:
    """Which boxes step back behind those that stand out."""
    if view.emphasis is None:
        return np.zeros(len(rows), bool)
    return ~view.emphasis.items[view.scene.boxes.items[rows]]


def _paint_emphasis(painter: QPainter, view: View, rows: Ints) -> None:
    """A ring around what stands out: the colour of the box says something else."""
    if view.emphasis is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.current().accent, 2))
    radius = theme.RADIUS * view.camera.zoom
    for row in rows.tolist():
        box = view.scene.boxes.rectangle(row)
        area = QRectF(view.camera.to_view(box.topLeft()), box.size() * view.camera.zoom)
        painter.drawRoundedRect(area, radius, radius)


def _paint_plain(painter: QPainter, view: View, rows: Ints) -> None:
    numbers = view.shading.bins(view.scene.boxes.items[rows])
    numbers = numbers * 2 + _dimmed(view, rows)
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    rectangles = _areas(view, rows[order])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    for number in distinct(numbers).tolist():
        first, last = np.searchsorted(numbers, [number, number + 1])
        colour = view.shading.colour(number // 2)
        if number % 2:
            colour = theme.mix(colour, theme.current().panel, DIMMED)
        painter.setBrush(colour)
        draw_rectangles(painter, rectangles[first:last])


def _paint_blank(painter: QPainter, view: View, rows: Ints) -> None:
    """Boxes whose pictures follow in the next frame."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(theme.current().line)
    painter.setBrush(theme.current().raised)
    draw_rectangles(painter, _areas(view, rows))


def _areas(view: View, rows: Ints) -> NDArray[np.float64]:
    """Place and size on the widget; shape (n, 4)."""
    boxes, camera = view.scene.boxes, view.camera
    areas = np.empty((len(rows), 4))
    areas[:, 0] = (boxes.x[rows] - camera.x) * camera.zoom
    areas[:, 1] = (boxes.y[rows] - camera.y) * camera.zoom
    areas[:, 2] = np.maximum(boxes.width[rows] * camera.zoom, 1.0)
    areas[:, 3] = np.maximum(boxes.height[rows] * camera.zoom, 1.0)
    return areas


def picture_of(face: Face, zoom: float, ratio: float) -> QPixmap:
    """The box at this zoom for a screen with this many pixels per unit."""
    width = face.width * zoom + 2 * MARGIN
    height = face.height * zoom + 2 * MARGIN
    pixmap = QPixmap(max(int(width * ratio + 0.99), 1), max(int(height * ratio + 0.99), 1))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(MARGIN, MARGIN)
    painter.scale(zoom, zoom)
    paint_face(painter, face, words=zoom >= READABLE)
    painter.end()
    return pixmap


def paint_face(painter: QPainter, face: Face, *, words: bool = True) -> None:
    """Paint a box with its top left corner at the origin."""
    area = QRectF(0.5, 0.5, face.width - 1, face.height - 1)
    ink = _paint_ground(painter, face, area, WORDED_TINT if words else BARE_TINT)
    if words:
        _paint_words(painter, face, ink)
    if face.kind == "group":
        _paint_plus(painter, face, ink)


def _paint_ground(painter: QPainter, face: Face, area: QRectF, strength: float) -> QColor:
    """Filling, border, stripe; returns the colour for words on it."""
    colours = theme.current()
    look = face.look
    radius = face.height / 2 if face.kind == "port" else float(theme.RADIUS)
    fill, border = colours.raised, colours.line
    ink = colours.ink
    if face.kind == "port":
        fill, border = colours.chip, colours.line
    elif look.ground is not None:
        fill, border = look.ground, look.ground.darker(112)
        ink = theme.ink_on(fill)
    elif look.tint is not None:
        fill = theme.mix(look.tint, colours.raised, strength)
        border = theme.mix(look.tint, colours.line, 0.35)
    if face.kind == "group":
        _paint_stack(painter, area, radius, theme.mix(fill, colours.background, 0.5), border)
    painter.setPen(QPen(border, 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(area, radius, radius)
    if look.tint is not None:
        _paint_parts(painter, area, radius, ((1.0, look.tint),), upright=True)
    elif look.parts:
        _paint_parts(painter, area, radius, look.parts, upright=False)
    return ink


def _paint_stack(
    painter: QPainter, area: QRectF, radius: float, fill: QColor, border: QColor
) -> None:
    """A second sheet behind the box: there is more inside."""
    painter.setPen(QPen(border, 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(area.adjusted(5, 4, -5, 3), radius, radius)


def _paint_parts(
    painter: QPainter,
    area: QRectF,
    radius: float,
    parts: tuple[tuple[float, QColor], ...],
    *,
    upright: bool,
) -> None:
    """A stripe at the left for one category, a bar along the bottom for several."""
    shape = QPainterPath()
    shape.addRoundedRect(area, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    x = area.left()
    for share, colour in parts:
        if upright:
            part = QRectF(area.left(), area.top(), 4, area.height())
        else:
            part = QRectF(x, area.bottom() - 3, share * area.width(), 3)
            x += share * area.width()
        painter.setBrush(colour)
        painter.drawPath(_rectangle(part) & shape)  # an SVG ignores clipping


def _rectangle(area: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(area)
    return path


def _paint_words(painter: QPainter, face: Face, ink: QColor) -> None:
    """Name and figure in the upper line, detail below."""
    look = face.look
    left = INSET + (3 if look.tint is not None else 0)
    right = face.width - INSET
    middle = Qt.AlignmentFlag.AlignHCenter if face.kind == "port" else Qt.AlignmentFlag.AlignLeft
    small = theme.font(theme.TINY)
    room = right
    if look.figure:
        width = QFontMetricsF(small).horizontalAdvance(look.figure)
        room -= width + 8
        painter.setFont(small)
        painter.setPen(ink if look.ground is not None else theme.current().dim)
        painter.drawText(QPointF(right - width, 17.5), look.figure)
    painter.setFont(theme.font(theme.SMALL, QFont.Weight.DemiBold))
    painter.setPen(ink)
    _paint_line(painter, face.name, QRectF(left, 6, room - left, 15), middle)
    painter.setFont(small)
    painter.setPen(_dim(ink, face))
    room = right - (16 if face.kind == "group" else 0)
    _paint_line(painter, face.detail, QRectF(left, 21, room - left, 15), middle)


def _dim(ink: QColor, face: Face) -> QColor:
    if face.look.ground is None:
        return theme.current().dim
    return theme.mix(ink, face.look.ground, 0.86)


def _paint_line(painter: QPainter, text: str, area: QRectF, alignment: Qt.AlignmentFlag) -> None:
    """One line in the painter's font, its middle left out where it is too long."""
    shown = QFontMetricsF(painter.font()).elidedText(
        text, Qt.TextElideMode.ElideMiddle, area.width()
    )
    painter.drawText(area, int(alignment | Qt.AlignmentFlag.AlignVCenter), shown)


def _paint_plus(painter: QPainter, face: Face, ink: QColor) -> None:
    painter.setPen(QPen(_dim(ink, face), 1.4))
    x, y, arm = face.width - INSET - 4.0, 28.5, 3.5
    painter.drawLine(QPointF(x - arm, y), QPointF(x + arm, y))
    painter.drawLine(QPointF(x, y - arm), QPointF(x, y + arm))
