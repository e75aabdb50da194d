"""A finished layout: every visible box, frame and line at its place, as flat arrays."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Drawing:
    """Units are pixels at zoom 1. Frames (open groups) come before what lies in them.

    Lines are polylines in one long list of points; line i has the points from `starts[i]` up to
    `starts[i + 1]`. Where a line begins or ends at the border of the group that it runs in, its
    source or target is that group.
    """

    items: Ints
    """Item of core.layout.tree per box or frame."""
    x: Floats
    y: Floats
    width: Floats
    height: Floats
    open: Flags
    """True for the frame of an open group."""
    depth: Ints
    axis: Floats
    """x where lines arrive at and leave a box or frame."""
    points: Floats
    """Shape (points, 2)."""
    starts: Ints
    """Shape (lines + 1,)."""
    line_sources: Ints
    line_targets: Ints
    size: Floats
    """Width and height of all, shape (2,)."""
    spine: Floats
    """x of the straight line through the whole model, shape ()."""

    def __len__(self) -> int:
        return len(self.items)

    @property
    def lines(self) -> int:
        return len(self.line_sources)

    @property
    def expanded(self) -> frozenset[int]:
        """The open groups, without the root."""
        return frozenset(self.items[self.open].tolist())
