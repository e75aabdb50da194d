"""Draws the lines between boxes: straight ones in one call, curves as kept paths."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui import theme
from gui.graph.camera import Camera
from gui.graph.primitives import draw_lines
from gui.graph.scene import Ints, Lines
from gui.graph.view import View

CURVED = 0.3
"""Zoom from which lines are curves."""
ROUNDED = 0.5
"""Zoom from which square turns are rounded."""
TURN = 10.0
"""Radius of a square turn."""
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

    def paint(self, painter: QPainter, view: View) -> None:
        """All lines of the view; those that are emphasized once more, over the others."""
        camera, area = view.camera, view.area
        colour = theme.mix(theme.current().faint, theme.current().background, 0.75)
        chosen = self._emphasized(view)
        if chosen is not None:
            colour = theme.mix(colour, theme.current().background, 0.45)
        self._paint_lines(painter, camera, area, self._seen(camera, area), QPen(colour, 1.4))
        if chosen is not None:
            found = self._lines.within(area)
            found = found[chosen[found]]
            self._paint_lines(painter, camera, area, found, QPen(theme.current().accent, 2.4))

    def _seen(self, camera: Camera, area: QRectF) -> Ints:
        if camera.zoom < CURVED:
            return self._lines.longest_within(area, 3.0 / camera.zoom, MOST_SEGMENTS)
        return self._lines.within(area)

    def _emphasized(self, view: View) -> NDArray[np.bool_] | None:
        """Which lines belong to the path that is emphasized; None where there is no path."""
        if view.emphasis is None or not view.emphasis.lines:
            return None
        items = view.emphasis.items
        return items[self._lines.sources] & items[self._lines.targets]

    def _paint_lines(
        self, painter: QPainter, camera: Camera, area: QRectF, lines: Ints, pen: QPen
    ) -> None:
        if camera.zoom < CURVED:
            self._paint_thin(painter, camera, area, lines, pen.color())
            return
        bounds = self._lines
        upright = bounds.straight[lines]
        level = ~upright & bounds.level[lines] & (camera.zoom < ROUNDED)
        smooth, thin = self._parted(camera, area, lines[~upright & ~level])
        thin = np.concatenate([thin, lines[level]])
        self._paint_thin(painter, camera, area, thin, pen.color())
        self._paint_straight(painter, camera, lines[upright], pen)
        self._paint_curves(painter, camera, smooth, pen)

    def paint_touching(self, painter: QPainter, camera: Camera, area: QRectF, item: int) -> None:
        """The lines that begin or end at one box, in the colour of the selection."""
        lines = self._lines
        found = lines.within(area)
        found = found[(lines.sources[found] == item) | (lines.targets[found] == item)]
        self._paint_lines(painter, camera, area, found, QPen(theme.current().selection, 2.0))

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

    def _paint_straight(self, painter: QPainter, camera: Camera, lines: Ints, pen: QPen) -> None:
        """Vertical lines, sharp on the pixel grid."""
        if not len(lines):
            return
        x = np.floor((self._lines.left[lines] - camera.x) * camera.zoom) + 0.5
        top = (self._lines.top[lines] - camera.y) * camera.zoom
        bottom = (self._lines.bottom[lines] - camera.y) * camera.zoom
        low = painter.window().height() + MARGIN
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(pen)
        rows = np.stack([x, np.maximum(top, -MARGIN), x, np.minimum(bottom, low)], axis=1)
        draw_lines(painter, rows)

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
    """Vertical where it passes a rank, an S between ranks, round where it turns square."""
    path = QPainterPath(QPointF(*points[0]))
    for index, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if abs(x1 - x0) < 0.5 or abs(y1 - y0) < 0.5:
            following = points[index + 2] if index + 2 < len(points) else None
            _go_on(path, (x0, y0), (x1, y1), following)
        else:
            bend = (y1 - y0) * 0.5
            path.cubicTo(x0, y0 + bend, x1, y1 - bend, x1, y1)
    return path


def _go_on(
    path: QPainterPath,
    start: tuple[float, float],
    corner: tuple[float, float],
    following: list[float] | None,
) -> None:
    """Straight on to a corner, which is rounded where the line turns square there."""
    (x0, y0), (x1, y1) = start, corner
    if following is None:
        path.lineTo(x1, y1)
        return
    x2, y2 = following
    turns = (abs(x1 - x0) < 0.5) != (abs(x2 - x1) < 0.5)
    square = min(abs(x2 - x1), abs(y2 - y1)) < 0.5
    reach = min(TURN, math.hypot(x1 - x0, y1 - y0) / 2, math.hypot(x2 - x1, y2 - y1) / 2)
    if not (turns and square) or reach < 0.5:
        path.lineTo(x1, y1)
        return
    path.lineTo(x1 + _towards(x1, x0) * reach, y1 + _towards(y1, y0) * reach)
    end = QPointF(x1 + _towards(x1, x2) * reach, y1 + _towards(y1, y2) * reach)
    path.quadTo(QPointF(x1, y1), end)


def _towards(here: float, there: float) -> float:
    return 0.0 if abs(there - here) < 0.5 else math.copysign(1.0, there - here)


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
