"""A drawing as arrays that are quick to cut to the view and to search under the mouse."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from core.layout import Drawing, Tree
from core.layout.group_layout import HEADER
from core.layout.structure import ranges

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW_TALL = 30_000
"""So many lines are looked through faster than the part of the drawing is searched."""
FEW_LONG = 40_000
"""The same for segments."""
COARSE = 6.0
"""Segments shorter than this, such as those of rounded turns, are left out from far away."""
_TALL = 900.0
"""Lines longer than this are kept apart, so that the sorted search for the others stays narrow."""


@dataclass(frozen=True)
class Rows:
    """Boxes or frames: parallel arrays."""

    items: Ints
    x: Floats
    y: Floats
    width: Floats
    height: Floats
    axis: Floats
    depth: Ints

    def __len__(self) -> int:
        return len(self.items)

    def rectangle(self, row: int) -> QRectF:
        return QRectF(
            float(self.x[row]),
            float(self.y[row]),
            float(self.width[row]),
            float(self.height[row]),
        )


class Scene:
    """Boxes are sorted by their top, frames from outside inwards."""

    def __init__(self, tree: Tree, drawing: Drawing) -> None:
        self.tree = tree
        self.drawing = drawing
        self.expanded = drawing.expanded
        self.boxes = _rows(drawing, np.flatnonzero(~drawing.open), by_depth=False)
        self.frames = _rows(drawing, np.flatnonzero(drawing.open), by_depth=True)
        self.shown = tree.visible(self.expanded)
        """Item to the box that stands for it."""
        self._box_row = _row_of(self.boxes, tree.items)
        self._frame_row = _row_of(self.frames, tree.items)
        self._tallest = float(self.boxes.height.max(initial=0.0))
        self.lines = Lines(drawing)

    @property
    def bounds(self) -> QRectF:
        return QRectF(0.0, 0.0, float(self.drawing.size[0]), float(self.drawing.size[1]))

    @property
    def spine(self) -> float:
        """x of the axis on which the model's own line runs straight down."""
        return float(self.drawing.spine)

    def boxes_in(self, area: QRectF) -> Ints:
        """Rows of the boxes that touch `area`."""
        boxes = self.boxes
        first, last = self._boxes_beside(area)
        x = boxes.x[first:last]
        here = (x < area.right()) & (x + boxes.width[first:last] > area.left())
        return (
            np.flatnonzero(here & (boxes.y[first:last] + boxes.height[first:last] > area.top()))
            + first
        )

    def boxes_about(self, area: QRectF) -> int:
        """No fewer than touch `area`: those beside it count too."""
        first, last = self._boxes_beside(area)
        return last - first

    def _boxes_beside(self, area: QRectF) -> tuple[int, int]:
        first = np.searchsorted(self.boxes.y, area.top() - self._tallest)
        return int(first), int(np.searchsorted(self.boxes.y, area.bottom()))

    def frames_in(self, area: QRectF) -> Ints:
        """Rows of the frames that touch `area`, from outside inwards."""
        frames = self.frames
        across = (frames.x < area.right()) & (frames.x + frames.width > area.left())
        down = (frames.y < area.bottom()) & (frames.y + frames.height > area.top())
        return np.flatnonzero(across & down)

    def rectangle(self, item: int) -> QRectF | None:
        """Where an item's box or frame is, or None when it lies in a closed group."""
        if (row := int(self._box_row[item])) >= 0:
            return self.boxes.rectangle(row)
        if (row := int(self._frame_row[item])) >= 0:
            return self.frames.rectangle(row)
        return None

    def box_row(self, item: int) -> int:
        """−1 when the item has no box."""
        return int(self._box_row[item])

    def nearest_box(self, area: QRectF) -> int | None:
        """Of the boxes that touch `area`, the one nearest to its middle."""
        rows = self.boxes_in(area)
        if not len(rows):
            return None
        across = self.boxes.axis[rows] - area.center().x()
        down = self.boxes.y[rows] + self.boxes.height[rows] / 2 - area.center().y()
        return int(self.boxes.items[rows[np.hypot(across, down).argmin()]])

    def item_at(self, point: QPointF) -> int | None:
        """The box under a point; else the innermost frame; None on the ground."""
        spot = QRectF(point.x() - 0.01, point.y() - 0.01, 0.02, 0.02)
        if len(rows := self.boxes_in(spot)):
            return int(self.boxes.items[rows[0]])
        if len(rows := self.frames_in(spot)):
            return int(self.frames.items[rows[-1]])
        return None

    def frame_at(self, point: QPointF) -> int | None:
        """The innermost open group around a point."""
        rows = self.frames_in(QRectF(point.x(), point.y(), 0.01, 0.01))
        return int(self.frames.items[rows[-1]]) if len(rows) else None

    def header_at(self, point: QPointF) -> int | None:
        """The open group whose header is under a point."""
        group = self.frame_at(point)
        frame = self.rectangle(group) if group is not None else None
        return group if frame is not None and point.y() < frame.top() + HEADER else None


