"""The two-constant fit to be better than: operations at a share of peak, plus a time."""

from collections.abc import Sequence

import numpy as np

from core.search.forecast.roofline import Floats

_SHARES = np.exp(np.linspace(np.log(0.003), np.log(3), 70))
_STARTS = np.exp(np.linspace(np.log(0.005), np.log(60), 70))
_FINER = np.exp(np.linspace(-0.12, 0.12, 25))


def left_out_errors(ideal_ms: Floats, measured_ms: Floats, devices: Sequence[str]) -> Floats:
    """ln(forecast / measured) of every row by constants from the other devices' rows.

    `ideal_ms` is what the operations take at peak. The constants make the mean |ln| smallest, every
    device weighing the same. NaN where there is one device only.
    """
    of = np.array(devices)
    errors = np.full(len(of), np.nan)
    for device in sorted(set(devices)):
        mine = of == device
        if mine.all():
            continue
        share, start = _fitted(ideal_ms[~mine], measured_ms[~mine], of[~mine])
        errors[mine] = np.log((start + ideal_ms[mine] / share) / measured_ms[mine])
    return errors


def _fitted(ideal_ms: Floats, measured_ms: Floats, devices: np.ndarray) -> tuple[float, float]:
    """A grid over both, then a finer one around its best place."""
    _, place, counts = np.unique(devices, return_inverse=True, return_counts=True)
    weights = 1 / counts[place]
    shares, starts = _SHARES, _STARTS
    for _ in range(3):
        forecast = starts[None, :, None] + ideal_ms[None, None, :] / shares[:, None, None]
        losses = np.abs(np.log(forecast / measured_ms)) @ weights
        best, beside = np.unravel_index(int(losses.argmin()), losses.shape)
        share, start = float(shares[best]), float(starts[beside])
        shares, starts = share * _FINER, start * _FINER
    return share, start
