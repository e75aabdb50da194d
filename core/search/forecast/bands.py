"""How wide the band of a forecast must be: learnt from devices that were left out.

A band reaches `stretch` times the spread that is expected of a forecast: what the constants' own
spreads make of it, and a base that no constant explains. Both are set so that bands hold nine in
ten rows of left-out devices, every device counting alike, and are as narrow as that allows
(normalised conformal prediction, Papadopoulos and others, 2002). Few devices make them wider, and
the constants' spreads count at least once, for they tell of what was never measured.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.search.forecast.roofline import Floats

HELD = 0.9
"""Share of left-out rows that bands are to hold."""
_BASES = (0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1.0)
_FEWEST = 3
"""Devices below which errors say too little."""


class Reach(NamedTuple):
    """What makes a band from the spread of the constants."""

    base: float
    stretch: float

    def of(self, unsure: Floats) -> Floats:
        """Half the band's width as a logarithm; `unsure` is the spread that constants leave."""
        return self.stretch * np.hypot(self.base, unsure)


UNKNOWN_REACH = Reach(0.9, 1.64)
"""Where fewer than three devices tell: a factor of four and more either way."""


def reach_of(errors: Floats, unsure: Floats, devices: NDArray[np.str_]) -> Reach:
    """From left-out rows: ln(forecast / measured), and the spread that the constants left."""
    names, place, counts = np.unique(devices, return_inverse=True, return_counts=True)
    if len(names) < _FEWEST:
        return UNKNOWN_REACH
    weights = 1 / counts[place] / len(names)
    wanted = min(HELD * (1 + 1 / len(names)), 1.0)
    found = [
        Reach(base, _stretch(errors / np.hypot(base, unsure), weights, wanted)) for base in _BASES
    ]
    whole = [reach for reach in found if reach.stretch >= 1] or found
    return min(whole, key=lambda reach: float(reach.of(unsure) @ weights))


def _stretch(scores: Floats, weights: Floats, wanted: float) -> float:
    """What reaches over the wanted share of scores."""
    sizes = np.abs(scores)
    order = np.argsort(sizes)
    reached = np.cumsum(weights[order])
    found = min(int(np.searchsorted(reached, wanted - 1e-9)), len(order) - 1)
    return float(sizes[order][found])
