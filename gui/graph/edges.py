"""Draws the lines between boxes: all of a frame in one call, curves as many short pieces."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.model.columns import distinct
from gui import theme
from gui.graph.camera import Camera
from gui.graph.primitives import draw_lines, draw_straight, on_pixels
from gui.graph.scene import Floats, Ints, Lines
from gui.graph.view import View

ALL = 0.3
"""Zoom from which every line is drawn; below only the taller ones."""
LEAST = 5.0
"""Pixels of height of the shortest line that is drawn below that zoom."""
MOST = 4000
STRONG = 0.75
"""Zoom from which lines have their full width. Qt draws those of width 1 much faster."""
PIECE = 6.0
"""Pixels of a curve that are drawn as one straight piece."""
MOST_PIECES = 24
BUDGET = 5000
"""Pieces per frame; where there would be more, curves have longer pieces."""
MOST_PIXELS = 60_000.0
"""Pixels of lines per frame while not all are drawn."""
SHORTEST = 3.0
"""Pixels of the shortest piece of a line that is drawn while not all lines are."""
MARGIN = 40.0


class Edges:
    """The lines of one scene."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def paint(self, painter: QPainter, view: View) -> None:
        """All lines of the view; those of the path that stands out once more, over the others."""
        colour = theme.mix(theme.current().faint, theme.current().background, 0.75)
        chosen = self._emphasized(view)
        if chosen is not None:
            colour = theme.mix(colour, theme.current().background, 0.45)
        width = 1.4 if view.camera.zoom >= STRONG else 1.0
        _paint_segments(painter, view, self._all(view), colour, width)
        if chosen is not None:
            lines = self._seen(view)
            segments = _placed(view, self._of(view, lines[chosen[lines]]))
            _paint_segments(painter, view, segments, theme.current().accent, 2.4)

    def paint_touching(self, painter: QPainter, view: View, item: int) -> None:
        """The lines that begin or end at one box, in the colour of the selection."""
        lines = self._lines
        found = lines.within(view.area)
        found = found[(lines.sources[found] == item) | (lines.targets[found] == item)]
        segments = _placed(view, self._of(view, found))
        _paint_segments(painter, view, segments, theme.current().selection, 2.0)

    def _all(self, view: View) -> Floats:
        """What is drawn of all lines, on the widget."""
        zoom = view.camera.zoom
        if zoom < ALL:
            longest, whole = self._lines.longest_segments(view.area, SHORTEST / zoom, LEAST / zoom)
            segments = _placed(view, longest)
            if whole or _pixels(segments).sum() > MOST_PIXELS:
                return segments
        return _placed(view, self._of(view, self._seen(view)))

    def _seen(self, view: View) -> Ints:
        if view.camera.zoom >= ALL:
            return self._lines.within(view.area)
        return self._lines.longest_within(view.area, LEAST / view.camera.zoom, MOST)

    def _of(self, view: View, lines: Ints) -> Floats:
        """The segments of these lines that count at this zoom."""
        if view.camera.zoom >= ALL:
            return self._lines.segments(lines)
        return self._lines.segments_from(lines, SHORTEST / view.camera.zoom)

    def _emphasized(self, view: View) -> NDArray[np.bool_] | None:
        """Which lines belong to the path that stands out; None where there is no path."""
        if view.emphasis is None or not view.emphasis.lines:
            return None
        items = view.emphasis.items
        return items[self._lines.sources] & items[self._lines.targets]


def _placed(view: View, segments: Floats) -> Floats:
    """Those that are seen, on the widget."""
    around = view.area.adjusted(*(side * MARGIN / view.camera.zoom for side in (-1, -1, 1, 1)))
    return _on_widget(clipped_upright(_touching(segments, around), around), view.camera)


def _paint_segments(
    painter: QPainter, view: View, segments: Floats, colour: QColor, width: float
) -> None:
    """`segments` are on the widget."""
    whole = view.camera.zoom >= ALL
    if not whole:
        segments = _affordable(segments)
    if width == 1.0 and on_pixels(painter):
        straight = (segments[:, 0] == segments[:, 2]) | (segments[:, 1] == segments[:, 3])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        draw_straight(painter, segments[straight])
        segments = segments[~straight]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(colour, width))
    draw_lines(painter, curved(segments) if whole else segments)


def _affordable(segments: Floats) -> Floats:
    """The longer ones, as many as can be painted within a frame; of equally long ones all or none:
    blocks that are alike shall look alike."""
    length = _pixels(segments)
    if length.sum() <= MOST_PIXELS:
        return segments
    longest_first = -np.sort(-length)
    place = int(np.searchsorted(np.cumsum(longest_first), MOST_PIXELS))
    return segments if place >= len(length) else segments[length > longest_first[place] + 1.5]


def _pixels(segments: Floats) -> Floats:
    """Lengths of segments on the widget."""
    return np.abs(segments[:, 2] - segments[:, 0]) + np.abs(segments[:, 3] - segments[:, 1])


def _touching(segments: Floats, area: QRectF) -> Floats:
    x1, y1, x2, y2 = segments.T
    across = (np.minimum(x1, x2) < area.right()) & (np.maximum(x1, x2) > area.left())
    down = (np.minimum(y1, y2) < area.bottom()) & (np.maximum(y1, y2) > area.top())
    return segments[across & down]


def clipped_upright(segments: Floats, area: QRectF) -> Floats:
    """Vertical and horizontal segments cut to `area`: Qt is slow with very long ones."""
    segments = segments.copy()
    upright = np.abs(segments[:, 2] - segments[:, 0]) < 0.5
    level = np.abs(segments[:, 3] - segments[:, 1]) < 0.5
    for places, first, least, most in (
        (upright, 1, area.top(), area.bottom()),
        (level, 0, area.left(), area.right()),
    ):
        for column in (first, first + 2):
            segments[places, column] = np.clip(segments[places, column], least, most)
    return segments


def _on_widget(segments: Floats, camera: Camera) -> Floats:
    """In the widget's pixels; x in their middle, so that vertical lines are sharp."""
    placed = (segments - (camera.x, camera.y, camera.x, camera.y)) * camera.zoom
    placed[:, [0, 2]] = np.floor(placed[:, [0, 2]]) + 0.5
    return placed


def curved(segments: Floats) -> Floats:
    """Slanted segments as an S that begins and ends vertically, cut into straight pieces."""
    across = np.abs(segments[:, 2] - segments[:, 0])
    down = np.abs(segments[:, 3] - segments[:, 1])
    pieces = np.clip(np.ceil((across + down) / PIECE), 2, MOST_PIECES).astype(np.int64)
    pieces[(across < 1.5) | (down < 1.5)] = 1
    spare = max(BUDGET - int((pieces == 1).sum()), len(segments))
    if (wanted := int(pieces[pieces > 1].sum())) > spare:
        pieces = np.maximum(pieces * spare // wanted, 1)
    parts = [segments[pieces == 1]]
    for count in distinct(pieces[pieces > 1]).tolist():
        parts.append(_curves(segments[pieces == count], count))
    return np.concatenate(parts)


def _curves(segments: Floats, pieces: int) -> Floats:
    """Bézier curves whose middle points lie half way down, above and below the ends."""
    share = np.linspace(0.0, 1.0, pieces + 1)[:, np.newaxis]
    aside = share * share * (3 - 2 * share)
    below = (3 * share * (1 - share) + 2 * share**3) / 2
    x = segments[:, 0] + (segments[:, 2] - segments[:, 0]) * aside
    y = segments[:, 1] + (segments[:, 3] - segments[:, 1]) * below
    found = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=-1)
    return found.reshape(-1, 4)
