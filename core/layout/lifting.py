"""Edges between layers as edges between the children of the group in which both ends meet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.layout.structure import Ints
from core.model.columns import distinct


@dataclass(frozen=True)
class LocalEdges:
    """Edges as positions among the children of their group, group by group."""

    sources: Ints
    targets: Ints
    bounds: Ints


@dataclass(frozen=True)
class Lifted:
    """Every edge once between two items of one group, and which items edges enter and leave."""

    sources: Ints
    targets: Ints
    groups: Ints
    """The group that each edge runs in."""
    entered: NDArray[np.bool_]
    left: NDArray[np.bool_]

    def local(self, members: Ints, bounds: Ints, first: int) -> LocalEdges:
        """In the numbers of the children: `members` of group k begin at `bounds[k]`."""
        place = np.zeros(len(self.entered), np.int64)
        place[members] = np.arange(len(members)) - np.repeat(bounds[:-1], np.diff(bounds))
        sources, targets = place[self.sources], place[self.targets]
        order = np.lexsort((targets, sources, self.groups))
        edges = np.searchsorted(self.groups[order], np.arange(first, first + len(bounds)))
        return LocalEdges(sources[order], targets[order], edges)


def lifted(sources: Ints, targets: Ints, parent: Ints, depth: Ints) -> Lifted:
    """Lift edges until both ends lie in the same group."""
    one, two = sources.copy(), targets.copy()
    entered = np.zeros(len(parent), bool)
    left = np.zeros(len(parent), bool)
    apart = np.flatnonzero(parent[one] != parent[two])
    while len(apart):
        upper, lower = one[apart], two[apart]
        deeper, other = depth[upper] >= depth[lower], depth[lower] >= depth[upper]
        left[upper[deeper]] = True
        entered[lower[other]] = True
        one[apart] = np.where(deeper, parent[upper], upper)
        two[apart] = np.where(other, parent[lower], lower)
        apart = apart[parent[one[apart]] != parent[two[apart]]]
    keys = distinct((one * len(parent) + two)[one != two])
    one, two = keys // len(parent), keys % len(parent)
    return Lifted(one, two, parent[one], entered, left)
