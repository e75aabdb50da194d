"""Paints one view of the graph: ground, frames, lines, boxes, and what is marked."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from gui import theme
from gui.graph.camera import Camera
from gui.graph.edges import Edges
from gui.graph.frames import RADIUS, Frames
from gui.graph.labels import Labels
from gui.graph.nodes import Nodes
from gui.graph.scene import Scene
from gui.graph.view import View

DOT_STEP = 22


@dataclass(frozen=True)
class Marks:
    """Items that are marked; −1 means none."""

    selected: int = -1
    hovered: int = -1


class GraphPainter:
    """What is kept between frames for one model."""

    def __init__(self, labels: Labels) -> None:
        self.nodes = Nodes(labels)
        self._frames = Frames(labels)
        self._edges: Edges | None = None
        self._scene: Scene | None = None

    def paint(self, painter: QPainter, view: View, marks: Marks) -> None:
        """Paint the view with its top left corner at the painter's origin."""
        edges = self._edges_of(view.scene)
        paint_ground(painter, view.size, view.camera)
        self._frames.paint(painter, view)
        edges.paint(painter, view.camera, view.area)
        if marks.selected >= 0:
            edges.paint_touching(painter, view.camera, view.area, marks.selected)
        self._frames.paint_headers(painter, view)
        self.nodes.paint(painter, view)
        for item, width in ((marks.hovered, 1.5), (marks.selected, 3.0)):
            _paint_ring(painter, view, item, width)

    def _edges_of(self, scene: Scene) -> Edges:
        if self._edges is None or self._scene is not scene:
            self._edges, self._scene = Edges(scene.lines), scene
        return self._edges


def paint_ground(painter: QPainter, size: QSizeF, camera: Camera) -> None:
    """The background with its dots, which move along but keep their distance."""
    area = QRectF(QPointF(), size)
    shift = QPointF(_within_step(camera.x * camera.zoom), _within_step(camera.y * camera.zoom))
    painter.drawTiledPixmap(area, _dots(painter.device().devicePixelRatio()), shift)


def _within_step(offset: float) -> float:
    return math.floor(offset) % DOT_STEP


def _dots(ratio: float) -> QPixmap:
    side = int(DOT_STEP * ratio)
    tile = QPixmap(side, side)
    tile.setDevicePixelRatio(ratio)
    tile.fill(theme.current().background)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.current().grid)
    painter.drawEllipse(QPointF(DOT_STEP / 2, DOT_STEP / 2), 1.1, 1.1)
    painter.end()
    return tile


def _paint_ring(painter: QPainter, view: View, item: int, width: float) -> None:
    scene, camera = view.scene, view.camera
    rectangle = scene.rectangle(item) if item >= 0 else None
    if rectangle is None:
        return
    is_box = scene.box_row(item) >= 0
    port = is_box and scene.tree.layers <= item < scene.tree.root
    radius = rectangle.height() / 2 if port else float(theme.RADIUS) if is_box else RADIUS
    corner = camera.to_view(rectangle.topLeft())
    area = QRectF(corner, rectangle.size() * camera.zoom)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.current().selection, width))
    painter.drawRoundedRect(area, radius * camera.zoom, radius * camera.zoom)
