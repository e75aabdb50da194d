"""Says before a build how long it will take and how much memory it needs, with honest bands."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from statistics import median

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.benchmark.results import Estimate
from core.model.graph import ModelGraph
from core.model.memory import memory_over_time
from core.tensorrt.settings import EnginePrecision

_FLOAT_BYTES = 4


class BuildForecast(BaseModel):
    """Everything in it is predicted."""

    model_config = ConfigDict(frozen=True)

    seconds: Estimate
    memory_bytes: Estimate
    """Of the board, while it builds; running needs far less."""
    available_bytes: int | None
    """What the device has left for it; None where its memory is not known."""
    fits: bool | None
    """Whether even the upper end fits; None where that is open."""
    basis: str
    """What it rests on, in words."""


class PastBuild(BaseModel):
    """A build on the same board, to scale the forecast by."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    forecast_seconds: float
    """What was forecast for it without any history."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _History(_Data):
    band: float


class _Seconds(_Data):
    start: float
    embedded: float
    desktop: float
    other: float
    band: float
    precision: Mapping[EnginePrecision, float]
    with_history: _History


class _Memory(_Data):
    runtime: tuple[float, float, float]
    weights: tuple[float, float, float]
    values: tuple[float, float, float]
    taken_by_system: float


class _Constants(_Data):
    operators: tuple[str, ...]
    seconds: _Seconds
    memory: _Memory


def forecast_build(
    graph: ModelGraph,
    *,
    precision: EnginePrecision,
    embedded: bool,
    memory_bytes: int | None = None,
    past: Sequence[PastBuild] = (),
) -> BuildForecast:
    """Without a timing cache; with a full one it is a matter of seconds.

    Time follows the count of layers whose kernels are chosen by timing, memory the weights and the
    values that are alive at once. `memory_bytes` is all that the device has.
    """
    seconds = _seconds(graph, precision, embedded)
    band, basis = _constants().seconds.band, "a rule of thumb from a few published builds"
    if past:
        seconds *= median(build.seconds / build.forecast_seconds for build in past)
        band = _constants().seconds.with_history.band
        builds = "an earlier build" if len(past) == 1 else f"{len(past)} earlier builds"
        basis = f"{builds} on this board"
    memory = _memory(graph)
    available = None
    if memory_bytes is not None:
        taken = _constants().memory.taken_by_system if embedded else 0
        available = max(round(memory_bytes - taken), 0)
    return BuildForecast(
        seconds=Estimate(value=seconds, low=seconds / band, high=seconds * band),
        memory_bytes=memory,
        available_bytes=available,
        fits=_fits(memory, available),
        basis=f"The time rests on {basis}, the memory on a rule of thumb.",
    )


def _seconds(graph: ModelGraph, precision: EnginePrecision, embedded: bool) -> float:
    constants = _constants()
    tuned = sum(operator in constants.operators for operator in graph.operators)
    others = len(graph.layers) - tuned
    each = constants.seconds.embedded if embedded else constants.seconds.desktop
    layers = tuned + constants.seconds.other * others
    return constants.seconds.start + each * constants.seconds.precision[precision] * layers


def _memory(graph: ModelGraph) -> Estimate:
    weights = _FLOAT_BYTES * sum(
        float(np.prod(weight.shape, dtype=float)) for weight in graph.weights.values()
    )
    values = memory_over_time(graph).peak
    memory = _constants().memory
    low, value, high = (
        runtime + copies * weights + sets * values
        for runtime, copies, sets in zip(memory.runtime, memory.weights, memory.values, strict=True)
    )
    return Estimate(value=value, low=low, high=high)


def _fits(needed: Estimate, available: int | None) -> bool | None:
    if available is None or needed.low <= available < needed.high:
        return None
    return needed.high <= available


@cache
def _constants() -> _Constants:
    file = files("resources") / "tensorrt" / "build.toml"
    return _Constants.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
