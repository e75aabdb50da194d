"""Predicts latency, size and accuracy of a plan from the map, with the error seen so far."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from core.benchmark.results import Estimate
from core.model.graph import ModelGraph
from core.plan.plan import CompressionPlan
from core.search.layer_map import ModelMap


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PastMeasurement(_Part):
    """A plan of this project that was made and measured; what predictions are checked against."""

    plan: CompressionPlan
    """With its runtime."""
    latency_ms: float | None = None
    file_bytes: int | None = None
    kl: float | None = None
    drop_points: float | None = None


class Prediction(_Part):
    """What a plan would give. None where the map does not know; low and high are the error seen
    on past measurements, or a wide band where there are none yet."""

    latency_ms: Estimate | None
    file_bytes: Estimate
    drop_points: Estimate | None
    kl: Estimate | None
    basis: str
    """What the figures rest on, in words."""


def predict(
    plan: CompressionPlan, graph: ModelGraph, map: ModelMap, past: Sequence[PastMeasurement] = ()
) -> Prediction:
    """The predicted point of a plan; a plan without a runtime is predicted for the first one."""
    raise NotImplementedError
