"""Draws the words on open groups: headers, names that stick to the top, titles from far away."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPixmap

from core.layout.group_layout import HEADER
from gui import theme
from gui.graph.detail import READABLE
from gui.graph.frames import close_button
from gui.graph.labels import Labels
from gui.graph.scene import Ints, Scene
from gui.graph.shading import Shading
from gui.graph.view import View

MOST_STUCK = 3
"""Headers that stick below each other; of more the innermost count."""
MOST_TITLES = 60
LEAST_WIDTH, LEAST_HEIGHT = 74.0, 76.0
"""Frames of fewer pixels get no title from far away."""
TITLE_HEIGHT = 20.0
WIDEST = 260.0
NAME_INSET = 14.0
KEPT = 600


@dataclass(frozen=True)
class _Words:
    """What stands on one header."""

    name: str
    font: QFont
    figure: str
    figure_left: float


class Headers:
    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._tags: dict[tuple[int, str, float], QPixmap] = {}
        self._words: dict[int, _Words] = {}
        self._words_of: tuple[Scene, Shading] | None = None

    def paint(self, painter: QPainter, view: View, rows: Ints) -> None:
        """Over lines and boxes."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if view.camera.zoom < READABLE:
            self._paint_titles(painter, view, rows)
            return
        if self._words_of != (view.scene, view.shading):
            self._words, self._words_of = {}, (view.scene, view.shading)
        painter.save()
        painter.scale(view.camera.zoom, view.camera.zoom)
        painter.translate(-view.camera.x, -view.camera.y)
        for row in rows[view.scene.frames.y[rows] + HEADER > view.area.top()].tolist():
            self._paint_header(painter, view, row)
        painter.restore()
        self._paint_stuck(painter, view, rows)

    def _paint_header(self, painter: QPainter, view: View, row: int) -> None:
        """Name left of the axis, figure right of it, and the button to close."""
        colours, frame = theme.current(), view.scene.frames.rectangle(row)
        if (words := self._words.get(row)) is None:
            words = self._words[row] = self._fitted(view, row)
        baseline = frame.top() + 20.0
        painter.setFont(words.font)
        painter.setPen(colours.dim)
        painter.drawText(QPointF(frame.left() + NAME_INSET, baseline), words.name)
        middle = close_button(frame).center()
        painter.setPen(QPen(colours.faint, 1.4))
        painter.drawLine(middle - QPointF(3.5, 0), middle + QPointF(3.5, 0))
        if len(words.figure) > 1:
            painter.setFont(theme.font(theme.TINY))
            painter.setPen(colours.faint)
            painter.drawText(QPointF(words.figure_left, baseline), words.figure)

    def _fitted(self, view: View, row: int) -> "_Words":
        """The words on a header, cut where there is too little room on a side of the axis."""
        frames = view.scene.frames
        frame, axis, item = frames.rectangle(row), float(frames.axis[row]), int(frames.items[row])
        font = self._name_font(view, item)
        room = axis - 8.0 - frame.left() - NAME_INSET
        name = QFontMetricsF(font).elidedText(
            self._labels.name(item), Qt.TextElideMode.ElideMiddle, room
        )
        right = close_button(frame).left() - 4
        metrics = QFontMetricsF(theme.font(theme.TINY))
        figure = view.shading.look(item).figure or self._labels.detail(item)
        figure = metrics.elidedText(figure, Qt.TextElideMode.ElideRight, right - axis - 8)
        return _Words(name, font, figure, right - metrics.horizontalAdvance(figure))

    def _name_font(self, view: View, item: int) -> QFont:
        """Groups that the model does not name are set in italics."""
        tree = view.scene.tree
        font = QFont(theme.font(theme.SMALL, QFont.Weight.DemiBold))
        font.setItalic(bool(tree.inferred[item - tree.root]))
        return font

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
            tag = self._tag(painter, view, row)
            place = self._place(view, row, view.inset + level * (TITLE_HEIGHT + 4) + 4)
            painter.drawPixmap(place, tag)

    def _paint_titles(self, painter: QPainter, view: View, rows: Ints) -> None:
        """Names in a size that can be read, where frames are large enough for them.

        Those of one depth are shown together or not at all.
        """
        frames, zoom = view.scene.frames, view.camera.zoom
        wide = frames.width[rows] * zoom >= LEAST_WIDTH
        rows = rows[wide & (frames.height[rows] * zoom >= LEAST_HEIGHT)]
        depths = frames.depth[rows]
        taken: list[QRectF] = []
        for depth in np.unique(depths).tolist():
            here = rows[depths == depth].tolist()
            if len(taken) + len(here) > MOST_TITLES:
                return
            for row in here:
                self._paint_title(painter, view, row, taken)

    def _paint_title(self, painter: QPainter, view: View, row: int, taken: list[QRectF]) -> None:
        frames, zoom = view.scene.frames, view.camera.zoom
        tag = self._tag(painter, view, row)
        y = max((float(frames.y[row]) - view.camera.y) * zoom + 3, view.inset + 4)
        area = QRectF(self._place(view, row, y), tag.deviceIndependentSize())
        right = (float(frames.x[row] + frames.width[row]) - view.camera.x) * zoom
        if area.right() <= right and not any(area.intersects(other) for other in taken):
            taken.append(area)
            painter.drawPixmap(area.topLeft(), tag)

    def _place(self, view: View, row: int, y: float) -> QPointF:
        """Of a tag: at the frame's left, or at the view's where the frame begins before it."""
        left = (float(view.scene.frames.x[row]) - view.camera.x) * view.camera.zoom
        return QPointF(round(max(left + 4, 6.0)), round(y))

    def _tag(self, painter: QPainter, view: View, row: int) -> QPixmap:
        """A name on a small ground of its own, readable over boxes and lines."""
        item = int(view.scene.frames.items[row])
        key = (item, theme.current().name, painter.device().devicePixelRatio())
        if key not in self._tags:
            if len(self._tags) > KEPT:
                self._tags.clear()
            self._tags[key] = self._fresh_tag(view, item, key[2])
        return self._tags[key]

    def _fresh_tag(self, view: View, item: int, ratio: float) -> QPixmap:
        font, colours = self._name_font(view, item), theme.current()
        metrics = QFontMetricsF(font)
        name = metrics.elidedText(self._labels.name(item), Qt.TextElideMode.ElideMiddle, WIDEST)
        width = math.ceil(metrics.horizontalAdvance(name)) + 16
        pixmap = QPixmap(round(width * ratio), round((TITLE_HEIGHT + 1) * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
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
