"""The whole drawing in a corner, with the part that is seen; click or drag to go elsewhere."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from core.model.columns import distinct
from gui import theme
from gui.graph.emphasis import Emphasis
from gui.graph.primitives import draw_rectangles
from gui.graph.scene import Scene
from gui.graph.shading import Shading

INSET = 8
MOST = QSize(104, 168)
LEAST_WIDTH = 64
MOST_BOXES = 6000
"""Of more only some are drawn: the map has fewer pixels."""


class Minimap(QWidget):
    wanted = Signal(QPointF)
    """The point of the drawing that a person wants in the middle."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Map of the whole graph")
        self.setToolTip("The whole graph; click or drag to go there")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._bounds = QRectF()
        self._seen = QRectF()
        self._image = QImage()
        self._scene: Scene | None = None
        self._emphasis: Emphasis | None = None

    def show_scene(self, scene: Scene, shading: Shading) -> None:
        """Draw the boxes once in their colours; stretches tall graphs to a readable width."""
        self._scene = scene
        self._bounds = scene.bounds.adjusted(-20, -20, 20, 20)
        shape = self._bounds.width() / max(self._bounds.height(), 1.0)
        height = MOST.height() - 2 * INSET
        width = int(min(max(shape * height, LEAST_WIDTH - 2 * INSET), MOST.width() - 2 * INSET))
        height = int(min(height, max(width / shape, 40)))
        self.resize(width + 2 * INSET, height + 2 * INSET)
        ratio = self.devicePixelRatioF()
        image = QImage(
            QSize(int(width * ratio), int(height * ratio)),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self._paint_boxes(painter, scene, shading, width, height)
        painter.end()
        self._image = image
        self.update()

    def _paint_boxes(
        self, painter: QPainter, scene: Scene, shading: Shading, width: int, height: int
    ) -> None:
        across, down = width / self._bounds.width(), height / self._bounds.height()
        boxes = scene.boxes
        rows = np.arange(0, len(boxes), max(len(boxes) // MOST_BOXES, 1))
        rectangles = np.stack(
            [
                (boxes.x[rows] - self._bounds.x()) * across,
                (boxes.y[rows] - self._bounds.y()) * down,
                np.maximum(boxes.width[rows] * across, 2.0),
                np.maximum(boxes.height[rows] * down, 1.0),
            ],
            axis=1,
        )
        painter.setPen(Qt.PenStyle.NoPen)
        numbers = shading.bins(boxes.items[rows])
        for number in distinct(numbers).tolist():
            painter.setBrush(shading.colour(number))
            draw_rectangles(painter, rectangles[numbers == number])

    def show_emphasis(self, emphasis: Emphasis | None) -> None:
        """Mark where the items are that stand out."""
        self._emphasis = emphasis
        self.update()

    def show_seen(self, seen: QRectF) -> None:
        if seen != self._seen:
            self._seen = seen
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.line, 1))
        painter.setBrush(colours.panel)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.drawImage(QPointF(INSET, INSET), self._image)
        self._paint_emphasis(painter)
        seen = self._in_map(self._seen).intersected(frame.adjusted(3, 3, -3, -3))
        if not seen.isEmpty():
            painter.setPen(QPen(colours.selection, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(seen, 3, 3)
        painter.end()

    def _paint_emphasis(self, painter: QPainter) -> None:
        """One mark per row of pixels in which something stands out, across the whole map."""
        scene, emphasis = self._scene, self._emphasis
        if scene is None or emphasis is None or len(emphasis.items) != scene.tree.items:
            return
        boxes = scene.boxes
        rows = np.flatnonzero(emphasis.items[boxes.items])
        down = (self.height() - 2 * INSET) / self._bounds.height()
        tops = distinct(np.round((boxes.y[rows] - self._bounds.y()) * down))
        marks = np.empty((len(tops), 4))
        marks[:] = (self.width() - INSET - 4, 0, 5, 2)
        marks[:, 1] = tops + INSET
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().warn)
        draw_rectangles(painter, marks)

    def _in_map(self, area: QRectF) -> QRectF:
        if self._bounds.isEmpty():
            return QRectF()
        across = (self.width() - 2 * INSET) / self._bounds.width()
        down = (self.height() - 2 * INSET) / self._bounds.height()
        return QRectF(
            INSET + (area.x() - self._bounds.x()) * across,
            INSET + (area.y() - self._bounds.y()) * down,
            area.width() * across,
            max(area.height() * down, 4.0),
        )

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and not self._bounds.isEmpty():
            place = event.position() - QPointF(INSET, INSET)
            across = place.x() / (self.width() - 2 * INSET)
            down = place.y() / (self.height() - 2 * INSET)
            self.wanted.emit(
                QPointF(
                    self._bounds.x() + across * self._bounds.width(),
                    self._bounds.y() + down * self._bounds.height(),
                )
            )
