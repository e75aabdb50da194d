"""Breaks a long chain into columns that are read like those of a newspaper.

It breaks where a single line goes on: that line turns below its column, runs up beside it and
enters the next column from above.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.layout.layered import Placement, Point
from core.layout.layers import Pairs
from core.layout.placing import Box

TALL = 2600.0
"""Lower drawings are read by scrolling a little; higher ones are broken."""
SLENDER = 2.5
"""Only what is so many times higher than wide is broken."""
LEAST_COLUMN = 1500.0
SHAPE = 1.5
"""Width over height to aim at, about that of a screen."""
GUTTER = 56.0
LANE = 18.0
"""Room above and below the columns for a line that comes in, turns or leaves."""


@dataclass(frozen=True)
class Ports:
    """The boxes without size where lines meet the group's border."""

    entry: int | None = None
    exit: int | None = None


def wrapped(
    placement: Placement, boxes: Sequence[Box], edges: Pairs, ports: Ports, *, centred: bool
) -> Placement:
    """The placement in columns, or as it is where it need not or cannot be broken.

    With `centred`, lines come in and leave in the middle; else the axis is the first column's.
    """
    cuts = _cuts(placement)
    if not cuts:
        return placement
    columns = _Columns(placement, boxes, cuts)
    axis = (columns.width - GUTTER) / 2 if centred else columns.shifts[0]
    lines: list[list[Point]] = []
    for (source, target), line in zip(edges, placement.lines, strict=True):
        route = columns.route(line)
        if centred and source == ports.entry:
            route = [(axis, 0.0), (axis, LANE / 3), (route[0][0], LANE / 3), *route[1:]]
        if centred and target == ports.exit:
            lane = columns.height + LANE
            route = [*route[:-1], (route[-1][0], lane), (axis, lane), (axis, lane + LANE / 3)]
        lines.append([(x - axis, y) for x, y in route])
    moved = [columns.moved((x, y)) for x, y in zip(placement.x, placement.y, strict=True)]
    return replace(
        placement,
        x=[x - axis for x, _ in moved],
        y=[y for _, y in moved],
        lines=lines,
        left=axis,
        right=columns.width - GUTTER - axis,
        height=columns.height + LANE * (4 / 3),
        gaps=[],
    )


def _cuts(placement: Placement) -> list[tuple[float, float]]:
    """The gaps to break at, so that the columns become about equally high."""
    width, height = placement.left + placement.right, placement.height
    if height < TALL or height < SLENDER * width:
        return []
    wish = max(LEAST_COLUMN, math.sqrt(height * (width + GUTTER) / SHAPE))
    most = height / max(round(height / wish), 1)
    cuts: list[tuple[float, float]] = []
    start = 0.0
    for gap, following in pairwise([*placement.gaps, (height, height)]):
        if following[0] - start > most * 1.02 and gap[0] - start > most / 2:
            cuts.append(gap)
            start = gap[1]
    return cuts


class _Columns:
    """The stretches between the cuts side by side."""

    def __init__(
        self, placement: Placement, boxes: Sequence[Box], cuts: list[tuple[float, float]]
    ) -> None:
        self._middles = [(top + bottom) / 2 for top, bottom in cuts]
        self._tops = [0.0, *(bottom for _, bottom in cuts)]
        self._bottoms = [*(top for top, _ in cuts), placement.height]
        left, right = [0.0] * len(self._tops), [0.0] * len(self._tops)
        spots = [
            (x - box.left, x + box.right, y)
            for x, y, box in zip(placement.x, placement.y, boxes, strict=True)
        ]
        spots += [(x, x, y) for line in placement.lines for x, y in line]
        for one, other, y in spots:
            column = self._column(y)
            left[column] = max(left[column], -one)
            right[column] = max(right[column], other)
        self.shifts: list[float] = []
        self._edges: list[float] = []
        """Middle of the gutter behind each column."""
        self.width = 0.0
        for one, other in zip(left, right, strict=True):
            self.shifts.append(self.width + one)
            self.width += one + other + GUTTER
            self._edges.append(self.width - GUTTER / 2)
        heights = (bottom - top for top, bottom in zip(self._tops, self._bottoms, strict=True))
        self.height = LANE + max(heights)

    def _column(self, y: float) -> int:
        return bisect_right(self._middles, y)

    def moved(self, point: Point) -> Point:
        column = self._column(point[1])
        return point[0] + self.shifts[column], point[1] - self._tops[column] + LANE

    def route(self, line: list[Point]) -> list[Point]:
        """A line with a turn wherever it goes on in the next column."""
        route = [self.moved(line[0])]
        for (x, y), (next_x, next_y) in pairwise(line):
            for column in range(self._column(y), self._column(next_y)):
                below = self._bottoms[column] - self._tops[column] + LANE * 1.7
                beside, above = self._edges[column], LANE * (2 / 3)
                follows = self.shifts[column + 1]
                follows += next_x if column + 1 == self._column(next_y) else x
                route += [(x + self.shifts[column], below), (beside, below), (beside, above)]
                route.append((follows, above))
            route.append(self.moved((next_x, next_y)))
        return route
