"""Learns the range of each activation from images, in memory that does not grow with their number.

Every image is run through ONNX Runtime with the wanted activations as extra outputs, a group of
them at a time. The smallest and largest values are kept; the other methods make a second pass and
count absolute values in a histogram of 2048 bins.
"""
# onnxruntime has no stubs, onnx and numpy leave a few types open:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import InputError, UserError
from core.techniques.activations import ActivationRunner
from core.techniques.base import Feeds

if TYPE_CHECKING:
    import numpy as np
    import onnx

Method = Literal["minmax", "percentile", "entropy", "mse"]
Progress = Callable[[float, float, str], None]

KEPT_SHARE = 0.9999
"""Share of the absolute values that “percentile” keeps within the range."""

_BINS = 2048
_LEVELS = 128
"""Steps from 0 to the largest absolute value in INT8."""
_STEPS = 255
_SYMMETRIC_STEPS = 254
_COUNTED = 1 << 16
"""Values of one activation that enter the histogram per image, evenly spread."""
_SEARCHED = range(64, _BINS + 1, 16)
"""Ends of the range, in bins, among which the least squared error is sought."""


@dataclass(frozen=True)
class Range:
    """The values that an activation is expected to take."""

    low: float
    high: float

    def union(self, other: "Range") -> "Range":
        return Range(min(self.low, other.low), max(self.high, other.high))

    @property
    def largest(self) -> float:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    def within(self, limit: float) -> "Range":
        return Range(max(self.low, -limit), min(self.high, limit))


def calibrate(
    model: "onnx.ModelProto",
    methods: Mapping[str, Method],
    feeds: Callable[[], Iterator[Feeds]],
    *,
    count: int,
    scratch: Path,
    progress: Progress,
    symmetric: Collection[str] = (),
) -> dict[str, Range]:
    """The range of every float32 tensor in `methods`; `symmetric` names those with int8 steps.

    `feeds` starts a fresh pass over the calibration inputs at each call. Raises InputError when
    there are none, UserError when the model fails on them or yields numbers that are not finite.
    """
    if not methods:
        return {}
    runner = ActivationRunner(model, tuple(methods), scratch)
    counted = [name for name, method in methods.items() if method != "minmax"]
    passes = 2 if counted else 1

    def report(done: int, index: int) -> None:
        progress(index * count + done, passes * count, "Learning the ranges of activations")

    ranges = _extremes(runner, feeds, lambda done: report(done, 0))
    if not counted:
        return ranges
    histograms = _histograms(runner, counted, ranges, feeds, lambda done: report(done, 1))
    for name, histogram in histograms.items():
        found = ranges[name]
        share = _limit(methods[name], histogram, found, symmetric=name in symmetric)
        ranges[name] = found.within(share * found.largest)
    return ranges


def _limit(method: Method, histogram: "np.ndarray", values: Range, *, symmetric: bool) -> float:
    if method == "percentile":
        return percentile_limit(histogram)
    if method == "entropy":
        return entropy_limit(histogram)
    return mse_limit(histogram, values, symmetric=symmetric)


def percentile_limit(histogram: "np.ndarray") -> float:
    """Share of the histogram's width that holds KEPT_SHARE of the values; in (0, 1]."""
    import numpy as np

    total = histogram.sum()
    if total == 0:
        return 1.0
    reached = np.searchsorted(np.cumsum(histogram), KEPT_SHARE * total)
    return float(min(int(reached) + 1, _BINS)) / _BINS


def entropy_limit(histogram: "np.ndarray") -> float:
    """Share of the histogram's width that loses least information when 128 levels replace it.

    The least Kullback-Leibler divergence between the clipped and the quantized distribution, as in
    S. Migacz, “8-bit inference with TensorRT”, GTC 2017. `histogram` counts absolute values.
    """
    import numpy as np

    counts = histogram.astype(np.float64)
    if counts.sum() == 0:
        return 1.0
    # Zeros (after a ReLU: most values) are exact at any scale and would drown all others.
    counts[0] = counts[1]
    ends = range(_LEVELS, _BINS + 1, 16)
    return min(ends, key=lambda end: _divergence(counts, end)) / _BINS


