"""Draws one group: boxes of given sizes and the edges between them, top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.layout.layers import Layered, Pairs, layered
from core.layout.ordering import ordered, spine_of
from core.layout.placing import BEND, Box, placed
from core.layout.turns import Point

RANK_GAP = 24.0
PORT_GAP = 14.0
SLOPE = 0.06
"""Extra gap per unit that a link runs sideways, so that wide curves stay flat enough to follow."""
MOST_GAP = 72.0


FEW = 5


@dataclass(frozen=True)
class Gap:
    """The room between two ranks."""

    top: float
    bottom: float
    links: int
    """How many lines, or bundles of lines, pass it."""


@dataclass(frozen=True)
class Placement:
    """Where the boxes of one group stand. The spine's axis is x = 0, the top is y = 0."""

    x: list[float]
    """Axis of each box."""
    y: list[float]
    """Top of each box."""
    lines: list[list[Point]]
    """Per edge: points from the source's bottom to the target's top."""
    left: float
    """Room left of the axis, 0 or more."""
    right: float
    height: float
    gaps: list[Gap]
    """Those between ranks that few links pass."""


def draw(
    boxes: Sequence[Box],
    edges: Pairs,
    weight: Sequence[float],
    *,
    entry: int | None = None,
    exit: int | None = None,
) -> Placement:
    """Lay out a group.

    `edges` must be free of cycles. `weight` says how much a box deserves to stand on the spine.
    `entry` and `exit` are boxes without size where lines meet the group's border.
    """
    if (chain := _chain(len(boxes), edges)) is not None:
        return _stacked(chain, boxes, edges)
    graph = layered(len(boxes), edges, entry=entry, exit=exit)
    spine = spine_of(graph, list(weight))
    ranks = ordered(graph, spine)
    x = placed(graph, ranks, spine, boxes)
    rows = _rows(graph, ranks, boxes, x)
    sizes = [boxes[node] if node < len(boxes) else BEND for node in range(len(graph))]
    return Placement(
        x=x[: len(boxes)],
        y=[rows[graph.rank[index]].above(box) for index, box in enumerate(boxes)],
        lines=[_line(graph, route, x, rows, boxes) for route in graph.routes],
        left=max((box.left - at for box, at in zip(sizes, x, strict=True)), default=0.0),
        right=max((box.right + at for box, at in zip(sizes, x, strict=True)), default=0.0),
        height=rows[-1].bottom if rows else 0.0,
        gaps=_gaps(graph, ranks, rows),
    )


def _chain(count: int, edges: Pairs) -> list[int] | None:
    """The boxes from top to bottom where every one leads only to the next."""
    following = dict(edges)
    lower = set(following.values())
    if not len(edges) == len(following) == len(lower) == count - 1:
        return None
    chain = [box for box in range(count) if box not in lower]
    while (box := following.get(chain[-1])) is not None:
        chain.append(box)
    return chain


def _stacked(chain: list[int], boxes: Sequence[Box], edges: Pairs) -> Placement:
    """What all of `draw` would come to for a chain, in a fraction of the time."""
    top = [0.0] * len(boxes)
    gaps: list[Gap] = []
    for upper, box in pairwise(chain):
        bottom = top[upper] + boxes[upper].height
        flat = not boxes[upper].height or not boxes[box].height
        top[box] = bottom + (PORT_GAP if flat else RANK_GAP)
        gaps.append(Gap(bottom, top[box], 1))
    return Placement(
        x=[0.0] * len(boxes),
        y=top,
        lines=[[(0.0, top[one] + boxes[one].height), (0.0, top[two])] for one, two in edges],
        left=max(box.left for box in boxes),
        right=max(box.right for box in boxes),
        height=top[chain[-1]] + boxes[chain[-1]].height,
        gaps=gaps,
    )


def _gaps(graph: Layered, ranks: list[list[int]], rows: "list[_Row]") -> list[Gap]:
    found: list[Gap] = []
    for row, (upper, lower) in zip(ranks, pairwise(rows), strict=False):
        links = len({node for node in row if graph.below[node]})
        if 0 < links <= FEW:
            found.append(Gap(upper.bottom, lower.top, links))
    return found


@dataclass(frozen=True)
class _Row:
    """The band that one rank takes up."""

    top: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def above(self, box: Box) -> float:
        """Top of a box in the middle of the band."""
        return self.top + (self.height - box.height) / 2


def _rows(
    graph: Layered, ranks: list[list[int]], boxes: Sequence[Box], x: list[float]
) -> list[_Row]:
    rows: list[_Row] = []
    y = 0.0
    for row in ranks:
        height = max([boxes[node].height for node in row if not graph.is_bend(node)], default=0.0)
        if rows:
            flat = not rows[-1].height or not height
            y += min((PORT_GAP if flat else RANK_GAP) + SLOPE * _sideways(graph, row, x), MOST_GAP)
        rows.append(_Row(y, height))
        y += height
    return rows


def _sideways(graph: Layered, row: list[int], x: list[float]) -> float:
    """How far the links into a rank run sideways at most."""
    furthest = 0.0
    for node in row:
        for upper in graph.above[node]:
            furthest = max(furthest, abs(x[node] - x[upper]))
    return furthest


def _line(
    graph: Layered, route: list[int], x: list[float], rows: list[_Row], boxes: Sequence[Box]
) -> list[Point]:
    """Straight down through every rank it passes, so that it bends only between ranks."""
    first, last = route[0], route[-1]
    if len(route) == 2 and x[first] == x[last]:
        upper, lower = boxes[first], boxes[last]
        above = rows[graph.rank[first]].above(upper) + upper.height
        return [(x[first], above), (x[last], rows[graph.rank[last]].above(lower))]
    points: list[Point] = []
    for node in route:
        row = rows[graph.rank[node]]
        if graph.is_bend(node):
            points += [(x[node], row.top), (x[node], row.bottom)]
            continue
        upper = row.above(boxes[node])
        if node != first:
            points += [(x[node], row.top), (x[node], upper)]
        if node != last:
            points += [(x[node], upper + boxes[node].height), (x[node], row.bottom)]
    return _without_repeats(points)


def _without_repeats(points: list[Point]) -> list[Point]:
    """Drop points that add nothing to a vertical run."""
    kept = points[:1]
    for index in range(1, len(points)):
        here = points[index]
        last = index + 1 == len(points)
        if here == kept[-1] and not (last and len(kept) == 1):
            continue
        if not last and kept[-1][0] == here[0] == points[index + 1][0]:
            continue
        kept.append(here)
    return kept
