"""Breaks a long chain into columns that are read like those of a newspaper.

It breaks where few lines go on: they turn below their column, run up beside it and enter the next
column from above.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.layout.layered import Gap, Placement
from core.layout.layers import Pairs
from core.layout.placing import Box
from core.layout.turns import Point, rounded

TALL = 2600.0
"""Lower drawings are read by scrolling a little; higher ones are broken."""
VERY_TALL = 8000.0
"""From this height on, several lines may turn side by side."""
SLENDER = 2.5
"""Only what is so many times higher than wide is broken."""
LEAST_COLUMN = 1500.0
LEAST_SHARE = 0.2
"""Of a column's wished height: no shorter one ends before a box that is higher than a column."""
SHAPE = 1.5
"""Width over height to aim at, about that of a screen."""
GUTTER = 56.0
BESIDE = 14.0
"""Between a column's boxes and the lines that pass them."""
TURN_GAP = 9.0
"""Between lines that turn side by side."""
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
    axis = columns.width / 2 if centred else columns.shifts[0]
    lines: list[list[Point]] = []
    for (source, target), line in zip(edges, placement.lines, strict=True):
        route = columns.route(line)
        if centred and source == ports.entry:
            route = [(axis, 0.0), (axis, LANE / 3), (route[0][0], LANE / 3), *route[1:]]
        if centred and target == ports.exit:
            lane = columns.height - LANE / 3
            route = [*route[:-1], (route[-1][0], lane), (axis, lane), (axis, columns.height)]
        lines.append(rounded([(x - axis, y) for x, y in route]))
    moved = [columns.moved((x, y)) for x, y in zip(placement.x, placement.y, strict=True)]
    return replace(
        placement,
        x=[x - axis for x, _ in moved],
        y=[y for _, y in moved],
        lines=lines,
        left=axis,
        right=columns.width - axis,
        height=columns.height,
        gaps=[],
    )


def _cuts(placement: Placement) -> list[Gap]:
    """The gaps to break at: where few lines go on, and so that the columns become about equal."""
    width, height = placement.left + placement.right, placement.height
    if height < TALL or height < SLENDER * width:
        return []
    wish = max(LEAST_COLUMN, math.sqrt(height * (width + GUTTER) / SHAPE))
    length = height / max(round(height / wish), 1)
    gaps = [gap for gap in placement.gaps if gap.links == 1 or height >= VERY_TALL]
    tops = [gap.top for gap in gaps]
    cuts: list[Gap] = []
    start = 0.0
    while height - start > length * 1.3:
        begin, short, wished, end = (
            bisect_right(tops, start + share * length) for share in (LEAST_SHARE, 0.7, 1.0, 1.1)
        )
        here = gaps[short:end]
        if not here:  # before a box that is higher than a column
            here = gaps[begin:short][-1:]
        if not here:  # nothing to break at: the column goes on to the next place where there is
            here = gaps[wished : wished + 1]
        if not here or height - here[0].bottom < length * 0.2:
            return cuts
        cuts.append(min(here, key=lambda gap: (gap.links, -gap.top)))
        start = cuts[-1].bottom
    return cuts


