"""The scopes of a model as a tree of items, with every edge lifted to the group it runs in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.model.graph import ModelGraph

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

MAX_DEPTH = 24
"""Deeper scopes are drawn in the group at this depth; no real model has them."""


@dataclass(frozen=True)
class GroupEdges:
    """The edges between the children of one group, as positions in its list of children."""

    sources: Ints
    targets: Ints


@dataclass(frozen=True)
class Tree:
    """Items are numbers: layers first (their index in the graph), then the model's inputs, its
    outputs, and the groups, of which the first is the whole model.

    A group that would hold a single item is left out and its item moves up.
    """

    layers: int
    inputs: int
    outputs: int
    paths: tuple[tuple[str, ...], ...]
    """Scope of each group; the root's is empty."""
    parent: Ints
    """Item to the group that holds it; −1 for the root."""
    depth: Ints
    children: tuple[Ints, ...]
    """Per group: its items in topological order of their first layer."""
    edges: tuple[GroupEdges, ...]
    """Per group."""
    entered: Flags
    """Item: whether an edge comes to it from outside its own group."""
    left: Flags
    """Item: whether an edge goes from it out of its own group."""
    counts: Ints
    """Item to the number of layers in it."""
    shapes: Ints
    """Item to its structural class: groups with the same number are wired alike throughout."""
    sources: Ints
    """All edges between layers, inputs and outputs: where each starts."""
    targets: Ints

    @property
    def root(self) -> int:
        return self.layers + self.inputs + self.outputs

    @property
    def items(self) -> int:
        return len(self.parent)

    def is_group(self, item: int) -> bool:
        return item >= self.root

    def children_of(self, group: int) -> Ints:
        return self.children[group - self.root]

    def ancestors(self, item: int) -> list[int]:
        """The groups around an item, innermost first; the root comes last."""
        found: list[int] = []
        while (item := int(self.parent[item])) >= 0:
            found.append(item)
        return found

    def path(self, group: int) -> tuple[str, ...]:
        return self.paths[group - self.root]

    def visible(self, expanded: "frozenset[int] | set[int]") -> Ints:
        """Item to the item that stands for it when only `expanded` groups and the root are open."""
        shown = np.arange(self.items)
        is_open = np.zeros(self.items, bool)
        is_open[[self.root, *expanded]] = True
        # Parents of groups have smaller numbers than their children, so one pass down settles all.
        for group in range(self.root + 1, self.items):
            around = int(self.parent[group])
            if not is_open[around] or shown[around] != around:
                shown[group] = shown[around]
        leaves = np.arange(self.root)
        around = self.parent[: self.root]
        hidden = ~is_open[around] | (shown[around] != around)
        shown[: self.root] = np.where(hidden, shown[around], leaves)
        return shown


def build_tree(graph: ModelGraph) -> Tree:
    """The tree of a model's scopes. Takes about 5 µs per layer."""
    holder, paths, above = _groups([layer.scope for layer in graph.layers])
    inputs, outputs = len(graph.inputs), len(graph.outputs)
    held = np.concatenate([holder, np.zeros(inputs + outputs, np.int64)])
    held, above, kept = _without_single(held, above)
    first = len(held)
    parent = np.concatenate([held + first, above + first])
    parent[first] = -1
    depth = _depths(parent, first)
    sources, targets = _edges(graph)
    lifted, entered, left = _lift(sources, targets, parent, depth)
    order = _order(parent, first, len(graph.layers), inputs)
    children = _children(parent, order, first)
    edges = _local_edges(lifted, children, first)
    return Tree(
        layers=len(graph.layers),
        inputs=inputs,
        outputs=outputs,
        paths=tuple(paths[index] for index in kept),
        parent=parent,
        depth=depth,
        children=children,
        edges=edges,
        entered=entered,
        left=left,
        counts=_counts(parent, first, len(graph.layers)),
        shapes=_shapes(children, edges, entered, left, first),
        sources=sources,
        targets=targets,
    )


def _groups(scopes: Sequence[tuple[str, ...]]) -> tuple[Ints, list[tuple[str, ...]], Ints]:
    """Group of each layer, path of each group, and the group around each group."""
    numbers: dict[tuple[str, ...], int] = {(): 0}
    above = [-1]
    holder = np.zeros(len(scopes), np.int64)
    for index, scope in enumerate(scopes):
        path = scope[:MAX_DEPTH]
        if path not in numbers:
            for length in range(1, len(path) + 1):
                if path[:length] not in numbers:
                    numbers[path[:length]] = len(above)
                    above.append(numbers[path[: length - 1]])
        holder[index] = numbers[path]
    return holder, list(numbers), np.array(above, np.int64)


