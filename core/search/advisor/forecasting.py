"""What the advisor asks the forecast: one model, or a smaller one, on many devices."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.devices.profile import DeviceProfile, Precision
from core.errors import InputError
from core.model.graph import ModelGraph
from core.search.advisor.model_facts import ModelFacts, model_facts
from core.search.forecast import Forecast, Workload, forecast, forecast_runtime, workload_of
from core.search.forecast.calibration import find_calibration

Forecaster = Callable[[Workload, DeviceProfile, Precision, str | None], Forecast | None]
"""Workload, profile, precision and power mode to a forecast; None where nothing can be said."""


_Key = tuple[int, str, Precision, str | None]


@dataclass(frozen=True)
class Subject:
    """The model that is asked about."""

    graph: ModelGraph
    facts: ModelFacts
    workload: Workload

    @property
    def changeable(self) -> bool:
        """Whether it can be edited and compressed as it is."""
        return self.graph.format == "onnx"


def subject_of(graph: ModelGraph) -> Subject:
    return Subject(graph, model_facts(graph), workload_of(graph))


def predict(
    workload: Workload, profile: DeviceProfile, precision: Precision, mode: str | None
) -> Forecast | None:
    """By the published constants, or by those that were refitted here if it is this computer.

    None where there are none, or a fact is missing.
    """
    try:
        runtime = forecast_runtime(profile)
        return forecast(
            workload,
            profile,
            runtime=runtime,
            precision=precision,
            mode=mode,
            calibration=find_calibration("local", runtime, profile.id),
        )
    except InputError:
        return None


@dataclass
class Forecasts:
    """Forecasts that were asked for are kept: several answers need the same ones."""

    forecaster: Forecaster
    _known: dict[_Key, tuple[Workload, Forecast | None]] = field(
        default_factory=dict[_Key, tuple[Workload, Forecast | None]]
    )
    """Each beside its workload, which so lives as long as its identity is a key."""

    def of(
        self, workload: Workload, profile: DeviceProfile, precision: Precision, mode: str | None
    ) -> Forecast | None:
        key = (id(workload), profile.id, precision, mode)
        if key not in self._known:
            found = self.forecaster(workload, profile, precision, mode)
            self._known[key] = (workload, found)
        return self._known[key][1]


def scaled(workload: Workload, *, width: float = 1.0, side: float = 1.0) -> Workload:
    """The work of the same model with `width` times the channels and `side` times the image's
    sides: operations grow with the square of either, weights with that of the width alone, values
    with the width and the square of the side.
    """
    kernels = tuple(
        replace(
            kernel,
            operations=kernel.operations * width**2 * side**2,
            weights=kernel.weights * width**2,
            values=kernel.values * width * side**2,
        )
        for kernel in workload.kernels
    )
    share = width * side**2
    peak, octets = workload.peak_values, workload.peak_bytes
    return replace(
        workload,
        kernels=kernels,
        parameters=workload.parameters * width**2,
        peak_values=None if peak is None else peak * share,
        peak_bytes=None if octets is None else round(octets * share),
    )
