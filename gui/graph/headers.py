"""Draws the words on open groups: headers, names that stick to the top, titles from far away."""

import math
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from core.layout.group_layout import HEADER
from core.model.columns import distinct
from gui import theme
from gui.graph.detail import READABLE
from gui.graph.frames import close_button
from gui.graph.labels import Labels
from gui.graph.scene import Ints, Scene
from gui.graph.shading import Shading
from gui.graph.sprites import Spending, Sprite, Sprites
from gui.graph.view import View

MOST_STUCK = 3
"""Headers that stick below each other; of more the innermost count."""
MOST_TITLES = 60
LEAST_WIDTH, LEAST_HEIGHT = 74.0, 76.0
"""Frames of fewer pixels get no title from far away."""
TITLE_HEIGHT = 20.0
WIDEST = 260.0
NAME_INSET = 14.0
BASELINE = 20.0
"""Of the words on a header, below its upper edge."""
ASCENT, LINE = 15.0, 20.0
"""Of a picture of words: their baseline below its upper edge, and its height."""
BEARING = 2.0
"""Room for what letters have outside of their width."""
SPENDING = Spending(moving=0.0008, at_rest=0.004)
"""For names, and for titles, in one frame."""
KEPT = 600


@dataclass(frozen=True)
class _Words:
    """One of the texts on a header; `left` is in the drawing's coordinates."""

    text: str
    font: QFont
    ink: QColor
    left: float


class Headers:
    """Keeps pictures of the words; those that are missing follow in the next frames."""

    def __init__(self, labels: Labels, *, keeps: bool = True) -> None:
        """With `keeps` False everything is painted at once, and as letters."""
        self._labels = labels
        self._keeps = keeps
        spending = SPENDING if keeps else Spending()
        self._tags = Sprites(spending, KEPT)
        self._lines = Sprites(spending, KEPT)
        self._fitted: dict[int, tuple[_Words, _Words]] = {}
        self._fitted_to: tuple[Scene, Shading] | None = None

    @property
    def sprites(self) -> tuple[Sprites, ...]:
        return self._tags, self._lines

    def forget(self) -> None:
        """After the colouring, the theme or the screen changed."""
        self._fitted = {}
        self._lines.forget()

    def paint(self, painter: QPainter, view: View, rows: Ints) -> None:
        """Over lines and boxes."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for sprites in self.sprites:
            sprites.begin(painter)
        if view.camera.zoom < READABLE:
            self._paint_titles(painter, view, rows)
            return
        if self._fitted_to != (view.scene, view.shading):
            self._fitted_to = (view.scene, view.shading)
            self.forget()
        for row in rows[view.scene.frames.y[rows] + HEADER > view.area.top()].tolist():
            self._paint_header(painter, view, row)
        self._paint_stuck(painter, view, rows)

    def _paint_header(self, painter: QPainter, view: View, row: int) -> None:
        """Name left of the axis, figure right of it, and the button to close."""
        frame, axis = view.scene.frames.rectangle(row), float(view.scene.frames.axis[row])
        camera, area = view.camera, view.area
        if axis > area.left():
            self._paint_words(painter, view, row, 0)
        if axis < area.right() and frame.right() > area.left():
            self._paint_words(painter, view, row, 1)
            middle, arm = camera.to_view(close_button(frame).center()), 3.5 * camera.zoom
            painter.setPen(QPen(theme.current().faint, 1.4 * camera.zoom))
            painter.drawLine(middle - QPointF(arm, 0), middle + QPointF(arm, 0))

    def _paint_words(self, painter: QPainter, view: View, row: int, side: int) -> None:
        """The name or the figure of a header."""
        zoom = view.camera.zoom

        def make(ratio: float) -> QPixmap:
            return _picture_of(self._words(view, row)[side], zoom, ratio)

        if not self._keeps:
            words = self._words(view, row)[side]
            _write(painter, words, self._corner(view, row, words), zoom)
        elif (sprite := self._lines.get((row, side), zoom, make, sharp=view.settled)) is not None:
            corner = self._corner(view, row, self._words(view, row)[side])
            sprite.draw(painter, corner, zoom)

    def _corner(self, view: View, row: int, words: _Words) -> QPointF:
        """The top left of the words' picture on the widget."""
        top = float(view.scene.frames.y[row]) + BASELINE - ASCENT
        return view.camera.to_view(QPointF(words.left - BEARING, top))

    def _words(self, view: View, row: int) -> tuple[_Words, _Words]:
        """Name and figure, cut where there is too little room on their side of the axis."""
        if (words := self._fitted.get(row)) is None:
            words = self._fitted[row] = self._fresh_words(view, row)
        return words

    def _fresh_words(self, view: View, row: int) -> tuple[_Words, _Words]:
        frames, colours = view.scene.frames, theme.current()
        frame, axis, item = frames.rectangle(row), float(frames.axis[row]), int(frames.items[row])
        left, right = frame.left() + NAME_INSET, close_button(frame).left() - 4
        font, small = _name_font(view, item), theme.font(theme.TINY)
        name = QFontMetricsF(font).elidedText(
            self._labels.name(item), Qt.TextElideMode.ElideMiddle, axis - 8.0 - left
        )
        metrics = QFontMetricsF(small)
        figure = view.shading.look(item).figure or self._labels.detail(item)
        figure = metrics.elidedText(figure, Qt.TextElideMode.ElideRight, right - axis - 8)
        if len(figure) <= 1:
            figure = ""
        figure_left = right - metrics.horizontalAdvance(figure)
        return (
            _Words(name, font, colours.dim, left),
            _Words(figure, small, colours.faint, figure_left),
        )

    def _paint_stuck(self, painter: QPainter, view: View, rows: Ints) -> None:
        """Names of groups whose header is above the view, below each other where nested."""
        frames, camera = view.scene.frames, view.camera
        top = view.area.top() + view.inset / camera.zoom
        above = (frames.y[rows] + HEADER / 2 < top) & (frames.height[rows] * camera.zoom > 120)
        below = frames.y[rows] + frames.height[rows] > top + MOST_STUCK * HEADER / camera.zoom
        placed: list[tuple[float, float, int]] = []
        for row in rows[above & below][::-1].tolist():  # the innermost first; they stand lowest
            left, right = float(frames.x[row]), float(frames.x[row] + frames.width[row])
            inside = sum(1 for one, two, _ in placed if one >= left and two <= right)
            if inside < MOST_STUCK:
                placed.append((left, right, row))
        for left, right, row in placed:
            level = sum(1 for one, two, _ in placed if one <= left and two >= right) - 1
            if (tag := self._tag(view, row)) is not None:
                place = self._place(view, row, view.inset + level * (TITLE_HEIGHT + 4) + 4)
                painter.drawPixmap(place, tag.pixmap)

    def _paint_titles(self, painter: QPainter, view: View, rows: Ints) -> None:
        """Names in a size that can be read, where frames are large enough for them.

        Those of one depth are shown together or not at all.
        """
        frames, zoom = view.scene.frames, view.camera.zoom
        wide = frames.width[rows] * zoom >= LEAST_WIDTH
        rows = rows[wide & (frames.height[rows] * zoom >= LEAST_HEIGHT)]
        depths = frames.depth[rows]
        taken: list[QRectF] = []
        for depth in distinct(depths).tolist():
            here = rows[depths == depth].tolist()
            if len(taken) + len(here) > MOST_TITLES:
                return
            for row in here:
                self._paint_title(painter, view, row, taken)

    def _paint_title(self, painter: QPainter, view: View, row: int, taken: list[QRectF]) -> None:
        if (tag := self._tag(view, row)) is None:
            return
        frames, zoom = view.scene.frames, view.camera.zoom
        y = max((float(frames.y[row]) - view.camera.y) * zoom + 3, view.inset + 4)
        area = QRectF(self._place(view, row, y), tag.pixmap.deviceIndependentSize())
        right = (float(frames.x[row] + frames.width[row]) - view.camera.x) * zoom
        if area.right() <= right and not any(area.intersects(other) for other in taken):
            taken.append(area)
            painter.drawPixmap(area.topLeft(), tag.pixmap)

    def _place(self, view: View, row: int, y: float) -> QPointF:
        """Of a tag: at the frame's left, or at the view's where the frame begins before it."""
        left = (float(view.scene.frames.x[row]) - view.camera.x) * view.camera.zoom
        return QPointF(round(max(left + 4, 6.0)), round(y))

    def _tag(self, view: View, row: int) -> Sprite | None:
        """A name on a small ground of its own, readable over boxes and lines."""
        item = int(view.scene.frames.items[row])
        return self._tags.get(
            (item, theme.current().name),
            1.0,
            lambda ratio: _tag_picture(self._labels.name(item), _name_font(view, item), ratio),
        )


