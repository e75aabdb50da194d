"""The job that measures probe models on this computer and refits the forecasts to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.benchmark.contender_process import Contender
from core.benchmark.protocol import screen
from core.devices import find_device
from core.devices.profile import DeviceProfile, find_profile, profile_for
from core.devices.profile_words import precision_words
from core.errors import InputError
from core.jobs.kinds.base import JobContext, JobKind
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes, runtimes
from core.search.forecast.calibration import (
    Calibration,
    ProbeResult,
    calibrate,
    save_calibration,
)
from core.search.forecast.constants import engine_for
from core.search.forecast.probes import PROBES, Probe, write_probe

_MAKING, _MEASURING = "Making probe models", "Measuring probe models"
_LOCAL = "local"


class CalibrateRequest(BaseModel):
    """Which runtimes, and under which profile this computer goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runtimes: tuple[str, ...] = ()
    """Empty means every one that can be used here and forecast."""
    profile: str = ""
    """Id; empty takes the one that describes this computer."""
    probes: tuple[str, ...] = ()
    """Names of probe models; empty means all."""
    blocks: int = 3
    folder: Path | None = None
    """Where calibrations are kept; None takes the person's own."""


class CalibrateReport(BaseModel):
    """The refitted constants of every runtime, and what was measured."""

    model_config = ConfigDict(frozen=True)

    profile: str
    calibrations: tuple[Calibration, ...]
    failures: dict[str, str]
    """Runtime, or runtime and probe, to the reason why it tells nothing."""


class Calibrate(JobKind[CalibrateRequest, CalibrateReport]):
    name: ClassVar[str] = "calibrate"
    title: ClassVar[str] = "Calibrating forecasts"
    request_type: ClassVar[type[BaseModel]] = CalibrateRequest
    outcome_type: ClassVar[type[BaseModel]] = CalibrateReport

    def steps(self, request: CalibrateRequest) -> Sequence[tuple[str, float]]:
        return ((_MAKING, 1.0), (_MEASURING, 30.0))

    def run(self, request: CalibrateRequest, context: JobContext) -> CalibrateReport:
        context.step(_MAKING)
        profile = find_profile(request.profile) if request.profile else own_profile()
        wanted = request.runtimes or tuple(one.name for one in available_runtimes())
        failures = _without_constants(wanted, profile)
        chosen = [one for one in wanted if one not in failures]
        _check_any(chosen, failures)
        probes = [one for one in PROBES if one.name in (request.probes or (one.name,))]
        files = _written(probes, context)
        context.step(_MEASURING)
        asked = [(runtime, probe) for runtime in chosen for probe in probes]
        measured = _measured(request, asked, files, context, failures)
        found = _calibrated(chosen, measured, profile, failures)
        _check_any(found, failures)
        for one in found:
            save_calibration(one, request.folder)
        return CalibrateReport(profile=profile.id, calibrations=tuple(found), failures=failures)


def _without_constants(wanted: Sequence[str], profile: DeviceProfile) -> dict[str, str]:
    """Runtimes that cannot be forecast on this profile, each with the reason."""
    reasons: dict[str, str] = {}
    for runtime in wanted:
        try:
            engine_for(profile, runtime)
        except InputError as error:
            reasons[runtime] = str(error)
    return reasons


def _check_any(found: Sequence[object], failures: Mapping[str, str]) -> None:
    if not found:
        raise InputError(
            "The forecast could not be calibrated.",
            " ".join(failures.values()),
            "Choose another profile or runtime.",
        )


def _calibrated(
    chosen: Sequence[str],
    measured: Sequence[ProbeResult],
    profile: DeviceProfile,
    failures: dict[str, str],
) -> list[Calibration]:
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    found: list[Calibration] = []
    for runtime in chosen:
        mine = [one for one in measured if one.runtime == runtime]
        try:
            found.append(calibrate(mine, profile, device=_LOCAL, taken_at=taken_at))
        except InputError as error:
            failures[runtime] = str(error)
    return found


def own_profile() -> DeviceProfile:
    """The profile that describes this computer. Raises InputError for none."""
    found = profile_for(find_device(_LOCAL))
    if found is None:
        raise InputError(
            "No profile describes this computer.",
            "Neither its name nor its instructions are among those that are known.",
            "Choose a similar one with --profile; “edgewright profiles” lists them.",
        )
    return found


def _written(probes: Sequence[Probe], context: JobContext) -> dict[Probe, Path]:
    files: dict[Probe, Path] = {}
    for number, probe in enumerate(probes):
        context.progress(number, len(probes), probe.name)
        files[probe] = context.scratch / f"probe-{number}.onnx"
        write_probe(probe, files[probe])
    return files


def _measured(
    request: CalibrateRequest,
    asked: Sequence[tuple[str, Probe]],
    files: Mapping[Probe, Path],
    context: JobContext,
    failures: dict[str, str],
) -> list[ProbeResult]:
    """What failed stands in `failures` afterwards."""
    contenders = [
        Contender(
            id=str(number),
            label=f"{probe.name}, {precision_words(probe.precision)} · {runtimes()[runtime].label}",
            model=files[probe],
            choice=RuntimeChoice(
                runtime=runtime, precision="f32" if probe.precision == "f32" else "auto"
            ),
        )
        for number, (runtime, probe) in enumerate(asked)
    ]
    seen = screen(
        contenders,
        blocks=request.blocks,
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )
    results: list[ProbeResult] = []
    for (runtime, probe), one, contender in zip(asked, seen, contenders, strict=True):
        if one.latency_ms is None:
            failures[contender.label] = str(one.failure or "It was not measured.")
            continue
        results.append(
            ProbeResult(
                workload=probe.workload,
                runtime=runtime,
                precision=probe.precision,
                milliseconds=one.latency_ms,
            )
        )
    return results
