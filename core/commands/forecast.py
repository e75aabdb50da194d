"""`edgewright forecast`: how fast a model would be on a device that is not there."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel, ConfigDict

from core.commands.base import Answer, Command, run_apart
from core.commands.inspect import read_model_graph
from core.commands.words import milliseconds, percent, plain, table
from core.devices.profile import DeviceProfile, find_profile
from core.devices.profile_words import PRECISION_WORDS, precision_words, runtime_words
from core.errors import InputError
from core.jobs.kinds.calibrate import CalibrateReport, CalibrateRequest, own_profile
from core.jobs.runner import Listener
from core.search.forecast import (
    Forecast,
    LayerWork,
    Workload,
    forecast,
    forecast_runtime,
    workload_of,
)
from core.search.forecast.calibration import Calibration, find_calibration
from core.sizes import bytes_range

_FITS = {True: "fits", False: "does not fit", None: "not certain to fit"}
_SHOWN = 10
_ALL = "all"
_NOTHING = Workload("", (LayerWork("movement", 0.0),), 0.0)


class ForecastReport(BaseModel):
    """Predicted figures of one model on one device; nothing in it was measured there."""

    model_config = ConfigDict(frozen=True)

    model: str
    forecasts: tuple[Forecast, ...] = ()
    """One for each power mode that was asked for."""
    calibration: CalibrateReport | None = None
    """What --calibrate found; then there need not be a model."""


class ForecastCommand(Command):
    name: ClassVar[str] = "forecast"
    summary: ClassVar[str] = "Predict latency, memory and fit on a device that is not attached."
    outcome_type: ClassVar[type[BaseModel]] = ForecastReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "model",
            type=Path,
            nargs="?",
            metavar="MODEL",
            help="model file; may be left out with --calibrate",
        )
        parser.add_argument(
            "--profile", metavar="ID", help="the device; “edgewright profiles” lists them"
        )
        parser.add_argument(
            "--mode",
            metavar="NAME",
            help="its power mode; “all” for each of them (default: the highest)",
        )
        parser.add_argument(
            "--precision",
            choices=tuple(PRECISION_WORDS),
            default="f32",
            help="what it computes in (default: f32)",
        )
        parser.add_argument(
            "--runtime",
            metavar="RUNTIME",
            help="what runs it, such as tensorrt (default: the device’s first)",
        )
        parser.add_argument(
            "--harness",
            metavar="NAME",
            help="whose way of timing to predict, such as mlperf or ultralytics",
        )
        parser.add_argument(
            "--calibrate",
            action="store_true",
            help="first measure probe models on this computer and refit the constants to them",
        )
        parser.add_argument(
            "--local",
            action="store_true",
            help="use what was calibrated on this computer before",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        calibrated = _calibrated(arguments, listen) if arguments.calibrate else None
        if arguments.model is None:
            if calibrated is None:
                raise InputError(
                    "There is nothing to forecast.",
                    "No model was given.",
                    "Give a model, or --calibrate.",
                )
            report = ForecastReport(model="", calibration=calibrated)
            return Answer(report, "\n".join(_calibration_lines(calibrated)))
        profile = _profile(arguments, calibrated)
        _forecasts(arguments, _NOTHING, profile)  # what cannot be forecast is said at once
        workload = workload_of(read_model_graph(arguments.model, listen))
        forecasts = _forecasts(arguments, workload, profile)
        report = ForecastReport(
            model=arguments.model.name, forecasts=forecasts, calibration=calibrated
        )
        lines = [] if calibrated is None else [*_calibration_lines(calibrated), ""]
        return Answer(report, "\n".join([*lines, *_lines(forecasts, profile)]))


def _calibrated(arguments: argparse.Namespace, listen: Listener) -> CalibrateReport:
    request = CalibrateRequest(
        runtimes=(arguments.runtime,) if arguments.runtime else (),
        profile=arguments.profile or "",
    )
    return cast("CalibrateReport", run_apart("calibrate", request, listen))


def _profile(arguments: argparse.Namespace, calibrated: CalibrateReport | None) -> DeviceProfile:
    """The one that was asked for; this computer's where it was calibrated or --local is given."""
    if arguments.profile:
        return find_profile(arguments.profile)
    if calibrated is None and not arguments.local:
        raise InputError(
            "It is not known which device is meant.",
            "No profile was given.",
            "Give --profile ID, or --local for this computer; “edgewright profiles” lists all.",
        )
    return own_profile()


def _forecasts(
    arguments: argparse.Namespace, workload: Workload, profile: DeviceProfile
) -> tuple[Forecast, ...]:
    runtime = arguments.runtime or forecast_runtime(profile)
    calibration = _known_calibration(arguments, profile, runtime)
    every = arguments.mode == _ALL
    modes = [one.name for one in profile.power_modes if one.peaks] if every else [arguments.mode]
    return tuple(
        forecast(
            workload,
            profile,
            runtime=runtime,
            precision=arguments.precision,
            mode=mode,
            harness=arguments.harness,
            calibration=calibration,
        )
        for mode in modes or [None]
    )


def _known_calibration(
    arguments: argparse.Namespace, profile: DeviceProfile, runtime: str
) -> Calibration | None:
    if not (arguments.local or arguments.calibrate):
        return None
    return find_calibration("local", runtime, profile.id)


def _lines(forecasts: tuple[Forecast, ...], profile: DeviceProfile) -> Iterator[str]:
    first = forecasts[0]
    runtime, precision = runtime_words(first.runtime), precision_words(first.precision)
    yield f"Predicted for {plain(profile.name)}, {runtime}, {precision}"
    yield ""
    header = ("Power mode", "Latency", "Arithmetic", "Memory", "Overhead", "Needs", "")
    yield table(header, [_row(one, profile) for one in forecasts])
    if len(forecasts) == 1 and first.per_layer_ms:
        yield ""
        yield from _layer_lines(first)
    yield ""
    yield first.basis
    warnings = dict.fromkeys(text for one in forecasts for text in one.warnings)
    yield from (f"Warning: {text}" for text in warnings)


def _row(one: Forecast, profile: DeviceProfile) -> tuple[str, ...]:
    return (
        one.mode or ("highest" if profile.power_modes else "–"),
        milliseconds(one.latency_ms),
        f"{one.parts.compute_ms:.3g} ms",
        f"{one.parts.memory_ms:.3g} ms",
        f"{one.parts.overhead_ms:.3g} ms",
        bytes_range(one.memory_bytes.low, one.memory_bytes.high),
        _FITS[one.fits] if profile.memory_gb else "memory of the device not known",
    )


def _layer_lines(one: Forecast) -> Iterator[str]:
    longest = sorted(one.per_layer_ms.items(), key=lambda pair: -pair[1])[:_SHOWN]
    yield "Layers that take longest, predicted:"
    rows = [(plain(layer), f"{time:.3g} ms") for layer, time in longest]
    yield table(("Layer", "Time"), rows)


def _calibration_lines(report: CalibrateReport) -> Iterator[str]:
    yield f"Forecasts for {plain(find_profile(report.profile).name)} are fitted to this computer:"
    for one in report.calibrations:
        yield (
            f"{runtime_words(one.runtime)}: {one.probes} probe models; half of these are forecast "
            f"within {percent(one.band.median_error)} when left out"
        )
    yield from (f"{runtime_words(name)}: {reason}" for name, reason in report.failures.items())
