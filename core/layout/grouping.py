"""Which group each item lies in, while the groups of a tree are being found."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from core.layout.lifting import Lifted, lifted
from core.layout.structure import Ints
from core.model.wires import ScopeColumn

MAX_DEPTH = 24
"""Deeper scopes are drawn in the group at this depth; no real model has them."""

Path = tuple[str, ...]


@dataclass
class Grouping:
    """Groups in the making; their numbers begin with `first`, that of the whole model."""

    layers: int
    inputs: int
    outputs: int
    parent: Ints
    """Item to the group around it; −1 for the root and for hidden layers."""
    scopes: list[Path | None]
    """Per group; None for one that the model does not name."""
    titles: list[str]
    contents: list[str]
    """What lies in a group that the model does not name; empty for others."""
    inferred: list[bool]
    folds: list[int]

    @property
    def first(self) -> int:
        return self.layers + self.inputs + self.outputs

    @property
    def groups(self) -> int:
        return len(self.titles)

    def add(self, around: int, contents: str, *, inferred: bool, fold: int = 0) -> int:
        """A new group; the caller gives it a title and members. Call `grow` after the last."""
        self._around.append(around)
        self.scopes.append(None)
        self.titles.append("")
        self.contents.append(contents)
        self.inferred.append(inferred)
        self.folds.append(fold)
        return self.first + self.groups - 1

    def __post_init__(self) -> None:
        self._around: list[int] = []

    def grow(self) -> None:
        """Let the added groups count."""
        self.parent = np.concatenate([self.parent, np.array(self._around, np.int64)])
        self._around = []

    def depth(self) -> Ints:
        """Item to the number of groups around it; 0 for the root and for hidden layers."""
        depth = np.zeros(len(self.parent), np.int64)
        rooted = np.flatnonzero(self.parent >= 0)
        groups = rooted[rooted >= self.first]
        deeper = depth[groups] + 1
        while not np.array_equal(deeper, depth[groups]):  # as many rounds as there are levels
            depth[groups] = deeper
            deeper = depth[self.parent[groups]] + 1
        depth[rooted] = depth[self.parent[rooted]] + 1
        return depth

    def order(self) -> Ints:
        """Item to the topological position of its first layer; inputs before, outputs after."""
        order = np.full(len(self.parent), np.iinfo(np.int64).max)
        order[: self.first] = np.arange(self.first)
        order[self.layers : self.layers + self.inputs] -= self.first
        for items in self._deepest_first():
            np.minimum.at(order, self.parent[items], order[items])
        return order

    def counts(self) -> Ints:
        """Item to the number of visible layers in it."""
        counts = np.zeros(len(self.parent), np.int64)
        counts[: self.layers] = 1
        for items in self._deepest_first():
            np.add.at(counts, self.parent[items], counts[items])
        return counts

    def _deepest_first(self) -> list[Ints]:
        depth = self.depth()
        order = np.argsort(-depth, kind="stable")
        bounds = np.flatnonzero(np.diff(depth[order])) + 1
        return [level for level in np.split(order, bounds) if depth[level[0]] > 0]

    def members(self, order: Ints) -> tuple[Ints, Ints]:
        """The items of all groups, group by group, and where each group's begin."""
        items = np.lexsort((order, self.parent))
        items = items[self.parent[items] >= 0]
        edges = np.arange(self.first, self.first + self.groups + 1)
        return items, np.searchsorted(self.parent[items], edges)

    def lifted(self, sources: Ints, targets: Ints) -> Lifted:
        return lifted(sources, targets, self.parent, self.depth())

    def numbered_by_depth(self) -> Self:
        """The same with numbers that grow from the outside inwards."""
        order = np.argsort(self.depth()[self.first :], kind="stable")
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        parent = self.parent.copy()
        parent[self.first :] = parent[self.first :][order]
        grouped = parent >= self.first
        parent[grouped] = number[parent[grouped] - self.first] + self.first
        places = order.tolist()
        return replace(
            self,
            parent=parent,
            scopes=[self.scopes[place] for place in places],
            titles=[self.titles[place] for place in places],
            contents=[self.contents[place] for place in places],
            inferred=[self.inferred[place] for place in places],
            folds=[self.folds[place] for place in places],
        )

    def paths(self) -> tuple[Path, ...]:
        """Scope of each group; one without a scope adds its title to the path around it."""
        found: list[Path] = []
        around: list[int] = (self.parent[self.first :] - self.first).tolist()
        for group, scope in enumerate(self.scopes):
            found.append((*found[around[group]], self.titles[group]) if scope is None else scope)
        return tuple(found)


