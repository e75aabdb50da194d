"""What a mark at the corner of a box says: this layer was added, removed or changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.layout import Tree

BadgeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Badge:
    """Painted as a shape and a colour, never as a colour alone: +, − or ~."""

    kind: BadgeKind
    text: str = ""
    """A few characters beside the shape, such as “fp32 → int8”; on a group the count inside."""


def badges_of_items(tree: Tree, badges: Mapping[int, Badge]) -> dict[int, Badge]:
    """Badges of layers (by item), and one for every group that holds some of them.

    A group whose marked layers are all of one kind has that kind, else it is changed.
    """
    kinds: dict[int, set[BadgeKind]] = {}
    counts = np.zeros(tree.items, np.int64)
    for item, badge in badges.items():
        for group in tree.ancestors(item)[:-1]:
            kinds.setdefault(group, set()).add(badge.kind)
            counts[group] += 1
    groups = {
        group: Badge(next(iter(found)) if len(found) == 1 else "changed", str(int(counts[group])))
        for group, found in kinds.items()
    }
    return groups | dict(badges)
