"""Some items stand out and the others step back: what a search found, or the paths between two."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.layout import Tree
from core.model.columns import distinct

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Emphasis:
    """Which items of the tree stand out."""

    items: Flags
    """Item to whether it stands out; a group does where something in it does."""
    lines: bool = False
    """Whether the lines between them stand out too: a path rather than a set."""

    @classmethod
    def of(cls, tree: Tree, items: NDArray[np.int64], *, lines: bool = False) -> Self:
        """These items, and the groups around them."""
        flags = np.zeros(tree.items, bool)
        while len(items):
            flags[items] = True
            around = tree.parent[items]
            items = distinct(around[around >= 0])
        return cls(flags, lines)