class _Columns:
    """The stretches between the cuts side by side."""

    def __init__(self, placement: Placement, boxes: Sequence[Box], cuts: list[Gap]) -> None:
        self._middles = [(cut.top + cut.bottom) / 2 for cut in cuts]
        self._tops = [0.0, *(cut.bottom for cut in cuts)]
        self._bottoms = [*(cut.top for cut in cuts), placement.height]
        self._lanes = self._lanes_of(placement, cuts)
        turns = max(len(lanes) for lanes in self._lanes) * TURN_GAP
        self._above = LANE + turns
        heights = (bottom - top for top, bottom in zip(self._tops, self._bottoms, strict=True))
        self.height = self._above + max(heights) + turns + LANE
        self._line_places = self._places_of_lines(placement)
        self._box_columns = [self._column(y) for y in placement.y]
        self._place(placement, boxes)

    def _lanes_of(self, placement: Placement, cuts: list[Gap]) -> list[dict[float, int]]:
        """For each cut: where lines reach it from above to the lane in which they turn, the
        rightmost first. So they turn without crossing each other."""
        places: list[set[float]] = [set() for _ in cuts]
        for line in placement.lines:
            if self._column(line[0][1]) == self._column(line[-1][1]):
                continue
            for (x, y), (_, below) in pairwise(line):
                one, two = sorted((self._column(y), self._column(below)))
                for crossed in places[one:two]:
                    crossed.add(x)
        return [{x: lane for lane, x in enumerate(sorted(each, reverse=True))} for each in places]

    def _place(self, placement: Placement, boxes: Sequence[Box]) -> None:
        self._aside = self._moved_in(placement, boxes)
        left, right = [0.0] * len(self._tops), [0.0] * len(self._tops)
        for x, column, box in zip(placement.x, self._box_columns, boxes, strict=True):
            left[column] = max(left[column], -self._across(column, x - box.left))
            right[column] = max(right[column], self._across(column, x + box.right))
        for column, xs in enumerate(self._line_places):
            moved = [self._across(column, x) for x in xs]
            left[column] = max(left[column], -min(moved, default=0.0))
            right[column] = max(right[column], max(moved, default=0.0))
        self.shifts: list[float] = []
        self._edges: list[float] = []
        """Where the first lane behind each column runs."""
        at = 0.0
        for column, (one, other) in enumerate(zip(left, right, strict=True)):
            self.shifts.append(at + one)
            self.width = at + one + other
            lanes = len(self._lanes[column]) if column < len(self._lanes) else 1
            at = self.width + GUTTER + TURN_GAP * (lanes - 1)
            self._edges.append(self.width + GUTTER / 2)

    def _moved_in(self, placement: Placement, boxes: Sequence[Box]) -> list[dict[float, float]]:
        """Per column: new places for lines that run far outside of its boxes, as they had to
        beside wider boxes in another column."""
        left, right = [0.0] * len(self._tops), [0.0] * len(self._tops)
        for x, column, box in zip(placement.x, self._box_columns, boxes, strict=True):
            left[column] = max(left[column], box.left - x)
            right[column] = max(right[column], box.right + x)
        places = [set(xs) for xs in self._line_places]
        for line in placement.lines:
            first, last = self._column(line[0][1]), self._column(line[-1][1])
            if first != last:
                for (x, y), (_, below) in pairwise(line):
                    for column in range(self._column(y), self._column(below) + 1):
                        places[column].add(x)
        moved: list[dict[float, float]] = []
        for column, xs in enumerate(places):
            outer = sorted(x for x in xs if x > right[column])
            inner = sorted((x for x in xs if x < -left[column]), reverse=True)
            found = {x: min(x, right[column] + BESIDE * (i + 1)) for i, x in enumerate(outer)}
            found |= {x: max(x, -left[column] - BESIDE * (i + 1)) for i, x in enumerate(inner)}
            moved.append(found)
        return moved

    def _places_of_lines(self, placement: Placement) -> list[set[float]]:
        """Per column: where the lines have their points in it."""
        places: list[set[float]] = [set() for _ in self._tops]
        for line in placement.lines:
            column = self._column(line[0][1])
            if column == self._column(line[-1][1]):
                places[column].update([x for x, _ in line])
            else:
                for x, y in line:
                    places[self._column(y)].add(x)
        return places

    def _across(self, column: int, x: float) -> float:
        return self._aside[column].get(x, x)

    def _column(self, y: float) -> int:
        return bisect_right(self._middles, y)

    def moved(self, point: Point) -> Point:
        column = self._column(point[1])
        x = self._across(column, point[0]) + self.shifts[column]
        return x, point[1] - self._tops[column] + self._above

    def route(self, line: list[Point]) -> list[Point]:
        """A line with a turn wherever it goes on in the next column."""
        column = self._column(line[0][1])
        if column == self._column(line[-1][1]):
            aside, right = self._aside[column], self.shifts[column]
            top = self._above - self._tops[column]
            return [(aside.get(x, x) + right, y + top) for x, y in line]
        route = [self.moved(line[0])]
        for (x, y), (next_x, next_y) in pairwise(line):
            last = self._column(next_y)
            for column in range(self._column(y), last):
                lane = self._lanes[column].get(x, 0) * TURN_GAP
                below = self._bottoms[column] - self._tops[column] + self._above
                below += LANE * 0.7 + lane
                beside, above = self._edges[column] + lane, LANE * (2 / 3) + lane
                start = self._across(column, x) + self.shifts[column]
                follows = self._across(column + 1, next_x if column + 1 == last else x)
                route += [(start, below), (beside, below), (beside, above)]
                route.append((follows + self.shifts[column + 1], above))
            route.append(self.moved((next_x, next_y)))
        return route