def _without_single(held: Ints, above: Ints) -> tuple[Ints, Ints, list[int]]:
    """Leave out groups with a single child; also returns which of the old groups are kept."""
    groups = len(above)
    size = np.bincount(held, minlength=groups) + np.bincount(above[1:], minlength=groups)
    moved = np.arange(groups)
    for group in range(1, groups):
        if size[group] < 2:
            moved[group] = moved[above[group]]
    kept = np.flatnonzero(moved == np.arange(groups))
    number = np.full(groups, -1)
    number[kept] = np.arange(len(kept))
    around = above[kept]
    around[1:] = number[moved[around[1:]]]
    return number[moved[held]], around, [int(group) for group in kept]


def _depths(parent: Ints, first: int) -> Ints:
    depth = np.zeros(len(parent), np.int64)
    for group in range(first + 1, len(parent)):
        depth[group] = depth[parent[group]] + 1
    depth[:first] = depth[parent[:first]] + 1
    return depth


def _edges(graph: ModelGraph) -> tuple[Ints, Ints]:
    """Edges between layers, plus those from the model's inputs and to its outputs."""
    count = len(graph.layers)
    pairs: list[tuple[int, int]] = list(graph.edges)
    number = {tensor.name: count + index for index, tensor in enumerate(graph.inputs)}
    for index, layer in enumerate(graph.layers):
        pairs.extend((number[name], index) for name in set(layer.inputs) & number.keys())
    position = {layer.id: index for index, layer in enumerate(graph.layers)}
    start = count + len(graph.inputs)
    for index, tensor in enumerate(graph.outputs):
        if tensor.name in graph.producers:
            pairs.append((position[graph.producers[tensor.name]], start + index))
        elif tensor.name in number:
            pairs.append((number[tensor.name], start + index))
    ends = np.array(sorted(set(pairs)), np.int64).reshape(-1, 2)
    ends = ends[ends[:, 0] != ends[:, 1]]
    return ends[:, 0].copy(), ends[:, 1].copy()


def _lift(sources: Ints, targets: Ints, parent: Ints, depth: Ints) -> tuple[Ints, Flags, Flags]:
    """Every edge as (group, child, child) where the two children of one group meet."""
    one, two = sources.copy(), targets.copy()
    entered = np.zeros(len(parent), bool)
    left = np.zeros(len(parent), bool)
    while (apart := parent[one] != parent[two]).any():
        deeper = apart & (depth[one] >= depth[two])
        other = apart & (depth[two] >= depth[one])
        left[one[deeper]] = True
        entered[two[other]] = True
        one[deeper] = parent[one[deeper]]
        two[other] = parent[two[other]]
    lifted = np.stack([parent[one], one, two], 1)[one != two]
    return np.unique(lifted, axis=0), entered, left


def _order(parent: Ints, first: int, layers: int, inputs: int) -> Ints:
    """Item to the topological position of its first layer; inputs come before, outputs after."""
    order = np.full(len(parent), np.iinfo(np.int64).max)
    order[:first] = np.arange(first)
    order[layers : layers + inputs] -= first
    np.minimum.at(order, parent[:first], order[:first])
    for group in range(len(parent) - 1, first, -1):
        around = parent[group]
        order[around] = min(order[around], order[group])
    return order


def _children(parent: Ints, order: Ints, first: int) -> tuple[Ints, ...]:
    items = np.lexsort((order, parent))[1:]
    bounds = np.searchsorted(parent[items], np.arange(first, len(parent) + 1))
    return tuple(items[start:stop] for start, stop in pairwise(bounds.tolist()))


def _local_edges(lifted: Ints, children: tuple[Ints, ...], first: int) -> tuple[GroupEdges, ...]:
    position = np.zeros(first + len(children), np.int64)
    for members in children:
        position[members] = np.arange(len(members))
    bounds = np.searchsorted(lifted[:, 0], np.arange(first, first + len(children) + 1))
    starts, stops = position[lifted[:, 1]], position[lifted[:, 2]]
    return tuple(
        GroupEdges(starts[one:two], stops[one:two]) for one, two in pairwise(bounds.tolist())
    )


def _counts(parent: Ints, first: int, layers: int) -> Ints:
    counts = np.zeros(len(parent), np.int64)
    counts[:layers] = 1
    np.add.at(counts, parent[:layers], 1)
    for group in range(len(parent) - 1, first, -1):
        counts[parent[group]] += counts[group]
    return counts


def _shapes(
    children: tuple[Ints, ...],
    edges: tuple[GroupEdges, ...],
    entered: Flags,
    left: Flags,
    first: int,
) -> Ints:
    """Bottom-up structural hash, exact because whole keys are compared.

    A group's class says which children it has, how they are wired and which of them are reached
    from outside, so that groups of one class can share one layout.
    """
    shapes = np.zeros(first + len(children), np.int64)
    known: dict[tuple[bytes, ...], int] = {}
    for group in range(len(children) - 1, -1, -1):
        members, wires = children[group], edges[group]
        key = (
            shapes[members].tobytes(),
            wires.sources.tobytes(),
            wires.targets.tobytes(),
            np.packbits(np.concatenate([entered[members], left[members]])).tobytes(),
        )
        shapes[first + group] = known.setdefault(key, len(known) + 1)
    return shapes
