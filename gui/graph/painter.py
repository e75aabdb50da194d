"""Paints one view of the graph: ground, frames, lines, boxes, and what is marked."""

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from gui import theme
from gui.graph.badge_painter import paint_badges
from gui.graph.camera import Camera
from gui.graph.detail import visible_boxes
from gui.graph.edges import Edges
from gui.graph.frames import RADIUS, paint_frames, seen_frames
from gui.graph.headers import Headers
from gui.graph.labels import Labels
from gui.graph.nodes import Nodes
from gui.graph.scene import Scene
from gui.graph.view import View

DOT_STEP = 22
DOTS = 24
"""Dots across and down in the tile that the ground is made of."""


@dataclass(frozen=True)
class Marks:
    """Items that are marked; −1 means none."""

    selected: int = -1
    hovered: int = -1


class GraphPainter:
    """What is kept between frames for one model."""

    def __init__(self, labels: Labels) -> None:
        self._nodes = Nodes(labels)
        self._headers = Headers(labels)
        self._sprites = (self._nodes.sprites, *self._headers.sprites)
        self._edges: Edges | None = None
        self._scene: Scene | None = None

    @property
    def stale(self) -> bool:
        """Whether the last frame showed pictures that want making anew, or left some out."""
        return any(sprites.stale for sprites in self._sprites)

    def rest(self, at_rest: bool) -> None:
        """Whether the next frame only completes the one before."""
        for sprites in self._sprites:
            sprites.at_rest = at_rest

    def forget(self) -> None:
        """After the colouring, the theme or the screen changed."""
        self._nodes.sprites.forget()
        self._headers.forget()

    def paint(self, painter: QPainter, view: View, marks: Marks) -> None:
        """Paint the view with its top left corner at the painter's origin."""
        edges = self._edges_of(view.scene)
        boxes, frames = visible_boxes(view), seen_frames(view)
        paint_ground(painter, view.size, view.camera)
        paint_frames(painter, view, frames, banded=boxes is None)
        edges.paint(painter, view)
        if marks.selected >= 0:
            edges.paint_touching(painter, view, marks.selected)
        if boxes is not None:
            self._nodes.paint(painter, view, boxes)
        self._headers.paint(painter, view, frames)
        for item, width in ((marks.hovered, 1.5), (marks.selected, 3.0)):
            _paint_ring(painter, view, item, width)
        paint_badges(painter, view)

    def _edges_of(self, scene: Scene) -> Edges:
        if self._edges is None or self._scene is not scene:
            self._edges, self._scene = Edges(scene.lines), scene
        return self._edges


def paint_ground(painter: QPainter, size: QSizeF, camera: Camera) -> None:
    """The background with its dots, which move along but keep their distance."""
    area = QRectF(QPointF(), size)
    shift = QPointF(_within_step(camera.x * camera.zoom), _within_step(camera.y * camera.zoom))
    ratio = painter.device().devicePixelRatio()
    colours = theme.current()
    painter.drawTiledPixmap(area, _dots(ratio, colours.background.rgb(), colours.grid.rgb()), shift)


def _within_step(offset: float) -> float:
    return math.floor(offset) % DOT_STEP


@lru_cache(maxsize=2)
def _dots(ratio: float, ground: int, ink: int) -> QPixmap:
    """A tile of many dots: few large tiles are painted faster than many small ones."""
    image = QImage(
        round(DOT_STEP * DOTS * ratio), round(DOT_STEP * DOTS * ratio), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    image.fill(ground)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    for place in range(DOTS * DOTS):
        row, column = divmod(place, DOTS)
        middle = QPointF((column + 0.5) * DOT_STEP, (row + 0.5) * DOT_STEP)
        painter.drawEllipse(middle, 1.1, 1.1)
    painter.end()
    return QPixmap.fromImage(image)


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