def groups_of_scopes(
    column: ScopeColumn, ports: tuple[int, int], hidden: Collection[int]
) -> Grouping:
    """A group for every scope with more than one child; hidden layers lie in none."""
    numbers, above = _numbered(column.paths)
    of_path = np.array([numbers[path[:MAX_DEPTH]] for path in column.paths], np.int64)
    held = np.concatenate([of_path[column.of], np.zeros(sum(ports), np.int64)])
    held[list(hidden)] = -1
    held, above, kept = _without_single(held, above)
    first = len(held)
    parent = np.where(held < 0, -1, held + first)
    parent = np.concatenate([parent, above + first])
    parent[first] = -1
    paths = list(numbers)
    scopes: list[Path | None] = [paths[index] for index in kept]
    return Grouping(
        layers=len(column.of),
        inputs=ports[0],
        outputs=ports[1],
        parent=parent,
        scopes=scopes,
        titles=[scope_title(path) if path else "" for path in scopes],
        contents=[""] * len(kept),
        inferred=[False] * len(kept),
        folds=[0] * len(kept),
    )


def _numbered(paths: Sequence[Path]) -> tuple[dict[Path, int], Ints]:
    """A number for every scope and those around it, and the number of the one around each."""
    numbers: dict[Path, int] = {(): 0}
    above = [-1]
    for whole in paths:
        path = whole[:MAX_DEPTH]
        missing = len(path)
        while path[:missing] not in numbers:
            missing -= 1
        for length in range(missing + 1, len(path) + 1):
            above.append(numbers[path[: length - 1]])
            numbers[path[:length]] = len(numbers)
    return numbers, np.array(above, np.int64)


def _without_single(held: Ints, above: Ints) -> tuple[Ints, Ints, list[int]]:
    """Leave out groups with a single child; also returns which of the old groups are kept."""
    groups = len(above)
    size = np.bincount(held[held >= 0], minlength=groups)
    moved = np.arange(groups)
    around = above.tolist()
    for group in range(groups - 1, 0, -1):  # the inner ones first: an empty group vanishes
        size[around[group]] += size[group] > 0
    for group in range(1, groups):
        if size[group] < 2:
            moved[group] = moved[around[group]]
    kept = np.flatnonzero(moved == np.arange(groups))
    number = np.full(groups, -1)
    number[kept] = np.arange(len(kept))
    outer = above[kept]
    outer[1:] = number[moved[outer[1:]]]
    return np.where(held < 0, -1, number[moved[held]]), outer, kept.tolist()


def scope_title(path: Path) -> str:
    """The last part of a scope, with those before it where it is only a number: “blocks.1.0”."""
    start = len(path) - 1
    while start > 0 and path[start].isdecimal():
        start -= 1
    return ".".join(path[max(start, 0) :])


_NUMBER_AT_END = re.compile(r"^(.*?)(\d+)$", re.DOTALL)


def run_words(first: str, last: str, count: int) -> tuple[str, str]:
    """Title and contents of a run of blocks: “layer ×44” and “0 … 43” where they are called alike,
    else “stem … head ×4” and nothing."""
    one, two = _NUMBER_AT_END.match(first), _NUMBER_AT_END.match(last)
    if one and two and one[1] == two[1] and (stem := one[1].rstrip("._- ")):
        return f"{stem} ×{count}", f"{one[2]} … {two[2]}"
    return f"{first} … {last} ×{count}", ""
