"""Lays out the visible part of a tree: each open group alone, groups wired alike only once."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from core.layout.drawing import Drawing, Floats, Ints
from core.layout.grid import gridded, is_parallel
from core.layout.group_layout import LAYER_BOX, PORT_BOX, GroupLayout, lay_out
from core.layout.placing import Box
from core.layout.structure import Nesting, coded_upwards, hashed, ranges
from core.layout.tree import Flags, Tree

Progress = Callable[[int, int], None]
"""Told how many of how many groups are laid out; may raise to stop the work."""


@dataclass
class Memo:
    """Layouts made so far, by structural code; share one while a model is open."""

    layouts: dict[int, GroupLayout] = field(default_factory=dict[int, GroupLayout])


def arrange(
    tree: Tree,
    expanded: AbstractSet[int],
    memo: Memo | None = None,
    progress: Progress | None = None,
) -> Drawing:
    """The drawing with these groups open. The root is always open.

    A group inside a closed one is not drawn, whether it is in `expanded` or not.
    """
    opened = tree.opened(expanded)
    maker = _Maker(tree, opened, memo or Memo())
    maker.make(progress)
    return _flattened(tree, opened, maker.layouts())


class _Maker:
    """Makes the layouts that one drawing needs, the innermost first."""

    def __init__(self, tree: Tree, opened: Flags, memo: Memo) -> None:
        self._tree = tree
        self._opened = opened
        self._memo = memo.layouts
        self._groups = np.flatnonzero(opened)
        # Open groups with one code look alike: they are wired alike and open alike.
        self._codes = coded_upwards(
            np.zeros(tree.items, np.uint64),
            Nesting(tree.depth, tree.members, tree.member_bounds),
            own=hashed(tree.shapes[tree.root :]),
            counted=opened[tree.root :],
        )

    def make(self, progress: Progress | None) -> None:
        groups = self._groups[::-1]  # so that of groups with one code the innermost is taken
        kinds, places = np.unique(self._codes[groups], return_index=True)
        missing = [
            int(groups[place])
            for kind, place in zip(kinds.tolist(), places.tolist(), strict=True)
            if kind not in self._memo
        ]
        missing.sort(reverse=True)  # inner groups have larger numbers
        for done, group in enumerate(missing):
            if progress is not None:
                progress(done, len(missing))
            boxes = [self._box(child) for child in self._tree.children_of(group).tolist()]
            lay = gridded if is_parallel(self._tree, group) else lay_out
            self._memo[int(self._codes[group])] = lay(self._tree, group, boxes)

    def _box(self, item: int) -> Box:
        if self._opened[item]:
            return self._memo[int(self._codes[item])].frame
        return PORT_BOX if self._tree.is_port(item) else LAYER_BOX

    def layouts(self) -> list[GroupLayout]:
        """Of the open groups, in order."""
        return [self._memo[code] for code in self._codes[self._groups].tolist()]


def _flattened(tree: Tree, opened: Flags, layouts: list[GroupLayout]) -> Drawing:
    """Every layout at the places of its groups, level by level from the outside."""
    pool = _Pool(layouts)
    chunks = _Chunks()
    groups = np.flatnonzero(opened)
    axis, top = np.zeros(tree.items), np.zeros(tree.items)
    root = layouts[0].frame
    axis[tree.root] = root.left
    depth = tree.depth[groups]
    for level in range(int(depth.max()) + 1):
        here = depth == level
        spots = _Spots(groups[here], pool.of[here], axis[groups[here]], top[groups[here]])
        items, placed = pool.children_of(tree, spots)
        axis[items], top[items] = placed[4], placed[1]
        chunks.items.append(items)
        chunks.placed.append(placed)
        pool.put_lines(tree, spots, chunks)
    items, x, y, width, height, box_axis = chunks.children()
    order = np.argsort(~opened[items], kind="stable")
    points, starts, sources, targets = chunks.lines()
    return Drawing(
        items=items[order],
        x=x[order],
        y=y[order],
        width=width[order],
        height=height[order],
        open=opened[items[order]],
        depth=tree.depth[items[order]] - 1,
        axis=box_axis[order],
        points=points,
        starts=starts,
        line_sources=sources,
        line_targets=targets,
        size=np.array([root.left + root.right, root.height]),
        spine=np.array(root.left),
    )


@dataclass(frozen=True)
class _Spots:
    """Open groups at their places."""

    groups: Ints
    kinds: Ints
    """Place of each group's layout in the pool."""
    axis: Floats
    top: Floats


