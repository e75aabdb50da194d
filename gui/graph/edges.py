"""Draws the lines between boxes: straight ones in one call, curves as kept paths."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui import theme
from gui.graph.camera import Camera
from gui.graph.primitives import draw_lines
from gui.graph.scene import Ints, Lines

CURVED = 0.3
"""Zoom from which lines are curves."""
MOST_CURVED = 12_000.0
"""Pixels of smooth curves per frame; what is more is drawn as thin straight segments."""
MOST_SEGMENTS = 3000
KEPT = 20_000
MARGIN = 40.0


class Edges:
    """Keeps the curves of one scene's lines in the drawing's coordinates."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._paths: dict[int, QPainterPath] = {}

    def paint(self, painter: QPainter, camera: Camera, area: QRectF) -> None:
        colour = theme.mix(theme.current().faint, theme.current().background, 0.75)
        if camera.zoom < CURVED:
            found = self._lines.longest_within(area, 3.0 / camera.zoom, MOST_SEGMENTS)
            self._paint_thin(painter, camera, area, found, colour)
            return
        found = self._lines.within(area)
        straight = self._lines.straight[found]
        smooth, thin = self._parted(camera, area, found[~straight])
        self._paint_thin(painter, camera, area, thin, colour)
        self._paint_straight(painter, camera, found[straight], colour)
        self._paint_curves(painter, camera, smooth, QPen(colour, 1.4))

    def paint_touching(self, painter: QPainter, camera: Camera, area: QRectF, item: int) -> None:
        """The lines that begin or end at one box, in the colour of the selection."""
        lines = self._lines
        found = lines.within(area)
        found = found[(lines.sources[found] == item) | (lines.targets[found] == item)]
        smooth, thin = self._parted(camera, area, found)
        colour = theme.current().selection
        self._paint_thin(painter, camera, area, thin, colour)
        self._paint_curves(painter, camera, smooth, QPen(colour, 2.0))

    def _parted(self, camera: Camera, area: QRectF, lines: Ints) -> tuple[Ints, Ints]:
        """Lines to draw as curves, the shortest first, and those for which that is too slow."""
        bounds = self._lines
        across = np.minimum(bounds.right[lines], area.right()) - np.maximum(
            bounds.left[lines], area.left()
        )
        down = np.minimum(bounds.bottom[lines], area.bottom()) - np.maximum(
            bounds.top[lines], area.top()
        )
        length = (across + down) * camera.zoom
        order = np.argsort(length, kind="stable")
        count = int(np.searchsorted(np.cumsum(length[order]), MOST_CURVED))
        return lines[order[:count]], lines[order[count:]]

    def _paint_straight(
        self, painter: QPainter, camera: Camera, lines: Ints, colour: QColor
    ) -> None:
        """Vertical lines, sharp on the pixel grid."""
        if not len(lines):
            return
        x = np.floor((self._lines.left[lines] - camera.x) * camera.zoom) + 0.5
        top = (self._lines.top[lines] - camera.y) * camera.zoom
        bottom = (self._lines.bottom[lines] - camera.y) * camera.zoom
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(colour, 1.4))
        draw_lines(painter, np.stack([x, np.maximum(top, -MARGIN), x, bottom], axis=1))

    def _paint_curves(self, painter: QPainter, camera: Camera, lines: Ints, pen: QPen) -> None:
        if not len(lines):
            return
        pen.setCosmetic(True)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.scale(camera.zoom, camera.zoom)
        painter.translate(-camera.x, -camera.y)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in lines.tolist():
            painter.drawPath(self._path(line))
        painter.restore()

    def _path(self, line: int) -> QPainterPath:
        path = self._paths.get(line)
        if path is None:
            if len(self._paths) > KEPT:
                self._paths.clear()
            path = self._paths[line] = curve_through(self._lines.route(line))
        return path

    def _paint_thin(
        self,
        painter: QPainter,
        camera: Camera,
        area: QRectF,
        lines: Ints,
        colour: QColor,
    ) -> None:
        if not len(lines):
            return
        segments = self._lines.segments(lines)[:MOST_SEGMENTS]
        segments = clipped(segments, area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))
        segments = (segments - (camera.x, camera.y, camera.x, camera.y)) * camera.zoom
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(colour, 0))
        draw_lines(painter, segments)


def curve_through(points: list[list[float]]) -> QPainterPath:
    """Vertical where it passes a rank, an S between ranks."""
    path = QPainterPath(QPointF(*points[0]))
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x1 - x0) < 0.5:
            path.lineTo(x1, y1)
        else:
            bend = (y1 - y0) * 0.5
            path.cubicTo(x0, y0 + bend, x1, y1 - bend, x1, y1)
    return path


def clipped(segments: NDArray[np.float64], area: QRectF) -> NDArray[np.float64]:
    """The parts of segments (x1, y1, x2, y2) inside `area`; after Liang and Barsky (1984)."""
    x, y = segments[:, 0], segments[:, 1]
    dx, dy = segments[:, 2] - x, segments[:, 3] - y
    start, stop = np.zeros(len(x)), np.ones(len(x))
    kept = np.ones(len(x), bool)
    for step, room in (
        (-dx, x - area.left()),
        (dx, area.right() - x),
        (-dy, y - area.top()),
        (dy, area.bottom() - y),
    ):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = room / step
        kept &= (step != 0) | (room >= 0)
        start = np.where(step < 0, np.fmax(start, share), start)
        stop = np.where(step > 0, np.fmin(stop, share), stop)
    kept &= start <= stop
    return np.stack([x + start * dx, y + start * dy, x + stop * dx, y + stop * dy], axis=1)[kept]
