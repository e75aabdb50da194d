"""How wide the band of a forecast must be: learnt from devices that were left out.

Errors of left-out rows, in units of the spread that the constants' own spreads let expect, give a
factor that reaches over nine in ten rows of every device alike (normalised conformal prediction,
Papadopoulos and others, 2002); few devices make it larger.
"""

import numpy as np
from numpy.typing import NDArray

from core.search.forecast.roofline import Floats

BASE = 0.15
"""Spread of ln(measured / forecast) where all constants are known: what no roofline explains."""
HELD = 0.9
"""Share of left-out rows that bands are to hold."""


def band_of(scores: Floats, devices: NDArray[np.str_]) -> float:
    """The stretch of the spreads. `scores` are errors in spreads, one for each left-out row."""
    names, place, counts = np.unique(devices, return_inverse=True, return_counts=True)
    sizes = np.abs(scores)
    order = np.argsort(sizes)
    reached = np.cumsum((1 / counts[place] / len(names))[order])
    wanted = min(HELD * (1 + 1 / len(names)), 1.0)
    found = min(int(np.searchsorted(reached, wanted - 1e-9)), len(order) - 1)
    return float(sizes[order][found])