def _name_font(view: View, item: int) -> QFont:
    """Groups that the model does not name are set in italics."""
    tree = view.scene.tree
    return _font(inferred=bool(tree.inferred[item - tree.root]))


@cache
def _font(*, inferred: bool) -> QFont:
    font = QFont(theme.font(theme.SMALL, QFont.Weight.DemiBold))
    font.setItalic(inferred)
    return font


def _picture_of(words: _Words, zoom: float, ratio: float) -> QPixmap:
    """Words alone, for a zoom."""
    width = QFontMetricsF(words.font).horizontalAdvance(words.text) + 2 * BEARING
    pixmap = _empty(math.ceil(width * zoom), math.ceil(LINE * zoom), ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _write(painter, words, QPointF(), zoom)
    painter.end()
    return pixmap


def _write(painter: QPainter, words: _Words, corner: QPointF, zoom: float) -> None:
    painter.save()
    painter.translate(corner)
    painter.scale(zoom, zoom)
    painter.setFont(words.font)
    painter.setPen(words.ink)
    painter.drawText(QPointF(BEARING, ASCENT), words.text)
    painter.restore()


def _tag_picture(name: str, font: QFont, ratio: float) -> QPixmap:
    colours, metrics = theme.current(), QFontMetricsF(font)
    name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, WIDEST)
    width = math.ceil(metrics.horizontalAdvance(name)) + 16
    pixmap = _empty(width, TITLE_HEIGHT + 1, ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.line, 1))
    painter.setBrush(colours.panel)
    painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, TITLE_HEIGHT - 1), 6, 6)
    painter.setFont(font)
    painter.setPen(colours.dim)
    painter.drawText(QPointF(8, 14.5), name)
    painter.end()
    return pixmap


def _empty(width: float, height: float, ratio: float) -> QPixmap:
    pixmap = QPixmap(max(round(width * ratio), 1), max(round(height * ratio), 1))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap
