"""A forecast: latency, memory and fit of one model on one device, with an honest band."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.benchmark.results import Estimate
from core.devices.profile import DeviceProfile
from core.devices.profile_words import precision_words
from core.errors import InputError
from core.search.forecast.calibration import Calibration, calibrated_levels
from core.search.forecast.constants import Band, EngineConstants, Figure, engine_for, engines
from core.search.forecast.harnesses import harness_words
from core.search.forecast.levels import Ask, level_words, levels
from core.search.forecast.machine import Machine, machine_of
from core.search.forecast.memory_need import fits, memory_need
from core.search.forecast.roofline import Cases, Demand, Floats, demand
from core.search.forecast.workload import Workload


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Parts(_Part):
    """Where the forecast milliseconds go; they add up to the latency."""

    compute_ms: float
    """Kernels that wait for arithmetic."""
    memory_ms: float
    """Kernels that wait for weights and values from memory."""
    overhead_ms: float
    """Starting kernels, and what the harness adds to every inference."""


class Forecast(_Part):
    """Everything in it is predicted; nothing was measured on this device, unless `calibrated`."""

    profile: str
    """Id of the device profile."""
    mode: str | None
    """Name of the power mode; None for the highest, or for a device without any."""
    runtime: str
    precision: str
    harness: str
    """Whose way of timing the figure compares with, such as “mlperf”."""
    latency_ms: Estimate
    """With the band that held nine in ten rows of left-out devices."""
    parts: Parts
    per_layer_ms: dict[str, float]
    """LayerId to milliseconds without the harness's share; empty where layers are not known.
    Of layers that run in one kernel, the first has all of its time and the others 0."""
    memory_bytes: Estimate
    """Weights, values alive at the same time and the runtime's own needs."""
    fits: bool | None
    """Whether even the upper end of `memory_bytes` fits; None where it is open: the band reaches
    over the device's memory, or that is not known."""
    calibrated: bool = False
    """Whether constants were refitted to probes measured on the device itself."""
    basis: str
    """What the figures rest on, in words, and their error on left-out devices."""
    warnings: tuple[str, ...] = ()


def forecast(
    workload: Workload,
    profile: DeviceProfile,
    *,
    runtime: str | None = None,
    precision: str = "f32",
    mode: str | None = None,
    harness: str | None = None,
    calibration: Calibration | None = None,
) -> Forecast:
    """`runtime` None takes the profile's first that can be forecast; `harness` None the one that
    is most like measuring with Edgewright, which is also what a calibration forecasts. Some
    milliseconds for a thousand layers.

    Raises InputError where there are no constants for the device with this runtime, where its
    profile lacks a fact that is needed, or for an unknown power mode.
    """
    setting = _Setting.of(profile.in_mode(mode), runtime, precision, harness, calibration)
    work = demand(
        workload,
        setting.machine,
        reuse=setting.constants.reuse,
        overhead=setting.overhead,
        factors=setting.factors,
    )
    times = _Times.of(work, setting.figures, setting.band)
    need = memory_need(workload, setting.constants.memory, setting.machine.number_bytes)
    return Forecast(
        profile=profile.id,
        mode=mode,
        runtime=setting.ask.runtime,
        precision=precision,
        harness=setting.ask.harness,
        latency_ms=times.latency_ms,
        parts=times.parts,
        per_layer_ms=_per_layer(workload, times.kernels_ms),
        memory_bytes=need,
        fits=fits(need, setting.constants.memory, profile),
        calibrated=calibration is not None,
        basis=_basis(setting, calibration),
        warnings=tuple(_warnings(setting, workload, calibration)),
    )


def forecast_runtime(profile: DeviceProfile) -> str:
    """The first of the profile's runtimes that can be forecast. Raises InputError for none."""
    found = [
        each for each in profile.runtimes if any(one.serve(profile, each) for one in engines())
    ]
    if found:
        return found[0]
    raise InputError(
        f"There can be no forecast for {profile.name}.",
        "No published measurements are known that constants could be fitted to.",
        "Measure on the device itself.",
    )


