"""Ranks for a small directed graph: who stands above whom, and the trunks of long edges.

The first two steps of the layered method (Sugiyama, Tagawa, Toda 1981), with one change: all long
edges that leave one box share a trunk, so that dense skip connections stay readable and the
number of bends grows with the boxes rather than with the edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Pairs = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Layered:
    """Nodes 0 to `boxes` − 1 are boxes; the rest are bends, the points where a long edge passes
    a rank. Every link joins neighbouring ranks."""

    boxes: int
    rank: list[int]
    above: list[list[int]]
    below: list[list[int]]
    routes: list[list[int]]
    """Per edge: the nodes it runs through, top to bottom, both ends included."""

    def __len__(self) -> int:
        return len(self.rank)

    def is_bend(self, node: int) -> bool:
        return node >= self.boxes


def layered(boxes: int, edges: Pairs, *, entry: int | None, exit: int | None) -> Layered:
    """Give every box a rank and every long edge its bends.

    `edges` run from a smaller position in topological order to a larger one: they contain no
    cycle. `entry` and `exit` are the boxes that must stand alone at the top and at the bottom.
    """
    rank = _ranks(boxes, edges, entry, exit)
    graph = Layered(boxes, rank, [[] for _ in rank], [[] for _ in rank], [])
    trunks: dict[tuple[int, int], int] = {}
    linked: set[tuple[int, int]] = set()
    for source, target in edges:
        route = [source]
        for level in range(rank[source] + 1, rank[target]):
            bend = trunks.get((source, level))
            if bend is None:
                bend = trunks[source, level] = _add_bend(graph, level)
            route.append(bend)
        route.append(target)
        for upper, lower in pairwise(route):
            if (upper, lower) not in linked:
                linked.add((upper, lower))
                graph.below[upper].append(lower)
                graph.above[lower].append(upper)
        graph.routes.append(route)
    return graph


def _add_bend(graph: Layered, level: int) -> int:
    graph.rank.append(level)
    graph.above.append([])
    graph.below.append([])
    return len(graph.rank) - 1


def _ranks(boxes: int, edges: Pairs, entry: int | None, exit: int | None) -> list[int]:
    """Longest path from the top, then boxes with slack move down towards what they feed."""
    above: list[list[int]] = [[] for _ in range(boxes)]
    below: list[list[int]] = [[] for _ in range(boxes)]
    for source, target in edges:
        below[source].append(target)
        above[target].append(source)
    order = _topological(above, below)
    rank = [0 if entry in (None, box) else 1 for box in range(boxes)]
    for box in order:
        for lower in below[box]:
            rank[lower] = max(rank[lower], rank[box] + 1)
    for box in reversed(order):
        if below[box] and (not above[box] or len(below[box]) > len(above[box])):
            lowest = min(rank[lower] for lower in below[box]) - 1
            if box != entry:
                rank[box] = max(rank[box], lowest)
    if exit is not None:
        rank[exit] = max([rank[exit] - 1, *(rank[box] for box in range(boxes) if box != exit)]) + 1
    return rank


def _topological(above: list[list[int]], below: list[list[int]]) -> list[int]:
    waiting = [len(uppers) for uppers in above]
    order = [box for box, count in enumerate(waiting) if count == 0]
    for box in order:  # grows while it is walked
        for lower in below[box]:
            waiting[lower] -= 1
            if waiting[lower] == 0:
                order.append(lower)
    return order
