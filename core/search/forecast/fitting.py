"""Fits the constants to measured latencies, held near what was believed before.

The most probable constants under errors with heavy tails (pseudo-Huber on ln(forecast / measured))
and log-normal beliefs; what was never measured keeps its belief (partial pooling).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from core.search.forecast.constants import Figure
from core.search.forecast.roofline import Cases, Demand, Floats

TYPICAL = 0.1
"""|ln| up to which errors count squared, beyond it in proportion."""
ROWS_OF_A_DEVICE = 5.0
"""A device counts as so many independent measurements, however many rows it has: its rows err
together."""
_STEPS, _ENOUGH = 40, 1e-5


def fit(
    demands: Sequence[Demand],
    measured_ms: Sequence[float],
    weights: Sequence[float],
    beliefs: Mapping[str, Figure],
) -> dict[str, Figure]:
    """`weights` are in measurements; those of one device add up to ROWS_OF_A_DEVICE or less.

    The spread of a fitted figure says how far its log may be off.
    """
    names = list(beliefs)
    centre = np.log([beliefs[name].value for name in names])
    loose = np.array([beliefs[name].spread for name in names])
    problem = _Problem(
        Cases(demands, names), np.log(measured_ms), np.array(weights), centre, 1 / loose**2
    )
    found = problem.solved()
    spreads = np.sqrt(np.diag(np.linalg.inv(problem.curvature(found)))).tolist()
    values = np.exp(found).tolist()
    return {
        name: Figure(value=value, spread=spread)
        for name, value, spread in zip(names, values, spreads, strict=True)
    }


class _Problem:
    def __init__(
        self, cases: Cases, measured: Floats, weights: Floats, centre: Floats, pull: Floats
    ) -> None:
        self._cases, self._measured, self._weights = cases, measured, weights
        self._centre, self._pull = centre, pull

    def solved(self) -> Floats:
        """Levenberg–Marquardt from the beliefs; each step makes it better or is not taken."""
        here, caution = self._centre.copy(), 1e-2
        height, slope, curve = self._around(here)
        for _ in range(_STEPS):
            damped = curve + caution * np.diag(np.diag(curve))
            there = here + np.clip(-np.linalg.solve(damped, slope), -1, 1)
            tried = self._around(there)
            if tried[0] >= height:
                caution *= 4
                if caution > 1e6:
                    break
                continue
            gained, here = height - tried[0], there
            (height, slope, curve), caution = tried, max(caution / 3, 1e-6)
            if gained < _ENOUGH * max(height, 1.0):
                break
        return here

    def curvature(self, here: Floats) -> Floats:
        return self._around(here)[2]

    def _around(self, here: Floats) -> tuple[float, Floats, Floats]:
        """What is to be made small, its slope and its curvature."""
        terms = self._cases.terms(here)
        error = np.log(terms.total) - self._measured
        long = np.sqrt(1 + (error / TYPICAL) ** 2)
        off = here - self._centre
        height = float(self._weights @ (long - 1) + 0.5 * self._pull @ off**2)
        change = self._cases.sensitivities(terms)
        trust = self._weights / (TYPICAL**2 * long)
        slope = change.T @ (trust * error) + self._pull * off
        return height, slope, change.T @ (trust[:, None] * change) + np.diag(self._pull)
