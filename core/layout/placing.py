"""Coordinates for ordered ranks: a straight spine, straight trunks, everything close to them.

Nodes are chained into vertical columns as in Brandes and Köpf (2001), but in one pass by
priority: the spine first, then bends, then boxes that have only each other. The spine stands at
x = 0; columns on either side move as close to it as their neighbours allow, then outwards again
where that shortens their links.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.layout.layers import Layered

SIDE_GAP = 22.0
BEND_GAP = 14.0


@dataclass(frozen=True)
class Box:
    """Room that a node needs: left and right of its axis, where its edges arrive and leave."""

    left: float
    right: float
    height: float


BEND = Box(0.0, 0.0, 0.0)


def placed(
    graph: Layered, ranks: list[list[int]], spine: list[int], boxes: Sequence[Box]
) -> list[float]:
    """The x of every node's axis; the spine's is 0."""
    if not ranks:
        return []
    pins = _pins(graph, ranks, spine)
    columns = _columns(graph, ranks, pins)
    x = [0.0] * len(graph)
    for side in (1, -1):
        half = _Half(ranks, pins, columns, boxes, side)
        half.compact(x)
        half.relax(graph, x)
    return x


def _pins(graph: Layered, ranks: list[list[int]], spine: list[int]) -> list[int]:
    """Per rank the place of its spine node; of the middle node where the spine does not pass."""
    place = {node: index for row in ranks for index, node in enumerate(row)}
    pins = [len(row) // 2 for row in ranks]
    for node in spine:
        pins[graph.rank[node]] = place[node]
    return pins


def _columns(graph: Layered, ranks: list[list[int]], pins: list[int]) -> list[int]:
    """Node to the number of its column; pinned nodes all share one."""
    columns = list(range(len(graph)))
    pinned = {row[pin] for row, pin in zip(ranks, pins, strict=True)}
    spine = min(pinned)
    for node in pinned:
        columns[node] = spine
    position = [0] * len(graph)
    for row in ranks:
        for place, node in enumerate(row):
            position[node] = place
    for row, spine_link in zip(ranks, pairwise(pins), strict=False):
        for upper, lower in _straight(graph, row, position, spine_link):
            if upper not in pinned and lower not in pinned:
                columns[lower] = columns[upper]
    return columns


def _straight(
    graph: Layered, row: list[int], position: list[int], spine_link: tuple[int, int]
) -> list[tuple[int, int]]:
    """The links below one rank to draw vertically: the most important, none crossing another."""
    links = sorted(
        (_priority(graph, upper, lower, position), upper, lower)
        for upper in row
        for lower in graph.below[upper]
    )
    taken = [spine_link]
    used_above, used_below = {spine_link[0]}, {spine_link[1]}
    chosen: list[tuple[int, int]] = []
    for _, upper, lower in links:
        link = (position[upper], position[lower])
        if link[0] in used_above or link[1] in used_below or _crosses(taken, link):
            continue
        used_above.add(link[0])
        used_below.add(link[1])
        insort(taken, link)
        chosen.append((upper, lower))
    return chosen


def _priority(graph: Layered, upper: int, lower: int, position: list[int]) -> float:
    """Smaller is more important: bends, then faithful pairs, then links to the middle."""
    if graph.is_bend(upper) and graph.is_bend(lower):
        return -2.0
    if len(graph.below[upper]) == 1 and len(graph.above[lower]) == 1:
        return -1.0
    middle = _median([position[other] for other in graph.above[lower]])
    return abs(middle - position[upper])


def _crosses(taken: list[tuple[int, int]], link: tuple[int, int]) -> bool:
    """`taken` is sorted and free of crossings, so only the two neighbours can cross."""
    at = bisect_left(taken, link)
    before = at > 0 and taken[at - 1][1] >= link[1]
    after = at < len(taken) and taken[at][1] <= link[1]
    return before or after


def _apart(one: int, two: int, boxes: Sequence[Box]) -> float:
    """Least distance of two neighbours' axes, `one` to the left of `two`."""
    first = boxes[one] if one < len(boxes) else BEND
    second = boxes[two] if two < len(boxes) else BEND
    bends = one >= len(boxes) and two >= len(boxes)
    return first.right + second.left + (BEND_GAP if bends else SIDE_GAP)


class _Half:
    """The columns on one side of the spine; distances from it are positive on either side."""

    def __init__(
        self,
        ranks: list[list[int]],
        pins: list[int],
        columns: list[int],
        boxes: Sequence[Box],
        side: int,
    ) -> None:
        self.side = side
        self.columns = columns
        self.spine = columns[ranks[0][pins[0]]]
        self.rows = [
            row[pin:] if side > 0 else row[: pin + 1][::-1]
            for row, pin in zip(ranks, pins, strict=True)
        ]
        self.outer = self._neighbours(boxes)
        self.sequence = self._outwards()

    def _neighbours(self, boxes: Sequence[Box]) -> dict[int, dict[int, float]]:
        """Column to those next to it on the outer side and their least distance from it."""
        outer: dict[int, dict[int, float]] = {}
        for row in self.rows:
            for inner, beyond in pairwise(row):
                pair = (inner, beyond) if self.side > 0 else (beyond, inner)
                near = outer.setdefault(self.columns[inner], {})
                column = self.columns[beyond]
                near[column] = max(near.get(column, 0.0), _apart(*pair, boxes))
        return outer

    def _outwards(self) -> list[int]:
        """Columns, each after all that stand between it and the spine.

        Columns never cross, so every column can be reached from the spine.
        """
        inside: dict[int, int] = {}
        for near in self.outer.values():
            for beyond in near:
                inside[beyond] = inside.get(beyond, 0) + 1
        found = [self.spine]
        for column in found:  # grows while it is walked
            for beyond in self.outer.get(column, {}):
                inside[beyond] -= 1
                if inside[beyond] == 0:
                    found.append(beyond)
        return found

    def compact(self, x: list[float]) -> None:
        """Every column as close to the spine as the others allow."""
        at = dict.fromkeys(self.sequence, 0.0)
        for column in self.sequence:
            for beyond, distance in self.outer.get(column, {}).items():
                at[beyond] = max(at[beyond], at[column] + distance)
        for row in self.rows:
            for node in row:
                x[node] = self.side * at[self.columns[node]]

    def relax(self, graph: Layered, x: list[float]) -> None:
        """Move columns outwards, the outermost first, to the median of what they link to."""
        members: dict[int, list[int]] = {}
        for row in self.rows:
            for node in row:
                members.setdefault(self.columns[node], []).append(node)
        at = {column: self.side * x[nodes[0]] for column, nodes in members.items()}
        for column in reversed(self.sequence[1:]):
            linked = [
                self.side * x[other]
                for node in members[column]
                for other in (*graph.above[node], *graph.below[node])
                if self.columns[other] != column
            ]
            room = [
                at[beyond] - distance for beyond, distance in self.outer.get(column, {}).items()
            ]
            if linked:
                at[column] = max(at[column], min([_median(linked), *room]))
            for node in members[column]:
                x[node] = self.side * at[column]


def _median(numbers: Sequence[float]) -> float:
    """As of Python's statistics, which takes longer to import than small graphs to lay out."""
    ordered, half = sorted(numbers), len(numbers) // 2
    return ordered[half] if len(numbers) % 2 else (ordered[half - 1] + ordered[half]) / 2
