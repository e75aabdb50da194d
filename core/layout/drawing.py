"""A finished layout: every visible box, frame and line at its place, as flat arrays."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError

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


def save_drawing(drawing: Drawing, path: Path) -> None:
    """Write one .npz file; about 150 bytes per box."""
    arrays = {field.name: getattr(drawing, field.name) for field in fields(Drawing)}
    with path.open("wb") as file:
        np.savez(file, **arrays)


def load_drawing(path: Path) -> Drawing:
    """Raises InputError when the file is not a drawing."""
    try:
        # Opened here because numpy leaves a file open that it cannot read.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return Drawing(**{field.name: stored[field.name] for field in fields(Drawing)})
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, AttributeError) as error:
        raise InputError(
            f"The saved layout {path.name} cannot be read.",
            f"{type(error).__name__}: {error}.",
            "Open the model again; its layout will be made anew.",
        ) from error
