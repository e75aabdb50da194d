"""How the map's figures read: time saved, points lost, shares of images, with their bands."""

import math
from collections.abc import Callable

from core.benchmark.results import Estimate
from gui.wording import milliseconds_words, size_words

NOT_KNOWN = "–"
FREE = "free"
_NOTHING = "0 µs"
_LEAST_LOSS = 1e-9
"""Below it there is nothing but rounding."""


def signed_milliseconds(value: float) -> str:
    """“0.31 ms”, “−12 µs” with a real minus."""
    words = milliseconds_words(abs(value))
    return f"−{words}" if value < 0 and words != _NOTHING else words


def points_words(value: float) -> str:
    """“0.42”, “< 0.01” where there is next to nothing, “12”."""
    if abs(value) < 0.01:
        return "0" if value == 0 else "< 0.01"
    return f"{value:.2f}" if abs(value) < 9.95 else f"{value:.0f}"


def points_with_band(points: Estimate) -> str:
    """“0.42 (0.31 to 0.60)”."""
    if points.high < 0.01:
        return "< 0.01"
    low, high = points_words(max(points.low, 0.0)), points_words(points.high)
    return f"{points_words(points.value)} ({low} to {high})"


def loss_words(value: float) -> str:
    """KL divergence or noise in two digits: “0.0012”, “3.1e-06”."""
    return "0" if value < _LEAST_LOSS else f"{value:.2g}"


def flips_words(flips: Estimate, images: int) -> str:
    """“3 of 100”."""
    return f"{round(flips.value * images)} of {images}"


def worth_words(ms_per_point: float | None) -> str:
    """“0.31 ms a point”, “free” for time that costs nothing."""
    if ms_per_point is None:
        return NOT_KNOWN
    return FREE if math.isinf(ms_per_point) else f"{milliseconds_words(ms_per_point)} a point"


def drop_words(drop: Estimate) -> tuple[str, str]:
    """What accuracy changes by, and its band: “−0.4 points”, “0 to −1.1”."""
    return _change(drop.value, " points"), f"{_change(drop.low)} to {_change(drop.high)}"


def banded(estimate: Estimate, words: Callable[[float], str]) -> tuple[str, str]:
    """A figure and its band; no band where low and high read alike."""
    low, high = words(estimate.low), words(estimate.high)
    return words(estimate.value), "" if low == high else f"{low} to {high}"


def latency_words(latency: Estimate) -> tuple[str, str]:
    return banded(latency, milliseconds_words)


def bytes_words(size: Estimate) -> tuple[str, str]:
    return banded(size, size_words)


def _change(lost: float, unit: str = "") -> str:
    """Points lost as a change of the score: a loss has a minus."""
    rounded = round(lost, 1 if abs(lost) < 9.95 else 0)
    if rounded == 0:
        return f"±0{unit}"
    return f"{'−' if rounded > 0 else '+'}{abs(rounded):g}{unit}"
