"""Pairs layers whose surroundings nothing else in either model has.

A colour describes everything within some hops of a layer (Weisfeiler and Leman 1968); pairs that
are known serve as landmarks.
"""

import numpy as np
from numpy.typing import NDArray

from core.diff.outline import Ints, Outline
from core.diff.pairing import Pairing

Colours = NDArray[np.uint64]


def pair_by_surroundings(pairing: Pairing, radius: int) -> bool:
    """Pair layers whose surroundings within `radius` hops nothing else in either has."""
    before = len(pairing.matched_by)
    colours_a = _colours(pairing.a, pairing.to_b, radius, np.arange(pairing.a.items))
    colours_b = _colours(pairing.b, pairing.to_a, radius, pairing.to_a)
    free_a = _free(pairing.to_b, pairing.a)
    free_b = _free(pairing.to_a, pairing.b)
    for i, j in _equal_and_alone(colours_a, free_a, colours_b, free_b):
        pairing.pair(i, j, "structure")
    return len(pairing.matched_by) > before


def _colours(side: Outline, paired: Ints, radius: int, landmark: Ints) -> Colours:
    known = paired >= 0
    own = np.where(known, landmark + 1, side.signatures).astype(np.uint64)
    colours = _mixed(own + np.where(known, np.uint64(1) << np.uint64(62), np.uint64(0)))
    wires = side.wiring
    slots = _mixed(wires.slots.astype(np.uint64) + np.uint64(7))
    for _ in range(radius):
        come = np.zeros(side.items, np.uint64)
        go = np.zeros(side.items, np.uint64)
        np.add.at(come, wires.targets, _mixed(colours[wires.sources] ^ slots))
        np.add.at(go, wires.sources, _mixed(colours[wires.targets] + slots))
        fresh = _mixed(colours + _mixed(come + np.uint64(3)) + _mixed(go + np.uint64(5)))
        colours = np.where(known, colours, fresh)
    return colours


def _free(paired: Ints, side: Outline) -> Ints:
    """Layers that are neither paired nor conversions."""
    layers = len(side.layers)
    return np.flatnonzero((paired[:layers] < 0) & ~np.array(side.conversions, bool))


def _equal_and_alone(
    colours_a: Colours, free_a: Ints, colours_b: Colours, free_b: Ints
) -> list[tuple[int, int]]:
    """Pairs of free items with a colour that no other free item of either side has."""
    ones, first_a, count_a = np.unique(colours_a[free_a], return_index=True, return_counts=True)
    others, first_b, count_b = np.unique(colours_b[free_b], return_index=True, return_counts=True)
    alone_a, alone_b = first_a[count_a == 1], first_b[count_b == 1]
    _, at_a, at_b = np.intersect1d(
        ones[count_a == 1], others[count_b == 1], assume_unique=True, return_indices=True
    )
    return list(zip(free_a[alone_a[at_a]].tolist(), free_b[alone_b[at_b]].tolist(), strict=True))


def _mixed(values: Colours) -> Colours:
    """A bijection that spreads close numbers far apart (splitmix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
