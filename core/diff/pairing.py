"""The pairs of layers that were found so far."""

import numpy as np

from core.diff.outline import Ints, Outline
from core.diff.report import MatchedBy


class Pairing:
    """Items of A and B that belong together; items are layers, then the models' inputs."""

    def __init__(self, a: Outline, b: Outline) -> None:
        self.a, self.b = a, b
        self.to_b: Ints = np.full(a.items, -1, np.int64)
        self.to_a: Ints = np.full(b.items, -1, np.int64)
        self.matched_by: dict[int, MatchedBy] = {}
        self.fresh: list[int] = []
        """Items of A that were paired and whose neighbours were not looked at yet."""

    def pair(self, i: int, j: int, by: MatchedBy) -> None:
        self.to_b[i], self.to_a[j] = j, i
        self.matched_by[i] = by
        self.fresh.append(i)

    def is_free(self, i: int, j: int) -> bool:
        return bool(self.to_b[i] < 0 and self.to_a[j] < 0)

    @property
    def is_done(self) -> bool:
        """Whether one of the two has no layer left."""
        return bool(
            (self.to_b[: len(self.a.layers)] >= 0).all()
            or (self.to_a[: len(self.b.layers)] >= 0).all()
        )

    def have_same_conversion(self, i: int, j: int) -> bool:
        """Whether both only convert numbers, or neither does."""
        return self.a.conversions[i] == self.b.conversions[j]