class _Pool:
    """The different layouts of a drawing in a row, and which of them each group has."""

    def __init__(self, layouts: list[GroupLayout]) -> None:
        numbers = {id(layout): layout for layout in layouts}
        places = {key: place for place, key in enumerate(numbers)}
        different = list(numbers.values())
        self.of = np.array([places[id(layout)] for layout in layouts], np.int64)
        self.children = np.concatenate(
            [[each.x, each.y, each.width, each.height, each.axis] for each in different], axis=1
        )
        self.child_bounds = _bounds([len(each.x) for each in different])
        self.points = np.concatenate([each.points for each in different])
        self.point_bounds = _bounds([len(each.points) for each in different])
        self.lengths = np.concatenate([each.lengths for each in different])
        self.sources = np.concatenate([each.sources for each in different])
        self.targets = np.concatenate([each.targets for each in different])
        self.line_bounds = _bounds([len(each.lengths) for each in different])

    def children_of(self, tree: Tree, spots: _Spots) -> tuple[Ints, Floats]:
        """The items in some groups; x, y, width, height and axis of each, shape (5, items)."""
        entries = ranges(self.child_bounds[spots.kinds], self.child_bounds[spots.kinds + 1])
        starts = tree.member_bounds[spots.groups - tree.root]
        stops = tree.member_bounds[spots.groups - tree.root + 1]
        right = np.repeat(spots.axis, stops - starts)
        placed = self.children[:, entries]
        placed[0] += right
        placed[1] += np.repeat(spots.top, stops - starts)
        placed[4] += right
        return tree.members[ranges(starts, stops)], placed

    def put_lines(self, tree: Tree, spots: _Spots, chunks: "_Chunks") -> None:
        """The lines in some groups."""
        starts, stops = self.point_bounds[spots.kinds], self.point_bounds[spots.kinds + 1]
        places = np.stack([spots.axis, spots.top], axis=1)
        moved = self.points[ranges(starts, stops)] + np.repeat(places, stops - starts, axis=0)
        chunks.points.append(moved)
        starts, stops = self.line_bounds[spots.kinds], self.line_bounds[spots.kinds + 1]
        lines = ranges(starts, stops)
        around = np.repeat(spots.groups, stops - starts)
        first = tree.member_bounds[around - tree.root]
        chunks.lengths.append(self.lengths[lines])
        for ends, chunk in ((self.sources, chunks.sources), (self.targets, chunks.targets)):
            end = ends[lines]
            inside = np.minimum(first + np.maximum(end, 0), len(tree.members) - 1)
            chunk.append(np.where(end < 0, around, tree.members[inside]))


def _bounds(lengths: list[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))])


@dataclass
class _Chunks:
    """Gathers the arrays of a drawing level by level."""

    items: list[Ints] = field(default_factory=list[Ints])
    placed: list[Floats] = field(default_factory=list[Floats])
    points: list[Floats] = field(default_factory=list[Floats])
    lengths: list[Ints] = field(default_factory=list[Ints])
    sources: list[Ints] = field(default_factory=list[Ints])
    targets: list[Ints] = field(default_factory=list[Ints])

    def children(self) -> tuple[Ints, Floats, Floats, Floats, Floats, Floats]:
        """Item, x, y, width, height and axis of every box and frame, from outside inwards."""
        x, y, width, height, axis = np.concatenate(self.placed, axis=1)
        return np.concatenate(self.items), x, y, width, height, axis

    def lines(self) -> tuple[Floats, Ints, Ints, Ints]:
        starts = np.concatenate([[0], np.cumsum(np.concatenate(self.lengths))])
        return (
            np.concatenate(self.points),
            starts,
            np.concatenate(self.sources),
            np.concatenate(self.targets),
        )
