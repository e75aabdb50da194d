"""Finds which layer of one model is which layer of another.

First what names say: LayerIds, then names of layers, results and weights. Then structure: from
pairs that are known to their neighbours, by the order in which layers run, and by what is around
them. At last what only an id says. Nearly linear in the number of layers.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.diff.naming import Naming
from core.diff.ordering import pair_by_order, pair_conversions
from core.diff.outline import Ints, Outline
from core.diff.pairing import Pairing
from core.diff.report import MatchedBy
from core.diff.spreading import Spreading
from core.diff.surroundings import pair_by_surroundings

_RADII = (16, 8, 4, 2, 1)


@dataclass(frozen=True)
class Alignment:
    """Which layers belong together. Layers are numbers: their places in the graphs."""

    to_b: Ints
    """Layer of A to its layer of B; −1 where there is none."""
    matched_by: dict[int, MatchedBy]
    """Layer of A to how it was found."""

    @cached_property
    def of_b(self) -> frozenset[int]:
        """Layers of B that have one in A."""
        return frozenset(self.to_b[self.to_b >= 0].tolist())

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """In A's order."""
        found = np.flatnonzero(self.to_b >= 0)
        return list(zip(found.tolist(), self.to_b[found].tolist(), strict=True))


def align(a: Outline, b: Outline) -> Alignment:
    """Pair the layers of two models."""
    pairing = Pairing(a, b)
    naming = Naming(pairing)
    naming.pair_inputs()
    naming.pair_by_id()
    if not pairing.is_done:
        naming.pair_by_names()
        pair_conversions(pairing)
    if not pairing.is_done:
        _pair_by_structure(pairing, naming)
    return Alignment(pairing.to_b[: len(a.layers)], pairing.matched_by)


def _pair_by_structure(pairing: Pairing, naming: Naming) -> None:
    spreading = Spreading(pairing)
    spreading.spread(exactly=True)
    pair_by_order(pairing)
    spreading.spread(exactly=True)
    for radius in _RADII:
        if pair_by_surroundings(pairing, radius):
            spreading.spread(exactly=True)
    pair_by_order(pairing)
    spreading.spread(exactly=True)
    naming.pair_rest_by_id()
    spreading.spread(exactly=False)
    pair_conversions(pairing)
