"""Some items stand out and the others step back: what a search found, or the paths between two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Emphasis:
    """Which items of the tree stand out."""

    items: Flags
    """Item to whether it stands out; a closed group does where something in it does."""
    lines: bool = False
    """Whether the lines between them stand out too: a path rather than a set."""
