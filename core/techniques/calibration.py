"""Learns the range of each activation from images, in memory that does not grow with their number.

Every image is run through ONNX Runtime with the wanted activations as extra outputs, a group of
them at a time. The smallest and largest values are kept; the other methods make a second pass and
count absolute values in a histogram of 2048 bins.
"""
# onnxruntime has no stubs, onnx and numpy leave a few types open:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from core.errors import InputError, UserError
from core.techniques.base import Feeds
from core.techniques.editing import save_model

if TYPE_CHECKING:
    import numpy as np
    import onnx
    import onnxruntime

Method = Literal["minmax", "percentile", "entropy"]
Progress = Callable[[float, float, str], None]

GROUP_BYTES = 256 << 20
"""Activations fetched at once; one larger than this is fetched alone."""

KEPT_SHARE = 0.9999
"""Share of the absolute values that “percentile” keeps within the range."""

_BINS = 2048
_LEVELS = 128
"""Steps from 0 to the largest absolute value in INT8."""
_COUNTED = 1 << 16
"""Values of one activation that enter the histogram per image, evenly spread."""
_FIRST_GROUP = 8
"""Activations fetched at once while their sizes are not known yet."""


@dataclass(frozen=True)
class Range:
    """The values that an activation is expected to take."""

    low: float
    high: float

    def union(self, other: "Range") -> "Range":
        return Range(min(self.low, other.low), max(self.high, other.high))

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
) -> dict[str, Range]:
    """The range of every float32 tensor in `methods`.

    `feeds` starts a fresh pass over the calibration inputs at each call. Raises InputError when
    there are none, UserError when the model fails on them or yields numbers that are not finite.
    """
    if not methods:
        return {}
    runner = _Runner(model, tuple(methods), scratch)
    counted = [name for name, method in methods.items() if method != "minmax"]
    passes = 2 if counted else 1

    def report(done: int, index: int) -> None:
        progress(index * count + done, passes * count, "Learning the ranges of activations")

    ranges = _extremes(runner, feeds, lambda done: report(done, 0))
    if not counted:
        return ranges
    histograms = _histograms(runner, counted, ranges, feeds, lambda done: report(done, 1))
    for name, histogram in histograms.items():
        find = percentile_limit if methods[name] == "percentile" else entropy_limit
        largest = max(abs(ranges[name].low), abs(ranges[name].high))
        ranges[name] = ranges[name].within(find(histogram) * largest)
    return ranges


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
    runner: "_Runner", feeds: Callable[[], Iterator[Feeds]], report: Callable[[int], None]
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
    runner: "_Runner",
    names: Sequence[str],
    ranges: Mapping[str, Range],
    feeds: Callable[[], Iterator[Feeds]],
    report: Callable[[int], None],
) -> "dict[str, np.ndarray]":
    import numpy as np

    histograms = {name: np.zeros(_BINS, np.int64) for name in names if name in ranges}
    for done, inputs in enumerate(feeds(), start=1):
        for name, values in runner.activations(inputs, tuple(histograms)):
            largest = max(abs(ranges[name].low), abs(ranges[name].high))
            if largest > 0:
                some = values.ravel()[:: max(1, values.size // _COUNTED)]
                places = np.abs(some) * ((_BINS - 1) / largest)
                histograms[name] += np.bincount(places.astype(np.int32), minlength=_BINS)[:_BINS]
        report(done)
    return histograms


class _Runner:
    """Runs a model in ONNX Runtime and hands out chosen activations."""

    def __init__(self, model: "onnx.ModelProto", names: tuple[str, ...], scratch: Path) -> None:
        self._session = _session(_with_outputs(model, names, scratch))
        self._names = names
        self._bytes: dict[str, int] = {}

    def activations(
        self, inputs: Feeds, names: tuple[str, ...] | None = None
    ) -> "Iterator[tuple[str, np.ndarray]]":
        """Name and values of each activation for one input, in groups of bounded size."""
        for group in self._groups(self._names if names is None else names):
            for name, values in zip(group, self._run(group, inputs), strict=True):
                self._bytes[name] = values.nbytes
                yield name, values

    def _groups(self, names: Sequence[str]) -> Iterator[list[str]]:
        unknown = GROUP_BYTES // _FIRST_GROUP
        group: list[str] = []
        total = 0
        for name in names:
            size = self._bytes.get(name, unknown)
            if group and total + size > GROUP_BYTES:
                yield group
                group, total = [], 0
            group.append(name)
            total += size
        if group:
            yield group

    def _run(self, names: list[str], inputs: Feeds) -> "Sequence[np.ndarray]":
        try:
            return cast("list[np.ndarray]", self._session.run(names, dict(inputs)))
        except Exception as error:  # onnxruntime raises its own classes and plain RuntimeError
            raise UserError(
                "The model could not be run on a calibration image.",
                f"ONNX Runtime says: {error}.",
                "Check that the preprocessing fits the model's input.",
            ) from error


def _with_outputs(model: "onnx.ModelProto", names: Sequence[str], scratch: Path) -> Path:
    """Write the model with `names` as further outputs; `model` itself is the same afterwards."""
    from onnx import TensorProto, helper, load_external_data_for_model

    outputs = model.graph.output
    own = len(outputs)
    known = {value.name for value in outputs}
    outputs.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in names
        if name not in known
    )
    path = scratch / "watched.onnx"
    if save_model(model, path):
        load_external_data_for_model(model, str(scratch))
    del outputs[own:]
    return path


def _session(path: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own classes and plain RuntimeError
        raise UserError(
            "The model could not be prepared for calibration.",
            f"ONNX Runtime says: {error}.",
            "Choose a technique that needs no calibration, such as FP16 or INT8 weights only.",
        ) from error


def _not_finite(name: str) -> UserError:
    return UserError(
        "The model's activations cannot be calibrated.",
        f"The tensor {name} holds infinite or undefined numbers on a calibration image.",
        "Check the preprocessing, and that the model works on these images at all.",
    )