class Lines:
    """The lines of a drawing with their bounds; short ones sorted by their top."""

    def __init__(self, drawing: Drawing) -> None:
        self.points = drawing.points
        self.starts = drawing.starts
        self.sources = drawing.line_sources
        self.targets = drawing.line_targets
        first = drawing.starts[:-1]
        x, y = np.ascontiguousarray(drawing.points.T)
        self._lengths = np.abs(np.diff(x)) + np.abs(np.diff(y))
        """Of the segment from each point; from a line's last point there is none."""
        self._coarse, self._coarse_starts = self._without_short(drawing.starts)
        empty = np.empty(0)
        self.left = np.minimum.reduceat(x, first) if len(first) else empty
        self.right = np.maximum.reduceat(x, first) if len(first) else empty
        self.top = np.minimum.reduceat(y, first) if len(first) else empty
        self.bottom = np.maximum.reduceat(y, first) if len(first) else empty
        tall = self.bottom - self.top > _TALL
        self._tall = np.flatnonzero(tall)
        short = np.flatnonzero(~tall)
        self._short = short[np.argsort(self.top[short])]
        self._short_top = self.top[self._short]
        height = self.bottom - self.top
        self._long, self._long_lengths, self._long_heights = self._longest(height)
        """The longest segments with their lengths and the heights of their lines."""
        few = min(FEW_TALL, len(height))
        tallest = np.argpartition(-height, few - 1)[:few] if few else np.empty(0, np.int64)
        self._tallest_first = tallest[np.argsort(-height[tallest])]
        self._falling = -height[self._tallest_first]

    def __len__(self) -> int:
        return len(self.sources)

    def within(self, area: QRectF) -> Ints:
        """Numbers of the lines whose bounds touch `area`."""
        first = np.searchsorted(self._short_top, area.top() - _TALL)
        last = np.searchsorted(self._short_top, area.bottom())
        found = np.concatenate([self._short[first:last], self._tall])
        return found[self._touch(found, area)]

    def longest_within(self, area: QRectF, least: float, most: int) -> Ints:
        """Lines of at least a height of `least`; where these are more than `most`, the taller ones
        among them. Of equally tall ones all or none: blocks that are alike shall look alike."""
        count = int(np.searchsorted(self._falling, -least))
        if count < FEW_TALL:
            found = self._tallest_first[:count]
            found = found[self._touch(found, area)]
        else:
            found = self.within(area)
            found = found[self.bottom[found] - self.top[found] >= least]
        if len(found) > most:
            height = self.bottom[found] - self.top[found]
            found = found[height > -np.partition(-height, most)[most] + 0.5]
        return found

    def longest_segments(self, area: QRectF, least: float, height: float) -> tuple[Floats, bool]:
        """Segments of at least a length of `least`, no less than COARSE, in lines of at least a
        height; False where these are only the longest of them."""
        count = int(np.searchsorted(-self._long_lengths, -least, "right"))
        x1, y1, x2, y2 = self._long[:, :count]
        found = (np.minimum(y1, y2) < area.bottom()) & (np.maximum(y1, y2) > area.top())
        found &= (np.minimum(x1, x2) <= area.right()) & (np.maximum(x1, x2) >= area.left())
        found &= self._long_heights[:count] >= height
        whole = count < len(self._long) or count == len(self._coarse)
        return self._long[:, :count][:, found].T, whole

    def _longest(self, heights: Floats) -> tuple[Floats, Floats, Floats]:
        """x1, y1, x2, y2 as rows of an array, the lengths, and the heights of the lines."""
        lengths = self._lengths[self._coarse]
        few = min(FEW_LONG, len(lengths))
        chosen = np.argpartition(-lengths, few - 1)[:few] if few else np.empty(0, np.int64)
        chosen = chosen[np.argsort(-lengths[chosen])]
        lines = np.searchsorted(self._coarse_starts, chosen, "right") - 1
        segments = self._from(self._coarse[chosen])
        return np.ascontiguousarray(segments.T), lengths[chosen], heights[lines]

    def _touch(self, lines: Ints, area: QRectF) -> NDArray[np.bool_]:
        down = (self.top[lines] < area.bottom()) & (self.bottom[lines] > area.top())
        across = (self.left[lines] <= area.right()) & (self.right[lines] >= area.left())
        return down & across

    def _without_short(self, starts: Ints) -> tuple[Ints, Ints]:
        """The points from which a segment goes that counts from far away, and where each line's
        begin among them."""
        counts = self._lengths >= COARSE
        counts[starts[1:-1] - 1] = False
        coarse = np.flatnonzero(counts)
        return coarse, np.searchsorted(coarse, starts)

    def segments(self, lines: Ints) -> Floats:
        """All segments of these lines as x1, y1, x2, y2; shape (n, 4)."""
        return self._from(ranges(self.starts[lines], self.starts[lines + 1] - 1))

    def segments_from(self, lines: Ints, least: float) -> Floats:
        """Those of at least this length, which is no less than COARSE."""
        bounds = self._coarse_starts
        first = self._coarse[ranges(bounds[lines], bounds[lines + 1])]
        return self._from(first[self._lengths[first] >= least])

    def _from(self, first: Ints) -> Floats:
        return np.concatenate([self.points[first], self.points[first + 1]], axis=1)


def _rows(drawing: Drawing, chosen: Ints, *, by_depth: bool) -> Rows:
    key = drawing.depth[chosen] if by_depth else drawing.y[chosen]
    order = chosen[np.argsort(key, kind="stable")]
    return Rows(
        items=drawing.items[order],
        x=drawing.x[order],
        y=drawing.y[order],
        width=drawing.width[order],
        height=drawing.height[order],
        axis=drawing.axis[order],
        depth=drawing.depth[order],
    )


def _row_of(rows: Rows, items: int) -> Ints:
    number = np.full(items, -1, np.int64)
    number[rows.items] = np.arange(len(rows))
    return number
