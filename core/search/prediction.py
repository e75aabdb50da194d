"""Predicts latency, size and accuracy of a plan from the map, with the error seen so far."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from core.benchmark.results import Estimate
from core.model.graph import ModelGraph
from core.plan.plan import CompressionPlan
from core.search.drop_fit import DropFit
from core.search.layer_map import ModelMap, runtime_label
from core.search.sums import RawFigures, profiled, raw_figures
from core.search.treatment import Treatment, treatment_of

WIDE = {"latency": 0.3, "size": 0.1, "loss": 1.0}
"""Errors, as natural logarithms of ratios, that are assumed until plans were measured."""
ENOUGH = 3
"""Measured plans from which on their errors alone make the band."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PastMeasurement(_Part):
    """A plan of this project that was made and measured; what predictions are checked against."""

    plan: CompressionPlan
    """With its runtime."""
    latency_ms: float | None = None
    file_bytes: int | None = None
    loss: float | None = None
    """KL divergence or noise, whichever the map adds up."""
    drop_points: float | None = None
    drop_low: float | None = None
    """Lower end of the drop's interval."""


class Prediction(_Part):
    """What a plan would give. None where the map does not know; low and high are the error seen
    on past measurements, or a wide band where there are none yet."""

    latency_ms: Estimate | None
    file_bytes: Estimate
    drop_points: Estimate | None
    kl: Estimate | None
    noise: Estimate | None = None
    """Instead of `kl` where the outputs are no class scores."""
    basis: str
    """What the figures rest on, in words."""

    @property
    def loss(self) -> Estimate | None:
        return self.kl or self.noise


def predict(
    plan: CompressionPlan, graph: ModelGraph, map: ModelMap, past: Sequence[PastMeasurement] = ()
) -> Prediction:
    """The predicted point of one plan; for one after the other, hold a `Predictor`."""
    return Predictor(map, past).predict(plan)


class Predictor:
    """Predicts plan after plan: the errors on past measurements are worked out once."""

    def __init__(self, map: ModelMap, past: Sequence[PastMeasurement] = ()) -> None:
        self._map = map
        measured = [(one, raw_figures(one.plan, map)) for one in past]
        self._latency = _Band.of(
            "latency", [(one.latency_ms, raw.latency_ms) for one, raw in measured]
        )
        self._size = _Band.of("size", [(one.file_bytes, raw.file_bytes) for one, raw in measured])
        self._loss = _Band.of(
            "loss", [(one.loss, raw.loss) for one, raw in measured if not raw.approximate]
        )
        self.drops = drop_fit(map, past)

    def predict(self, plan: CompressionPlan) -> Prediction:
        """Pure arithmetic over the map; some milliseconds for a thousand layers."""
        treatment = treatment_of(plan, self._map)
        raw = raw_figures(plan, self._map, treatment)
        if not treatment.options and not treatment.unknown:
            return self._of_original(raw)
        loss = None if raw.loss is None else self._loss.around(raw.loss)
        return Prediction(
            latency_ms=None if raw.latency_ms is None else self._latency.around(raw.latency_ms),
            file_bytes=self._size.around(raw.file_bytes),
            drop_points=None if raw.loss is None else self.drops.estimate(raw.loss),
            kl=loss if self._map.loss == "kl" else None,
            noise=loss if self._map.loss == "noise" else None,
            basis=self._basis(plan, treatment),
        )

    def _of_original(self, raw: RawFigures) -> Prediction:
        """Nothing is treated: its figures are the map's own, as measured."""
        zero = None if raw.loss is None else _exactly(0.0)
        return Prediction(
            latency_ms=None if raw.latency_ms is None else _exactly(raw.latency_ms),
            file_bytes=_exactly(raw.file_bytes),
            drop_points=zero,
            kl=zero if self._map.loss == "kl" else None,
            noise=zero if self._map.loss == "noise" else None,
            basis="The original, as the map measured it.",
        )

    def _basis(self, plan: CompressionPlan, treatment: Treatment) -> str:
        count = self._latency.seen
        label, exact = profiled(plan, self._map)
        parts = [
            f"Predicted from times of layers measured on {label}"
            + (f" and {self._map.images} images" if self._map.images else ""),
            f"error as on {count} measured plan{'s' if count > 1 else ''} of this project"
            if count
            else "no plan was measured yet, so the band is wide",
        ]
        if not exact and plan.runtime is not None:
            parts.append(f"{runtime_label(plan.runtime)} was not profiled")
        if treatment.unknown:
            parts.append(f"no figures for {', '.join(treatment.unknown)}: taken as kept")
        if treatment.approximate:
            parts.append("some settings were not measured: the nearest ones stand in")
        return "; ".join(parts) + "."


def _exactly(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value)


@dataclass(frozen=True)
class _Band:
    """By how much measurements differed from predictions of one figure."""

    error: float
    """Largest |ln(measured / predicted)|."""
    seen: int

    @staticmethod
    def of(figure: str, pairs: Sequence[tuple[float | None, float | None]]) -> "_Band":
        errors = [abs(math.log(real / raw)) for real, raw in pairs if real and raw]
        assumed = [WIDE[figure]] if len(errors) < ENOUGH else []
        return _Band(max([*errors, *assumed]), len(errors))

    def around(self, value: float) -> Estimate:
        factor = math.exp(self.error)
        return Estimate(value=value, low=value / factor, high=value * factor)


def drop_fit(map: ModelMap, past: Sequence[PastMeasurement], *, hopeful: bool = False) -> DropFit:
    """From all that was measured as a whole: the map's own models and past plans.

    A hopeful fit goes through the lower ends of the drops' intervals: what may hold in the end.
    """
    pairs = [
        (loss, whole.drop_points.low if hopeful else whole.drop_points.value)
        for whole in map.whole
        if whole.drop_points is not None and (loss := map.loss_of(whole)) is not None
    ]
    for one in past:
        low = one.drop_points if one.drop_low is None else one.drop_low
        drop = low if hopeful else one.drop_points
        if one.loss is not None and drop is not None:
            pairs.append((one.loss, drop))
    return DropFit.of(pairs)
