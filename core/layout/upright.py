"""Which edges run downwards: a topological order of boxes, and the few edges against it."""

from heapq import heapify, heappop, heappush

from core.layout.layers import Pairs


def upright(boxes: int, edges: Pairs) -> tuple[list[tuple[int, int]], set[int]]:
    """The edges from what stands above to what stands below, and the numbers of those that were
    turned round for it: only edges of a cycle are.

    Boxes are numbered by where they begin in the model. A group that begins early may still read
    from later ones, so that the numbers alone say too little.
    """
    if all(source < target for source, target in edges):
        return list(edges), set()
    place = _places(boxes, edges)
    turned = {number for number, (one, two) in enumerate(edges) if place[one] > place[two]}
    return [
        (two, one) if number in turned else (one, two) for number, (one, two) in enumerate(edges)
    ], turned


def _places(boxes: int, edges: Pairs) -> list[int]:
    """Box to its place in an order in which sources come first, else those that begin early."""
    above: list[list[int]] = [[] for _ in range(boxes)]
    below: list[list[int]] = [[] for _ in range(boxes)]
    for source, target in edges:
        above[target].append(source)
        below[source].append(target)
    waiting = [len(sources) for sources in above]
    place = [-1] * boxes
    ready = [box for box in range(boxes) if not waiting[box]]
    heapify(ready)
    for number in range(boxes):
        while ready and place[ready[0]] >= 0:
            heappop(ready)  # a box that broke a cycle
        box = heappop(ready) if ready else _first_in_cycle(place, above)
        place[box] = number
        for target in below[box]:
            waiting[target] -= 1
            if not waiting[target]:
                heappush(ready, target)
    return place


def _first_in_cycle(place: list[int], above: list[list[int]]) -> int:
    """The one that begins first in some cycle of boxes without a place."""
    box = place.index(-1)
    walked: dict[int, int] = {}
    while box not in walked:
        walked[box] = len(walked)
        box = next(source for source in above[box] if place[source] < 0)
    return min(list(walked)[walked[box] :])
