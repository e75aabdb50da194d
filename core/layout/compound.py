"""Lays out the visible part of a tree: each open group alone, groups wired alike only once."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from core.layout.drawing import Drawing, Floats, Ints
from core.layout.layered import Placement, draw
from core.layout.placing import Box
from core.layout.tree import Tree

BOX_WIDTH = 168.0
BOX_HEIGHT = 42.0
PORT_WIDTH = 132.0
PORT_HEIGHT = 42.0
PADDING = 18.0
HEADER = 30.0
FRAME_SIDE = 118.0
"""Least room of a frame on either side of its axis, so that its name never meets the line in it."""
LOPSIDED = 1.7
"""A frame is made symmetric about its axis unless one side is this much wider than the other."""

MemoKey = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class _GroupLayout:
    """One group's children at places relative to the group's axis and its top."""

    number: int
    x: Floats
    """Left edge of each child."""
    y: Floats
    width: Floats
    height: Floats
    axis: Floats
    points: Floats
    lengths: Ints
    """Points per line."""
    sources: Ints
    """Child position at the line's start; −1 is the group's own border."""
    targets: Ints
    frame: Box


@dataclass
class Memo:
    """Layouts made so far, by structure; share one while a model is open."""

    layouts: dict[MemoKey, _GroupLayout] = field(default_factory=dict[MemoKey, _GroupLayout])


def arrange(tree: Tree, expanded: AbstractSet[int], memo: Memo | None = None) -> Drawing:
    """The drawing with these groups open. The root is always open.

    A group inside a closed one is not drawn, whether it is in `expanded` or not.
    """
    maker = _Maker(tree, expanded, memo or Memo())
    return _flatten(tree, maker)


class _Maker:
    """Makes the layouts that one drawing needs, innermost first."""

    def __init__(self, tree: Tree, expanded: AbstractSet[int], memo: Memo) -> None:
        self.tree = tree
        self.expanded = expanded
        self.memo = memo
        self.made: dict[int, _GroupLayout] = {}
        self.layout_of(tree.root)

    def layout_of(self, group: int) -> _GroupLayout:
        """Recursion is bounded by the tree's greatest depth."""
        inner = [
            self.layout_of(child).number if self.opened(child) else -1
            for child in self.tree.children_of(group).tolist()
        ]
        key = (int(self.tree.shapes[group]), tuple(inner) if max(inner, default=-1) >= 0 else ())
        layout = self.memo.layouts.get(key)
        if layout is None:
            layout = self._fresh(group, len(self.memo.layouts))
            self.memo.layouts[key] = layout
        self.made[group] = layout
        return layout

    def opened(self, item: int) -> bool:
        return item in self.expanded and self.tree.is_group(item)

    def _fresh(self, group: int, number: int) -> _GroupLayout:
        tree = self.tree
        members = tree.children_of(group)
        boxes = [self._box(child) for child in members.tolist()]
        weight = [float(count) + 0.5 for count in tree.counts[members].tolist()]
        pairs, turned = _acyclic(tree, group)
        entry = exit = None
        if entering := np.flatnonzero(tree.entered[members]).tolist():
            entry = len(boxes)
            boxes.append(Box(0.0, 0.0, 0.0))
            pairs += [(entry, child) for child in entering]
        if leaving := np.flatnonzero(tree.left[members]).tolist():
            exit = len(boxes)
            boxes.append(Box(0.0, 0.0, 0.0))
            pairs += [(child, exit) for child in leaving]
        weight += [0.0] * (len(boxes) - len(weight))
        placement = draw(boxes, pairs, weight, entry=entry, exit=exit)
        lines = _lines(placement, pairs, turned, len(members))
        return _as_layout(number, placement, boxes[: len(members)], lines, group != tree.root)

    def _box(self, item: int) -> Box:
        if self.opened(item):
            return self.made[item].frame
        if self.tree.layers <= item < self.tree.root:
            return Box(PORT_WIDTH / 2, PORT_WIDTH / 2, PORT_HEIGHT)
        return Box(BOX_WIDTH / 2, BOX_WIDTH / 2, BOX_HEIGHT)


def _acyclic(tree: Tree, group: int) -> tuple[list[tuple[int, int]], set[int]]:
    """Edges of a group from earlier to later children, and which of them were turned round.

    Groups that are left and entered again make cycles among themselves.
    """
    edges = tree.edges[group - tree.root]
    pairs: list[tuple[int, int]] = []
    turned: set[int] = set()
    for source, target in zip(edges.sources.tolist(), edges.targets.tolist(), strict=True):
        if source > target:
            turned.add(len(pairs))
        pairs.append((min(source, target), max(source, target)))
    return pairs, turned


@dataclass(frozen=True)
class _LocalLines:
    """The lines of one group; −1 as an end is the group's border."""

    routes: list[list[tuple[float, float]]]
    ends: list[tuple[int, int]]


def _lines(
    placement: Placement, pairs: list[tuple[int, int]], turned: set[int], count: int
) -> _LocalLines:
    """Edges that were turned round run upwards again; the two ports become the border."""
    lines = _LocalLines([], [])
    for index, (route, (one, two)) in enumerate(zip(placement.lines, pairs, strict=True)):
        back = index in turned
        lines.routes.append(route[::-1] if back else route)
        ends = (two, one) if back else (one, two)
        lines.ends.append((ends[0] if ends[0] < count else -1, ends[1] if ends[1] < count else -1))
    return lines


