"""Groups that names do not give: runs of blocks that are alike, parts of long flat stretches."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.layout.grouping import Grouping, run_words
from core.layout.lifting import LocalEdges
from core.layout.repeats import Repeat, patterns, runs, stretches
from core.layout.structure import Codes, Ints, Nesting, coded_upwards, hashed
from core.model.wires import Wires

MANY = 48
"""A group with more children than this gets parts."""
PART = 14
"""About so many children per part."""
NAMED = 3
"""So many kinds of operators describe a part."""


def with_blocks(grouping: Grouping, wires: Wires, operators: Sequence[str]) -> Grouping:
    """Add groups to `grouping`, which is changed, where siblings repeat or are too many."""
    order = grouping.order()
    members, bounds = grouping.members(order)
    codes = _content_codes(grouping, members, bounds, operators)
    many = np.flatnonzero(np.diff(bounds) > MANY)
    crowded = _crowded(grouping, wires, members, bounds, many) if len(many) else {}
    finder = _Finder(grouping, order, operators)
    for place in _with_runs(codes, members, bounds, grouping.first) | crowded.keys():
        items = members[bounds[place] : bounds[place + 1]]
        inner = (items < grouping.layers) | (items >= grouping.first)
        cut = crowded[place][inner] if place in crowded else np.zeros(0, np.int64)
        finder.divide(place + grouping.first, items[inner], codes[items[inner]], cut)
    finder.finish()
    return grouping


def _content_codes(
    grouping: Grouping, members: Ints, bounds: Ints, operators: Sequence[str]
) -> Codes:
    """Items with equal codes hold the same operators in the same order and groups."""
    numbers: dict[str, int] = {}
    leaves = np.zeros(grouping.first + grouping.groups, np.int64)
    kinds = [numbers.setdefault(operator, len(numbers) + 1) for operator in operators]
    leaves[: grouping.layers] = kinds
    nesting = Nesting(grouping.depth(), members, bounds)
    return coded_upwards(hashed(leaves), nesting, own=hashed(np.diff(bounds)))


def _with_runs(codes: Codes, members: Ints, bounds: Ints, first: int) -> set[int]:
    """Groups with a run of groups that are alike among their children."""
    # The group around is mixed in, so that no run goes on from one group into the next.
    around = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    own = codes[members] ^ hashed(around)
    return {int(around[run.start]) for run in runs(own, members >= first)}


def _crowded(
    grouping: Grouping, wires: Wires, members: Ints, bounds: Ints, many: Ints
) -> dict[int, Ints]:
    """For groups with many children: how many values are alive after each child."""
    lifted = grouping.lifted(wires.sources, wires.targets)
    local = lifted.local(members, bounds, grouping.first)
    found: dict[int, Ints] = {}
    for place in many.tolist():
        leaving = lifted.left[members[bounds[place] : bounds[place + 1]]]
        found[place] = _alive(local, place, leaving)
    return found


def _alive(local: LocalEdges, place: int, leaving: NDArray[np.bool_]) -> Ints:
    """A value counts from the child that makes it to the last that takes it."""
    edges = slice(int(local.bounds[place]), int(local.bounds[place + 1]))
    sources = np.minimum(local.sources[edges], local.targets[edges])
    targets = np.maximum(local.sources[edges], local.targets[edges])
    last = np.arange(len(leaving))
    np.maximum.at(last, sources, targets)
    last[leaving] = len(leaving)
    change = np.zeros(len(leaving) + 1, np.int64)
    np.add.at(change, last, -1)
    change[:-1] += 1
    return np.cumsum(change)[:-1]


@dataclass
class _Row:
    """The children of one group while they are being gathered into parts."""

    items: list[int]
    codes: Codes
    cut: Ints
    """Values alive after each child; empty where the children are few."""

    def __len__(self) -> int:
        return len(self.items)

    def gathered(self, parts: list[tuple[int, int, int]]) -> "_Row":
        """With a new item for each stretch (start, stop, item)."""
        items: list[int] = []
        codes: list[np.uint64] = []
        kept: list[int] = []
        at = 0
        for start, stop, item in [*parts, (len(self), len(self), -1)]:
            items += self.items[at:start]
            codes += list(self.codes[at:start])
            kept += range(at, start)
            if item >= 0:
                items.append(item)
                codes.append(_together(self.codes[start:stop]))
                kept.append(stop - 1)
            at = stop
        cut = self.cut[kept] if len(self.cut) else self.cut
        return _Row(items, np.array(codes, np.uint64), cut)


def _together(codes: Codes) -> np.uint64:
    """The code of a new group with these children."""
    return np.bitwise_xor.reduce(hashed(codes * (2 * np.arange(len(codes)) + 3).astype(np.uint64)))


@dataclass
class _Finder:
    """Adds groups to a grouping."""

    grouping: Grouping
    order: Ints
    operators: Sequence[str]
    _held: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    """New group to its members."""
    _parts_in: dict[tuple[int, int], list[int]] = field(
        default_factory=dict[tuple[int, int], list[int]]
    )
    """Group and height (1 for parts of single layers, 2 for parts of parts …) to its parts."""
    _height: dict[int, int] = field(default_factory=dict[int, int])

    def divide(self, around: int, items: Ints, codes: Codes, cut: Ints) -> None:
        """Gather the children of one group: runs first, then patterns, then parts."""
        row = _Row(items.tolist(), codes, cut)
        if around != self.grouping.first and bool((codes == codes[0]).all()):
            return  # such as the experts in “experts”: that group is the run
        row = self._fold(around, row)
        if len(row) > MANY:
            row = self._fold(around, self._repeated(around, row))
        while len(row) > MANY:
            row = self._fold(around, self._parts(around, row))

    def finish(self) -> None:
        """Give the new groups their titles and their members."""
        self.grouping.grow()
        for (_, height), parts in self._parts_in.items():
            # Found in any order; numbered as they follow each other in the model.
            for number, part in enumerate(sorted(parts, key=self._first_of), 1):
                self._title(part, f"{'block' if height == 1 else 'stage'} {number}")
        for group, members in self._held.items():
            self.grouping.parent[members] = group
            if count := self.grouping.folds[group - self.grouping.first]:
                one, other = (self._title_of(item) for item in (members[0], members[-1]))
                title, range_of = run_words(one, other, count)
                self._title(group, title)
                place = group - self.grouping.first
                words = (range_of, self.grouping.contents[place])
                self.grouping.contents[place] = " · ".join(word for word in words if word)

    def _first_of(self, item: int) -> int:
        return self._first_of(self._held[item][0]) if item in self._held else int(self.order[item])

    def _title(self, group: int, title: str) -> None:
        self.grouping.titles[group - self.grouping.first] = title

    def _title_of(self, group: int) -> str:
        return self.grouping.titles[group - self.grouping.first]

    def _fold(self, around: int, row: _Row) -> _Row:
        """Every run of groups that are alike becomes one group."""
        first = self.grouping.first
        groups = np.array(row.items) >= first
        found = [
            (run.start, run.stop, self._run(around, row, run)) for run in runs(row.codes, groups)
        ]
        return row.gathered(found)

    def _run(self, around: int, row: _Row, run: Repeat) -> int:
        members = row.items[run.start : run.stop]
        place = members[0] - self.grouping.first
        contents, inferred = self.grouping.contents[place], self.grouping.inferred[place]
        group = self.grouping.add(around, contents, inferred=inferred, fold=run.count)
        self._held[group] = members
        self._height[group] = self._height.get(members[0], 0)
        return group

    def _repeated(self, around: int, row: _Row) -> _Row:
        """Every round of a repeated pattern becomes a group."""
        parts: list[tuple[int, int, int]] = []
        for repeat in patterns(row.codes, row.cut):
            for start in range(repeat.start, repeat.stop, repeat.period):
                stop = start + repeat.period
                parts.append((start, stop, self._part(around, row.items[start:stop])))
        return row.gathered(parts)

    def _parts(self, around: int, row: _Row) -> _Row:
        return row.gathered(
            [
                (start, stop, self._part(around, row.items[start:stop]))
                for start, stop in stretches(row.cut, PART)
                if stop - start > 1
            ]
        )

    def _part(self, around: int, members: list[int]) -> int:
        kinds = Counter(kind for item in members for kind in self._kinds(item))
        if len(kinds) > 1:
            kinds.pop("Identity", None)  # it says nothing about what a block does
        names = ", ".join(kind for kind, _ in kinds.most_common(NAMED))
        group = self.grouping.add(around, names, inferred=True)
        self._held[group] = members
        height = 1 + max(self._height.get(item, 0) for item in members)
        self._height[group] = height
        self._parts_in.setdefault((around, height), []).append(group)
        return group

    def _kinds(self, item: int) -> list[str]:
        """Operators in an item; a named group counts by its name."""
        if item < self.grouping.layers:
            return [self.operators[item]]
        if item in self._held:
            return [kind for member in self._held[item] for kind in self._kinds(member)]
        return [self.grouping.titles[item - self.grouping.first]]
