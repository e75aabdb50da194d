"""Siblings without lines among them, such as experts, in rows and columns."""

import math
from collections.abc import Sequence

import numpy as np

from core.layout.group_layout import HEADER, PADDING, GroupLayout, frame_around
from core.layout.placing import Box
from core.layout.tree import Tree
from core.layout.turns import Point, rounded

LEAST = 8
"""Fewer siblings fit side by side."""
SHAPE = 1.6
"""Width over height to aim at, about that of a screen."""
GUTTER = 36.0
ROW_GAP = 34.0
LANE = 16.0
"""Room above and below the grid for the lines that are shared."""
STUB = 11.0
"""Height at which a line leaves the shared one for its box."""


def is_parallel(tree: Tree, group: int) -> bool:
    """Whether a group consists of many children that do not feed each other.

    In a file of tensors nothing feeds anything: there any group stands in order, row by row.
    """
    place = group - tree.root
    if tree.edge_bounds[place + 1] > tree.edge_bounds[place]:
        return False
    if tree.edge_bounds[-1] == 0:
        return len(tree.children_of(group)) > 1
    return group != tree.root and len(tree.children_of(group)) >= LEAST


def gridded(tree: Tree, group: int, boxes: Sequence[Box]) -> GroupLayout:
    """Lay out such a group. All of a column share one line that comes in beside it on the left
    and one that leaves on the right; each box has its own short piece of them."""
    count = 1 if group == tree.root else _columns(boxes)
    grid = _Grid(boxes, count)
    members = tree.children_of(group)
    lines = _Lines(grid)
    for column in range(grid.columns):
        places = np.arange(column, len(boxes), count)
        lines.come_in(column, places[tree.entered[members[places]]].tolist())
        lines.leave(column, places[tree.left[members[places]]].tolist())
    frame = frame_around(grid.width / 2, grid.width / 2, grid.height, inside=True)
    return lines.layout(frame)


def _columns(boxes: Sequence[Box]) -> int:
    """So many that the grid gets the shape of a screen."""
    width = max(box.left + box.right for box in boxes) + GUTTER
    height = max(box.height for box in boxes) + ROW_GAP
    return min(max(round(math.sqrt(len(boxes) * SHAPE * height / width)), 1), len(boxes))


class _Grid:
    """Where the rows and columns are; x = 0 is the middle, y = 0 the top below the header."""

    def __init__(self, boxes: Sequence[Box], columns: int) -> None:
        self.heights: list[float] = [box.height for box in boxes]
        self.lefts: list[float] = [box.left for box in boxes]
        self.widths: list[float] = [box.left + box.right for box in boxes]
        self.columns = columns
        widths = [max(self.widths[column::columns]) for column in range(columns)]
        rows = range(0, len(boxes), columns)
        heights = [max(self.heights[start : start + columns]) for start in rows]
        self.width = sum(widths) + GUTTER * (columns + 1)
        rights = np.cumsum([width + GUTTER for width in widths]) - self.width / 2
        self.left_lanes: list[float] = (rights - np.array(widths) - GUTTER * 0.3).tolist()
        self.right_lanes: list[float] = (rights + GUTTER * 0.3).tolist()
        lefts = (rights - np.array(widths)).tolist()
        tops = np.concatenate([[0.0], np.cumsum([height + ROW_GAP for height in heights])])
        self.height = float(tops[-1]) - ROW_GAP + 2 * (LANE + STUB)
        self.x: list[float] = [
            lefts[place % columns] + (widths[place % columns] - width) / 2
            for place, width in enumerate(self.widths)
        ]
        self.y: list[float] = [
            float(tops[place // columns]) + LANE + STUB for place in range(len(boxes))
        ]

    def axis(self, place: int) -> float:
        return self.x[place] + self.lefts[place]


class _Lines:
    """Gathers lines; −1 as an end is the group's border."""

    def __init__(self, grid: _Grid) -> None:
        self._grid = grid
        self._bottom = grid.height
        self._routes: list[list[Point]] = []
        self._ends: list[tuple[int, int]] = []

    def come_in(self, column: int, places: list[int]) -> None:
        """The shared line of a column and from it a piece for each of these boxes."""
        lane = self._grid.left_lanes[column]
        level = 0.0
        for place in places:
            axis, top = self._grid.axis(place), self._grid.y[place]
            level = top - STUB
            self._add(rounded([(lane, level), (axis, level), (axis, top)]), (-1, place))
        if places:
            self._add([(0.0, -HEADER), (0.0, LANE / 2), (lane, LANE / 2), (lane, level)], (-1, -1))

    def leave(self, column: int, places: list[int]) -> None:
        lane, low = self._grid.right_lanes[column], self._bottom - LANE / 2
        highest = low
        for place in places:
            axis = self._grid.axis(place)
            bottom = self._grid.y[place] + self._grid.heights[place]
            level = bottom + STUB
            highest = min(highest, level)
            self._add(rounded([(axis, bottom), (axis, level), (lane, level)]), (place, -1))
        if places:
            self._add(
                [(lane, highest), (lane, low), (0.0, low), (0.0, self._bottom + PADDING / 2)],
                (-1, -1),
            )

    def _add(self, route: list[Point], ends: tuple[int, int]) -> None:
        self._routes.append(route)
        self._ends.append(ends)

    def layout(self, frame: Box) -> GroupLayout:
        grid = self._grid
        points = np.array([point for route in self._routes for point in route], float)
        points = points.reshape(-1, 2) + np.array([0.0, HEADER])
        ends = np.array(self._ends, np.int64).reshape(-1, 2)
        return GroupLayout(
            x=np.array(grid.x),
            y=np.array(grid.y) + HEADER,
            width=np.array(grid.widths),
            height=np.array(grid.heights),
            axis=np.array([grid.axis(place) for place in range(len(grid.x))]),
            points=points,
            lengths=np.array([len(route) for route in self._routes], np.int64),
            sources=ends[:, 0],
            targets=ends[:, 1],
            frame=frame,
        )