def _as_layout(
    number: int, placement: Placement, boxes: list[Box], lines: _LocalLines, inside: bool
) -> _GroupLayout:
    """Put the frame's header and padding around the children."""
    top = HEADER if inside else 0.0
    frame = _frame(placement, inside)
    axis = np.array(placement.x[: len(boxes)], float)
    points = np.array([point for route in lines.routes for point in route], float).reshape(-1, 2)
    points[:, 1] += top
    lengths = np.array([len(route) for route in lines.routes], np.int64)
    ends = np.array(lines.ends, np.int64).reshape(-1, 2)
    last = np.cumsum(lengths) - 1
    points[(last - lengths + 1)[ends[:, 0] < 0], 1] = 0.0
    points[last[ends[:, 1] < 0], 1] = frame.height
    return _GroupLayout(
        number=number,
        x=axis - np.array([box.left for box in boxes], float),
        y=np.array(placement.y[: len(boxes)], float) + top,
        width=np.array([box.left + box.right for box in boxes], float),
        height=np.array([box.height for box in boxes], float),
        axis=axis,
        points=points,
        lengths=lengths,
        sources=ends[:, 0],
        targets=ends[:, 1],
        frame=frame,
    )


def _frame(placement: Placement, inside: bool) -> Box:
    if not inside:
        return Box(placement.left, placement.right, placement.height)
    left = max(placement.left + PADDING, FRAME_SIDE)
    right = max(placement.right + PADDING, FRAME_SIDE)
    if max(left, right) < LOPSIDED * min(left, right):
        left = right = max(left, right)
    return Box(left, right, placement.height + HEADER + PADDING / 2)


def _flatten(tree: Tree, maker: _Maker) -> Drawing:
    root = maker.made[tree.root]
    frames: list[Floats] = [np.empty((7, 0))]
    boxes: list[Floats] = [np.empty((7, 0))]
    lines = _Lines()
    for spot in _opened(tree, maker, root.frame.left):
        members = tree.children_of(spot.group)
        columns = spot.columns(members)
        is_open = np.array([maker.opened(child) for child in members.tolist()], bool)
        frames.append(columns[:, is_open])
        boxes.append(columns[:, ~is_open])
        lines.add(spot, members)
    frame_count = sum(chunk.shape[1] for chunk in frames)
    items, x, y, width, height, axis, depth = np.concatenate([*frames, *boxes], axis=1)
    points, starts, sources, targets = lines.merged()
    return Drawing(
        items=items.astype(np.int64),
        x=x,
        y=y,
        width=width,
        height=height,
        open=np.arange(len(items)) < frame_count,
        depth=depth.astype(np.int64),
        axis=axis,
        points=points,
        starts=starts,
        line_sources=sources,
        line_targets=targets,
        size=np.array([root.frame.left + root.frame.right, root.frame.height]),
        spine=np.array(root.frame.left),
    )


@dataclass(frozen=True)
class _Spot:
    """An open group at its place in the drawing."""

    group: int
    layout: _GroupLayout
    x: float
    """Of its axis."""
    y: float
    """Of its top."""
    depth: int

    def columns(self, members: Ints) -> Floats:
        """Item, x, y, width, height, axis and depth of each child, shape (7, children)."""
        layout = self.layout
        chunk = np.empty((7, len(members)))
        chunk[0] = members
        chunk[1] = layout.x + self.x
        chunk[2] = layout.y + self.y
        chunk[3] = layout.width
        chunk[4] = layout.height
        chunk[5] = layout.axis + self.x
        chunk[6] = self.depth
        return chunk


def _opened(tree: Tree, maker: _Maker, axis: float) -> Iterator[_Spot]:
    """The open groups, each before those in it."""
    waiting = [_Spot(tree.root, maker.made[tree.root], axis, 0.0, 0)]
    while waiting:
        spot = waiting.pop()
        yield spot
        for place, child in enumerate(tree.children_of(spot.group).tolist()):
            if maker.opened(child):
                x = spot.x + float(spot.layout.axis[place])
                y = spot.y + float(spot.layout.y[place])
                waiting.append(_Spot(child, maker.made[child], x, y, spot.depth + 1))


class _Lines:
    """Gathers the lines of many groups."""

    def __init__(self) -> None:
        self.points: list[Floats] = [np.empty((0, 2))]
        self.lengths: list[Ints] = [np.empty(0, np.int64)]
        self.sources: list[Ints] = [np.empty(0, np.int64)]
        self.targets: list[Ints] = [np.empty(0, np.int64)]

    def add(self, spot: _Spot, members: Ints) -> None:
        layout = spot.layout
        known = np.append(members, spot.group)  # position −1 is the group itself
        self.points.append(layout.points + np.array((spot.x, spot.y)))
        self.lengths.append(layout.lengths)
        self.sources.append(known[layout.sources])
        self.targets.append(known[layout.targets])

    def merged(self) -> tuple[Floats, Ints, Ints, Ints]:
        starts = np.concatenate([[0], np.cumsum(np.concatenate(self.lengths))]).astype(np.int64)
        return (
            np.concatenate(self.points),
            starts,
            np.concatenate(self.sources),
            np.concatenate(self.targets),
        )
