"""Draws the open groups: quiet frames, or bands in their colours from far away."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.model.columns import distinct
from gui import theme
from gui.graph.primitives import draw_rectangles
from gui.graph.scene import Ints
from gui.graph.shading import NEUTRAL
from gui.graph.view import View

RADIUS = 12.0
LEAST = 3.5
"""Frames of fewer pixels in width or height are left out."""
OUTLINED = 14.0
"""Pixels of height from which frames have an outline."""
ROUNDED = 0.5
"""Zoom from which frames have round corners."""
MOST = 16_000
"""Frames in one view; of more only the highest are drawn."""
OUTSIDE = 60.0
"""Frames are cut this far outside the view: huge rounded rectangles are slow."""
BUTTON = 18.0
BAND, BAND_AROUND = 0.6, 0.14
"""Share of the colour in a band that holds no other, and in one around others."""


def seen_frames(view: View) -> Ints:
    """Rows of the frames to draw, from outside inwards."""
    frames, zoom = view.scene.frames, view.camera.zoom
    rows = view.scene.frames_in(view.area)
    rows = rows[np.minimum(frames.width[rows], frames.height[rows]) * zoom > LEAST]
    if len(rows) > MOST:
        # All of one height or none: half of a row of blocks would look like a fault.
        least = -np.partition(-frames.height[rows], MOST)[MOST]
        rows = rows[frames.height[rows] > least + 0.5]
    return rows


def paint_frames(painter: QPainter, view: View, rows: Ints, *, banded: bool) -> None:
    """The frames alone; they lie under the lines. Bands have the colours of what is in them."""
    rows = rows[_last_around(view, rows) :]
    if view.camera.zoom >= ROUNDED:
        _paint_round(painter, view, rows)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if banded:
        _paint_bands(painter, view, rows)
        return
    depths = view.scene.frames.depth[rows]
    areas = _areas(view, rows)
    for depth in distinct(depths).tolist():
        _paint_plain(painter, areas[depths == depth], _fill(depth))


def _last_around(view: View, rows: Ints) -> int:
    """Place of the innermost frame that fills the whole view: those before it are not seen."""
    frames = view.scene.frames
    left, top = frames.x[rows], frames.y[rows]
    right, bottom = left + frames.width[rows], top + frames.height[rows]
    area = view.area.adjusted(-RADIUS, -RADIUS, RADIUS, RADIUS)
    around = (left < area.left()) & (top < area.top())
    around &= (right > area.right()) & (bottom > area.bottom())
    places = np.flatnonzero(around)
    return int(places[-1]) if len(places) else 0


def _fill(depth: int) -> QColor:
    colours = theme.current()
    return theme.mix(colours.background, colours.panel, 0.5) if depth % 2 else colours.panel


def _paint_round(painter: QPainter, view: View, rows: Ints) -> None:
    camera = view.camera
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.current().line, 1))
    around = view.area.adjusted(-OUTSIDE, -OUTSIDE, OUTSIDE, OUTSIDE)
    radius = RADIUS * camera.zoom
    for row, depth in zip(rows.tolist(), view.scene.frames.depth[rows].tolist(), strict=True):
        shown = view.scene.frames.rectangle(row).intersected(around)
        painter.setBrush(_fill(depth))
        area = QRectF(camera.to_view(shown.topLeft()), shown.size() * camera.zoom)
        painter.drawRoundedRect(area, radius, radius)


def _paint_plain(painter: QPainter, areas: NDArray[np.float64], fill: QColor) -> None:
    large = areas[:, 3] >= OUTLINED
    painter.setBrush(fill)
    painter.setPen(QPen(theme.current().line, 0))
    draw_rectangles(painter, areas[large])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.mix(theme.current().line, fill, 0.6))
    draw_rectangles(painter, areas[~large])


def _innermost(view: View, rows: Ints) -> NDArray[np.bool_]:
    """Which of these frames hold none of the others."""
    items = view.scene.frames.items[rows]
    around = np.zeros(view.scene.tree.items, bool)
    around[view.scene.tree.parent[items]] = True
    return ~around[items]


def _paint_bands(painter: QPainter, view: View, rows: Ints) -> None:
    """In the colour of what is most in each group, strongly where it holds no other."""
    numbers = view.shading.bins(view.scene.frames.items[rows]) - NEUTRAL
    kinds = int(numbers.max(initial=0)) + 1
    inner = _innermost(view, rows)
    keys = (view.scene.frames.depth[rows] * 2 + ~inner) * kinds + numbers
    order = np.argsort(keys, kind="stable")
    keys, areas = keys[order], _areas(view, rows[order])
    inner = inner[order]
    areas[inner] = _parted(areas[inner])
    painter.setPen(Qt.PenStyle.NoPen)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    for start, stop in pairwise([*starts.tolist(), len(keys)]):
        number = int(keys[start]) % kinds + NEUTRAL
        colour = theme.current().line if number == NEUTRAL else view.shading.colour(number)
        share = BAND if inner[start] else BAND_AROUND
        painter.setBrush(theme.mix(colour, theme.current().panel, share))
        draw_rectangles(painter, areas[start:stop])


def _parted(areas: NDArray[np.float64]) -> NDArray[np.float64]:
    """On whole pixels with at least one free between neighbours, so that none seem to merge."""
    left_top = np.round(areas[:, :2])
    right_bottom = np.round(areas[:, :2] + areas[:, 2:]) - 1
    return np.concatenate([left_top, np.maximum(right_bottom - left_top, 1)], axis=1)


def _areas(view: View, rows: Ints) -> NDArray[np.float64]:
    """Place and size on the widget, cut near its edges; shape (n, 4)."""
    frames, camera, around = view.scene.frames, view.camera, view.area
    left = np.maximum(frames.x[rows], around.left() - OUTSIDE)
    top = np.maximum(frames.y[rows], around.top() - OUTSIDE)
    right = np.minimum(frames.x[rows] + frames.width[rows], around.right() + OUTSIDE)
    bottom = np.minimum(frames.y[rows] + frames.height[rows], around.bottom() + OUTSIDE)
    areas = np.empty((len(rows), 4))
    for column, values in enumerate((left - camera.x, top - camera.y, right - left, bottom - top)):
        areas[:, column] = values * camera.zoom
    return areas


def close_button(frame: QRectF) -> QRectF:
    """Where the button that closes a frame lies, in the drawing's coordinates."""
    return QRectF(frame.right() - BUTTON - 8, frame.top() + 6, BUTTON, BUTTON)
