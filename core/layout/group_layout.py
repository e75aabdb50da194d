"""One open group laid out alone: where its children and their lines stand within its frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.layout.layered import Placement, draw
from core.layout.placing import Box
from core.layout.structure import Ints
from core.layout.tree import Tree
from core.layout.turns import Point
from core.layout.upright import upright
from core.layout.wrapping import Ports, wrapped

Floats: TypeAlias = NDArray[np.float64]

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

LAYER_BOX = Box(BOX_WIDTH / 2, BOX_WIDTH / 2, BOX_HEIGHT)
PORT_BOX = Box(PORT_WIDTH / 2, PORT_WIDTH / 2, PORT_HEIGHT)


@dataclass(frozen=True)
class GroupLayout:
    """A group's children at places relative to the group's axis and its top."""

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


@dataclass(frozen=True)
class LocalLines:
    """The lines of one group; −1 as an end is the group's border."""

    routes: list[list[Point]]
    ends: list[tuple[int, int]]


def lay_out(tree: Tree, group: int, boxes: Sequence[Box]) -> GroupLayout:
    """`boxes` holds the room of each child, in the order of `tree.children_of(group)`."""
    members = tree.children_of(group)
    edges = tree.edges_of(group)
    wires = zip(edges.sources.tolist(), edges.targets.tolist(), strict=True)
    pairs, turned = upright(len(members), list(wires))
    weight = [float(count) + 0.5 for count in tree.counts[members].tolist()]
    sized = list(boxes)
    entry = exit = None
    if entering := np.flatnonzero(tree.entered[members]).tolist():
        entry = len(sized)
        sized.append(Box(0.0, 0.0, 0.0))
        pairs += [(entry, child) for child in entering]
    if leaving := np.flatnonzero(tree.left[members]).tolist():
        exit = len(sized)
        sized.append(Box(0.0, 0.0, 0.0))
        pairs += [(child, exit) for child in leaving]
    weight += [0.0] * (len(sized) - len(weight))
    inside = group != tree.root
    placement = draw(sized, pairs, weight, entry=entry, exit=exit)
    placement = wrapped(placement, sized, pairs, Ports(entry, exit), centred=inside)
    lines = _lines(placement, pairs, turned, len(members))
    return _framed(placement, boxes, lines, inside=inside)


def _lines(
    placement: Placement, pairs: list[tuple[int, int]], turned: set[int], count: int
) -> LocalLines:
    """Edges that were turned round run upwards again; the two ports become the border."""
    lines = LocalLines([], [])
    for index, (route, (one, two)) in enumerate(zip(placement.lines, pairs, strict=True)):
        back = index in turned
        lines.routes.append(route[::-1] if back else route)
        ends = (two, one) if back else (one, two)
        lines.ends.append((ends[0] if ends[0] < count else -1, ends[1] if ends[1] < count else -1))
    return lines


def _framed(
    placement: Placement, boxes: Sequence[Box], lines: LocalLines, *, inside: bool
) -> GroupLayout:
    """Put the frame's header and padding around the children."""
    top = HEADER if inside else 0.0
    frame = frame_around(placement.left, placement.right, placement.height, inside=inside)
    axis = np.array(placement.x[: len(boxes)], float)
    points = np.array([point for route in lines.routes for point in route], float).reshape(-1, 2)
    points[:, 1] += top
    lengths = np.array([len(route) for route in lines.routes], np.int64)
    ends = np.array(lines.ends, np.int64).reshape(-1, 2)
    last = np.cumsum(lengths) - 1
    points[(last - lengths + 1)[ends[:, 0] < 0], 1] = 0.0
    points[last[ends[:, 1] < 0], 1] = frame.height
    return GroupLayout(
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


def frame_around(left: float, right: float, height: float, *, inside: bool) -> Box:
    """The room of a frame whose content reaches this far from its axis; none around the root."""
    if not inside:
        return Box(left, right, height)
    left, right = max(left + PADDING, FRAME_SIDE), max(right + PADDING, FRAME_SIDE)
    if max(left, right) < LOPSIDED * min(left, right):
        left = right = max(left, right)
    return Box(left, right, height + HEADER + PADDING / 2)
