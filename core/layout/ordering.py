"""Left to right within each rank: few crossings, and one spine that will be drawn straight."""

from bisect import bisect_right, insort

from core.layout.layers import Layered

SWEEPS = 8
BIG = 4000
"""Above this many nodes fewer sweeps are made, to keep the time linear in practice."""


def spine_of(graph: Layered, weight: list[float]) -> list[int]:
    """The heaviest path down the ranks, one node per rank where there is one, top to bottom.

    `weight` is how much each box matters; bends weigh nothing, so the path prefers boxes.
    """
    nodes = sorted(range(len(graph)), key=graph.rank.__getitem__)
    best = [0.0] * len(graph)
    came: list[int] = [-1] * len(graph)
    for node in nodes:
        for upper in graph.above[node]:
            if came[node] < 0 or best[upper] > best[came[node]]:
                came[node] = upper
        best[node] = (best[came[node]] if came[node] >= 0 else 0.0) + (
            0.0 if graph.is_bend(node) else weight[node]
        )
    end = max(nodes, key=lambda node: (graph.rank[node], best[node]), default=-1)
    path: list[int] = []
    while end >= 0:
        path.append(end)
        end = came[end]
    return path[::-1]


def ordered(graph: Layered, spine: list[int]) -> list[list[int]]:
    """The nodes of each rank from left to right.

    Starts from a walk that keeps chains together, then sweeps by the mean position of the
    neighbours and keeps the order with the fewest crossings.
    """
    ranks = _first_order(graph, set(spine))
    position = [0] * len(graph)
    _number(ranks, position)
    best, fewest = [list(row) for row in ranks], _crossings(graph, ranks, position)
    sweeps = SWEEPS if len(graph) < BIG else 2
    for sweep in range(sweeps):
        if fewest == 0:
            break
        downwards = sweep % 2 == 0
        neighbours = graph.above if downwards else graph.below
        for row in ranks[1:] if downwards else ranks[-2::-1]:
            _sort_by_mean(row, neighbours, position)
        count = _crossings(graph, ranks, position)
        if count < fewest:
            best, fewest = [list(row) for row in ranks], count
    return best


def _first_order(graph: Layered, spine: set[int]) -> list[list[int]]:
    """Depth first from the top; of a box's successors the one on the spine takes the middle."""
    ranks: list[list[int]] = [[] for _ in range(max(graph.rank, default=-1) + 1)]
    seen = [False] * len(graph)
    starts = [node for node in range(len(graph)) if not graph.above[node]]
    stack = _spine_in_middle(starts, spine)[::-1]
    while stack:
        node = stack.pop()
        if seen[node]:
            continue
        seen[node] = True
        ranks[graph.rank[node]].append(node)
        stack.extend(_spine_in_middle(graph.below[node], spine)[::-1])
    return ranks


def _spine_in_middle(nodes: list[int], spine: set[int]) -> list[int]:
    on = [node for node in nodes if node in spine]
    off = [node for node in nodes if node not in spine]
    half = len(off) // 2
    return off[:half] + on + off[half:]


def _sort_by_mean(row: list[int], neighbours: list[list[int]], position: list[int]) -> None:
    if len(row) < 2:
        return

    def mean(node: int) -> float:
        near = neighbours[node]
        if len(near) == 1:
            return position[near[0]]
        return sum([position[other] for other in near]) / len(near) if near else position[node]

    row.sort(key=mean)
    for place, node in enumerate(row):
        position[node] = place


def _number(ranks: list[list[int]], position: list[int]) -> None:
    for row in ranks:
        for place, node in enumerate(row):
            position[node] = place


def _crossings(graph: Layered, ranks: list[list[int]], position: list[int]) -> int:
    """Crossings between neighbouring ranks: inversions of the lower ends."""
    total = 0
    for row in ranks[:-1]:
        if len(row) < 2:  # the links of one node do not cross each other
            continue
        seen: list[int] = []
        for node in row:
            below = graph.below[node]
            places = sorted([position[lower] for lower in below])
            for place in places:
                total += len(seen) - bisect_right(seen, place)
            for place in places:
                insort(seen, place)
    return total