@dataclass(frozen=True)
class _Setting:
    """What was asked for, with the constants that answer it."""

    ask: Ask
    constants: EngineConstants
    machine: Machine
    overhead: str
    factors: tuple[str, ...]
    figures: dict[str, Figure]
    band: Band

    @classmethod
    def of(
        cls,
        profile: DeviceProfile,
        runtime: str | None,
        precision: str,
        harness: str | None,
        calibration: Calibration | None,
    ) -> "_Setting":
        runtime = runtime or forecast_runtime(profile)
        constants = engine_for(profile, runtime)
        asked = calibration.harness if calibration else harness or constants.harness
        ask = Ask(profile, runtime, precision, asked)
        overhead = constants.overhead(asked)
        if calibration is None:
            factors = levels(constants.factors, ask)
            figures = constants.with_unseen(overhead, factors)
        else:
            told = calibrated_levels(constants.factors, ask)
            factors = tuple(name for name in told if name in calibration.figures)
            figures = dict(calibration.figures)
        return cls(
            ask=ask,
            constants=constants,
            machine=machine_of(
                profile, constants.engine, constants.computes.get(precision, precision)
            ),
            overhead=overhead,
            factors=factors,
            figures=figures,
            band=calibration.band if calibration else constants.band,
        )


@dataclass(frozen=True)
class _Times:
    latency_ms: Estimate
    parts: Parts
    kernels_ms: Floats
    """Of each kernel, its start included."""

    @classmethod
    def of(cls, work: Demand, figures: dict[str, Figure], band: Band) -> "_Times":
        cases = Cases([work], list(figures))
        logs = np.log([one.value for one in figures.values()])
        terms = cases.terms(logs)
        total = float(terms.total[0])
        unsure = cases.sensitivities(terms)[0] * [one.spread for one in figures.values()]
        reach = band.stretch * math.sqrt(band.base**2 + float((unsure**2).sum()))
        compute, memory = cases.kernel_times(logs)
        start = float(terms.kernels[0]) / max(len(work.shares), 1)
        return cls(
            latency_ms=Estimate(
                value=total, low=total / math.exp(reach), high=total * math.exp(reach)
            ),
            parts=Parts(
                compute_ms=float(terms.compute.sum()),
                memory_ms=float(terms.memory[0]),
                overhead_ms=float(terms.kernels[0] + terms.overhead[0]),
            ),
            kernels_ms=np.maximum(compute, memory) + start,
        )


def _per_layer(workload: Workload, kernels_ms: Floats) -> dict[str, float]:
    found: dict[str, float] = {}
    for kernel, time in zip(workload.kernels, kernels_ms.tolist(), strict=True):
        for place, layer in enumerate(kernel.layers):
            found[layer] = 0.0 if place else time
    return found


def _basis(setting: _Setting, calibration: Calibration | None) -> str:
    if calibration is not None:
        return (
            f"Predicted with constants that were refitted to {calibration.probes} probe models "
            f"measured on this device; half of these were forecast within "
            f"{100 * calibration.band.median_error:.0f} % when left out. Timed as "
            f"{harness_words(setting.ask.harness)} does."
        )
    band = setting.band
    return (
        f"Predicted for {setting.constants.title} from {band.rows} published measurements on "
        f"{band.devices} devices; with a whole device left out, half of its rows were forecast "
        f"within {100 * band.median_error:.0f} % and {100 * band.within_twice:.0f} % within a "
        f"factor of 2. Timed as {harness_words(setting.ask.harness)} does."
    )


def _warnings(
    setting: _Setting, workload: Workload, calibration: Calibration | None
) -> Iterator[str]:
    asked, computes_in = setting.ask.precision, setting.machine.computes_in
    if computes_in not in (asked, setting.constants.computes.get(asked)):
        yield (
            f"{setting.ask.profile.name} does not compute in {precision_words(asked)}: "
            f"{precision_words(computes_in)} stands in."
        )
    seen = {*setting.constants.figures, *(calibration.figures if calibration else ())}
    unseen = [name for name in setting.factors if name not in seen]
    if unseen:
        words = ", ".join(map(level_words, unseen))
        yield f"No published measurement tells of {words}, so the band is wider."
    if workload.unknown:
        yield (
            f"The work of {workload.unknown:,} layers is not known: only moving their values "
            "counts."
        )