def mse_limit(histogram: "np.ndarray", values: Range, *, symmetric: bool) -> float:
    """Share of the histogram's width that gives the least mean squared error in 8 bits.

    A value within the range is off by step / √12, or by itself where that is less; one beyond it
    by its distance (cf. M. Nagel et al., “A White Paper on Neural Network Quantization”, 2021,
    section 3.2). `histogram` counts absolute values up to `values.largest`.
    """
    import numpy as np

    if histogram.sum() == 0:
        return 1.0
    centres = (np.arange(_BINS) + 0.5) / _BINS
    centres[0] = 0.0
    below, above = -values.low / values.largest, values.high / values.largest

    def error(end: int) -> float:
        limit = end / _BINS
        reach = min(below, limit) + min(above, limit)
        step = 2 * limit / _SYMMETRIC_STEPS if symmetric else max(reach, 0.0) / _STEPS
        within = np.minimum(centres**2, step**2 / 12)
        return float(histogram @ np.where(centres > limit, (centres - limit) ** 2, within))

    return min(_SEARCHED, key=error) / _BINS


def _divergence(counts: "np.ndarray", end: int) -> float:
    import numpy as np

    clipped = counts[:end].copy()
    clipped[-1] += counts[end:].sum()
    level = np.arange(end) * _LEVELS // end
    filled = counts[:end] > 0
    sums = np.bincount(level, counts[:end], _LEVELS)
    members = np.bincount(level, filled, _LEVELS)
    mean = np.divide(sums, members, out=np.zeros(_LEVELS), where=members > 0)
    quantized = np.where(filled, mean[level], 0.0)
    if not quantized.any():
        return float("inf")
    p, q = clipped / clipped.sum(), quantized / quantized.sum()
    used = p > 0
    return float(np.sum(p[used] * np.log(p[used] / np.maximum(q[used], 1e-12))))


def _extremes(
    runner: ActivationRunner, feeds: Callable[[], Iterator[Feeds]], report: Callable[[int], None]
) -> dict[str, Range]:
    import numpy as np

    ranges: dict[str, Range] = {}
    done = 0
    for done, inputs in enumerate(feeds(), start=1):
        for name, values in runner.activations(inputs):
            if values.size == 0:
                continue
            low, high = float(values.min()), float(values.max())
            if not np.isfinite(low) or not np.isfinite(high):
                raise _not_finite(name)
            found = Range(low, high)
            ranges[name] = ranges[name].union(found) if name in ranges else found
        report(done)
    if done == 0:
        raise InputError(
            "There are no calibration images.",
            "Ranges of activations are learned from real inputs, never from random ones.",
            "Add images, or choose a technique that needs none.",
        )
    return ranges


def _histograms(
    runner: ActivationRunner,
    names: Sequence[str],
    ranges: Mapping[str, Range],
    feeds: Callable[[], Iterator[Feeds]],
    report: Callable[[int], None],
) -> "dict[str, np.ndarray]":
    import numpy as np

    histograms = {name: np.zeros(_BINS, np.int64) for name in names if name in ranges}
    for done, inputs in enumerate(feeds(), start=1):
        for name, values in runner.activations(inputs, tuple(histograms)):
            largest = ranges[name].largest
            if largest > 0:
                some = values.ravel()[:: max(1, values.size // _COUNTED)]
                places = np.abs(some) * ((_BINS - 1) / largest)
                histograms[name] += np.bincount(places.astype(np.int32), minlength=_BINS)[:_BINS]
        report(done)
    return histograms


def _not_finite(name: str) -> UserError:
    return UserError(
        "The model's activations cannot be calibrated.",
        f"The tensor {name} holds infinite or undefined numbers on a calibration image.",
        "Check the preprocessing, and that the model works on these images at all.",
    )
