"""The groups of a model as a tree of items, with every edge lifted to the group it runs in."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.layout.blocks import with_blocks
from core.layout.grouping import Grouping, groups_of_scopes
from core.layout.hiding import contracted
from core.layout.lifting import LocalEdges
from core.layout.structure import Ints, Nesting, coded_upwards, hashed, sums
from core.model.graph import ModelGraph

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class GroupEdges:
    """The edges between the children of one group, as positions in its list of children."""

    sources: Ints
    targets: Ints


@dataclass(frozen=True)
class Tree:
    """Items are numbers: layers first (their index in the graph), then the model's inputs, its
    outputs, and the groups, of which the first is the whole model.

    Groups come from scopes, from repeated blocks and from the wiring where names say nothing. A
    group has a larger number than the one around it; one that would hold a single item is left out
    and its item moves up. Hidden layers keep their number and lie in no group.
    """

    layers: int
    inputs: int
    outputs: int
    paths: tuple[tuple[str, ...], ...]
    """Scope of each group; one that the model does not name adds its title to the path around it.
    The root's is empty."""
    titles: tuple[str, ...]
    """What stands on each group; empty for the root."""
    contents: tuple[str, ...]
    """Operators in each group that the model does not name, and which blocks a run holds; empty for
    the others."""
    inferred: Flags
    """Per group: found by its wiring, not named by the model."""
    folds: Ints
    """Per group: how many blocks that are all alike it holds; 0 for one that is no such run."""
    parent: Ints
    """Item to the group that holds it; −1 for the root and for hidden layers."""
    depth: Ints
    members: Ints
    """The children of all groups, each group's in topological order of their first layer."""
    member_bounds: Ints
    """Shape (groups + 1,): where each group's children begin in `members`."""
    edge_sources: Ints
    """Edges between the children of one group, as positions in its list of children."""
    edge_targets: Ints
    edge_bounds: Ints
    """Shape (groups + 1,): where each group's edges begin."""
    entered: Flags
    """Item: whether an edge comes to it from outside its own group."""
    left: Flags
    """Item: whether an edge goes from it out of its own group."""
    counts: Ints
    """Item to the number of visible layers in it."""
    shapes: Ints
    """Item to its structural class: groups with the same number are wired alike throughout."""
    sources: Ints
    """All edges between visible layers, inputs and outputs: where each starts."""
    targets: Ints
    hidden: Ints
    """The layers that are not drawn, in order."""

    @property
    def root(self) -> int:
        return self.layers + self.inputs + self.outputs

    @property
    def items(self) -> int:
        return len(self.parent)

    @property
    def groups(self) -> frozenset[int]:
        """All but the root."""
        return frozenset(range(self.root + 1, self.items))

    def is_group(self, item: int) -> bool:
        return item >= self.root

    def is_port(self, item: int) -> bool:
        """Whether it is an input or an output of the model."""
        return self.layers <= item < self.root

    def children_of(self, group: int) -> Ints:
        place = group - self.root
        return self.members[self.member_bounds[place] : self.member_bounds[place + 1]]

    def edges_of(self, group: int) -> GroupEdges:
        place = group - self.root
        edges = slice(int(self.edge_bounds[place]), int(self.edge_bounds[place + 1]))
        return GroupEdges(self.edge_sources[edges], self.edge_targets[edges])

    def ancestors(self, item: int) -> list[int]:
        """The groups around an item, innermost first; the root comes last."""
        found: list[int] = []
        while (item := int(self.parent[item])) >= 0:
            found.append(item)
        return found

    def path(self, group: int) -> tuple[str, ...]:
        return self.paths[group - self.root]

    def title(self, group: int) -> str:
        """Empty for the root."""
        return self.titles[group - self.root]

    def fold(self, group: int) -> int:
        """How many blocks that are all alike a group holds; 0 where it is no such run."""
        return int(self.folds[group - self.root])

    def opened(self, expanded: Collection[int]) -> Flags:
        """Item: whether it is an open group and so are all those around it."""
        is_open = np.zeros(self.items, bool)
        is_open[[self.root, *expanded]] = True
        is_open[: self.root] = False
        for level in range(1, int(self.depth.max(initial=0)) + 1):
            groups = np.flatnonzero(self.depth[self.root :] == level) + self.root
            is_open[groups] &= is_open[self.parent[groups]]
        return is_open

    def visible(self, expanded: Collection[int]) -> Ints:
        """Item to the item that stands for it when only `expanded` groups and the root are open.

        A hidden layer stands for itself, though it has no box.
        """
        is_open = self.opened(expanded)
        shown = np.arange(self.items)
        around = np.where(self.parent < 0, shown, self.parent)
        for level in range(1, int(self.depth.max(initial=0)) + 1):
            items = np.flatnonzero(self.depth == level)
            inside = items[~is_open[around[items]] & (around[items] != items)]
            shown[inside] = shown[around[inside]]
        return shown


def build_tree(graph: ModelGraph, hidden: Collection[int] = ()) -> Tree:
    """The tree of a model. Layers in `hidden` are not drawn: their edges pass through them.

    Takes about 2 µs per layer.
    """
    ports = (len(graph.inputs), len(graph.outputs))
    first = len(graph.layers) + sum(ports)
    wires = contracted(graph.wires, hidden, first)
    grouping = groups_of_scopes(graph.scope_column, ports, hidden)
    grouping = with_blocks(grouping, wires, graph.operators).numbered_by_depth()
    lifted = grouping.lifted(wires.sources, wires.targets)
    order = grouping.order()
    members, bounds = grouping.members(order)
    local = lifted.local(members, bounds, first)
    return Tree(
        layers=len(graph.layers),
        inputs=ports[0],
        outputs=ports[1],
        paths=grouping.paths(),
        titles=tuple(grouping.titles),
        contents=tuple(grouping.contents),
        inferred=np.array(grouping.inferred, bool),
        folds=np.array(grouping.folds, np.int64),
        parent=grouping.parent,
        depth=grouping.depth(),
        members=members,
        member_bounds=bounds,
        edge_sources=local.sources,
        edge_targets=local.targets,
        edge_bounds=local.bounds,
        entered=lifted.entered,
        left=lifted.left,
        counts=grouping.counts(),
        shapes=_shapes(grouping, members, bounds, local, lifted.entered + 2 * lifted.left),
        sources=wires.sources,
        targets=wires.targets,
        hidden=np.array(sorted(hidden), np.int64),
    )


def _shapes(
    grouping: Grouping, members: Ints, bounds: Ints, local: LocalEdges, flags: Ints
) -> Ints:
    """Bottom-up structural classes.

    A group's class says which children it has, how they are wired and which of them are reached
    from outside, so that groups of one class can share one layout. Ports differ from layers, as
    their boxes do.
    """
    leaves = np.zeros(grouping.first + grouping.groups, np.uint64)
    leaves[grouping.layers : grouping.first] = 1
    edges = hashed(hashed(local.sources) * np.uint64(3) + hashed(local.targets))
    codes = coded_upwards(
        leaves,
        Nesting(grouping.depth(), members, bounds),
        season=hashed(flags[members]),
        own=sums(edges, local.bounds) + hashed(np.diff(bounds)),
    )
    shapes = np.zeros(len(codes), np.int64)
    shapes[grouping.first :] = np.unique(codes[grouping.first :], return_inverse=True)[1] + 1
    return shapes
