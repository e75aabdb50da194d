"""Corrects the map's scale with what measured plans taught: gains, conversions and losses."""

import math
from collections.abc import Mapping, Sequence

from core.search.layer_map import KEEP, ConversionRate, MapEntry, ModelMap, runtime_label
from core.search.prediction import PastMeasurement
from core.search.sums import RawFigures, profiled, raw_figures

_TRUST = 0.5
"""Weight of the map's own figures against one measured plan's, in the least squares."""
_LEAST, _MOST = 0.25, 4.0
"""No scale is corrected beyond these factors."""


def corrected(map: ModelMap, past: Sequence[PastMeasurement]) -> ModelMap:
    """A map whose figures fit best what was measured of plans.

    Latency runtime by runtime: least squares of measured = baseline − a·gained + b·conversions,
    drawn towards a = b = 1. Loss by one factor, the geometric mean of measured over predicted.
    """
    scales = {label: _scales(map, label, past) for label in map.runtimes}
    loss = _loss_scale(map, past)
    entries = tuple(_scaled(entry, map, scales, loss) for entry in map.entries)
    conversions = {
        label: ConversionRate(
            ms_per_element=rate.ms_per_element * scales[label][1], kernels=rate.kernels
        )
        for label, rate in map.conversions.items()
    }
    return map.changed(entries=entries, conversions=conversions)


def _scales(map: ModelMap, label: str, past: Sequence[PastMeasurement]) -> tuple[float, float]:
    """Factors of gains and of conversions on one runtime; 1 and 1 where nothing was measured."""
    baseline = map.baselines.get(label)
    if baseline is None:
        return 1.0, 1.0
    seen = [
        (one.latency_ms, raw_figures(one.plan, map))
        for one in past
        if one.latency_ms is not None and profiled(one.plan, map) == (label, True)
    ]
    rows = [_row(baseline.value, measured, raw) for measured, raw in seen]
    return _least_squares(rows, baseline.value)


def _row(baseline: float, measured: float, raw: RawFigures) -> tuple[float, float, float]:
    """Gained, lost to conversions, and what was not predicted, as shares of the baseline."""
    predicted = baseline - raw.gained_ms + raw.borders_ms
    return -raw.gained_ms / baseline, raw.borders_ms / baseline, (measured - predicted) / baseline


def _least_squares(
    rows: Sequence[tuple[float, float, float]], baseline: float
) -> tuple[float, float]:
    """Solve the two normal equations, with a ridge that draws both factors to 1."""
    if not rows or baseline <= 0:
        return 1.0, 1.0
    size = max(max(abs(a), abs(b)) for a, b, _ in rows) or 1.0
    ridge = (_TRUST * size) ** 2
    aa = ridge + sum(a * a for a, _, _ in rows)
    bb = ridge + sum(b * b for _, b, _ in rows)
    ab = sum(a * b for a, b, _ in rows)
    ra = sum(a * rest for a, _, rest in rows)
    rb = sum(b * rest for _, b, rest in rows)
    determinant = aa * bb - ab * ab
    first = 1 + (bb * ra - ab * rb) / determinant
    second = 1 + (aa * rb - ab * ra) / determinant
    return _bounded(first), _bounded(second)


def _bounded(factor: float) -> float:
    return min(max(factor, _LEAST), _MOST)


def _loss_scale(map: ModelMap, past: Sequence[PastMeasurement]) -> float:
    known = [(one.loss, raw_figures(one.plan, map)) for one in past]
    errors = [
        math.log(measured / raw.loss)
        for measured, raw in known
        if measured and raw.loss and not raw.approximate
    ]
    return _bounded(math.exp(sum(errors) / len(errors))) if errors else 1.0


def _scaled(
    entry: MapEntry, map: ModelMap, scales: Mapping[str, tuple[float, float]], loss: float
) -> MapEntry:
    entry = entry.model_copy(
        update={
            "kl": None if entry.kl is None else entry.kl * loss,
            "noise": None if entry.noise is None else entry.noise * loss,
            "loss_band": entry.loss_band and tuple(loss * end for end in entry.loss_band),
        }
    )
    label = runtime_label(entry.runtime)
    kept = map.by_runtime[label].get((entry.layer, KEEP))
    gain = scales[label][0]
    if gain == 1.0 or entry.milliseconds is None or kept is None or kept.milliseconds is None:
        return entry
    milliseconds = kept.milliseconds - gain * (kept.milliseconds - entry.milliseconds)
    return entry.model_copy(update={"milliseconds": milliseconds})
