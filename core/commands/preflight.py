"""`edgewright preflight`: what stands between a model and a TensorRT engine, before it is built."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, cast, get_args

from pydantic import BaseModel

from core.commands.base import Answer, Command, run_apart
from core.commands.words import megabytes, table
from core.devices.profile import find_profile
from core.errors import InputError
from core.jobs.runner import Listener
from core.plan.plan_file import read_plan
from core.sizes import bytes_range, bytes_words
from core.tensorrt.preflight_report import (
    SEVERITY_LABELS,
    ParserVerdict,
    PreflightFinding,
    PreflightReport,
    PreflightRequest,
)
from core.tensorrt.settings import PRECISION_LABELS, EnginePrecision, ShapeRange
from core.tensorrt.target import TensorRtTarget, target_of
from core.tensorrt.version import TensorRtVersion

_NAMED = 3
_LONGEST = 300


class PreflightCommand(Command):
    name: ClassVar[str] = "preflight"
    summary: ClassVar[str] = "Find out what TensorRT will make of a model before the long build."
    outcome_type: ClassVar[type[BaseModel]] = PreflightReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="the ONNX file to be built")
        parser.add_argument(
            "--profile", metavar="ID", help="the device; “edgewright profiles” lists them"
        )
        parser.add_argument(
            "--tensorrt",
            metavar="VERSION",
            help="its version, such as 8.5 (default: the newest that runs on the device)",
        )
        parser.add_argument(
            "--precision",
            choices=get_args(EnginePrecision),
            help="what the engine computes in (default: i8 for a model with Q/DQ, else f16)",
        )
        parser.add_argument("--dla", action="store_true", help="build for the DLA")
        parser.add_argument("--sparsity", action="store_true", help="use 2:4 sparse kernels")
        parser.add_argument(
            "--shape",
            type=_range,
            action="append",
            default=[],
            metavar="INPUT=MIN:BEST:MAX",
            help="sizes of an input, such as image=1,3,224,224:4,3,224,224:8,3,224,224; one shape "
            "fixes them; may be repeated",
        )
        parser.add_argument(
            "--plan", type=Path, metavar="FILE", help="the plan by which the file was compressed"
        )
        parser.add_argument(
            "--python", type=Path, metavar="FILE", help="a Python that has tensorrt-rtx"
        )
        parser.add_argument(
            "--no-parser", action="store_true", help="do not ask TensorRT’s own parser"
        )
        parser.add_argument(
            "--build-for",
            action="append",
            default=[],
            metavar="CAPABILITY",
            help="try a build for a GPU that is not here, such as 8.6; may be repeated",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        plan: Path | None = arguments.plan
        request = PreflightRequest(
            model=arguments.model.absolute(),
            target=_target(arguments),
            plan=None if plan is None else read_plan(plan),
            shapes=dict(arguments.shape),
            python=arguments.python,
            ask_parser=not arguments.no_parser,
            build_for=tuple(arguments.build_for),
        )
        report = cast("PreflightReport", run_apart("preflight", request, listen))
        return Answer(report, report_text(report), exit_code=0 if report.ready else 1)


def _target(arguments: argparse.Namespace) -> TensorRtTarget:
    version: str | None = arguments.tensorrt
    if version is not None:
        version = str(TensorRtVersion.parse(version))
    if arguments.profile is not None:
        target = target_of(find_profile(arguments.profile), version)
    elif version is not None:
        target = TensorRtTarget(version=version)
    else:
        raise InputError(
            "It is not said what the engine shall be built for.",
            "What TensorRT takes depends on its version.",
            "Name a device with --profile, or a version with --tensorrt, such as 8.5.",
        )
    return target.model_copy(
        update={
            "precision": arguments.precision,
            "use_dla": arguments.dla,
            "use_sparsity": arguments.sparsity,
        }
    )


def _range(text: str) -> tuple[str, ShapeRange]:
    name, sign, shapes = text.rpartition("=")
    parts = shapes.split(":")
    if not sign or not name or len(parts) not in (1, 3):
        raise argparse.ArgumentTypeError(f"“{text}” has not the form INPUT=MIN:BEST:MAX")
    smallest, best, largest = (_sizes(part) for part in (parts if len(parts) == 3 else parts * 3))
    return name, ShapeRange(smallest=smallest, best=best, largest=largest)


def _sizes(text: str) -> tuple[int, ...]:
    parts = text.replace("×", ",").replace("x", ",").split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"“{text}” is no list of sizes such as 1,3,224,224")
    return tuple(int(part) for part in parts)


def report_text(report: PreflightReport) -> str:
    """The report in words."""
    parts = [report.sentence, *(_finding(finding) for finding in report.findings)]
    if report.forms:
        rows = [
            (form.name, *(_shape(sizes) for sizes in _triple(form.given or form.suggested)))
            for form in report.forms
        ]
        title = "Sizes of the engine, proposed where they were not given"
        parts.append(f"{title}\n{table(('Input', 'Smallest', 'Best', 'Largest'), rows)}")
    parts.append(_forecast(report))
    parts.append(_parser(report.parser) if report.parser else report.parser_missing)
    return "\n\n".join(part for part in parts if part)


def _finding(finding: PreflightFinding) -> str:
    label = SEVERITY_LABELS[finding.severity]
    lines = [f"{label}: {finding.title}", f"  {finding.why}"]
    if len(finding.layers) > _NAMED:
        names = ", ".join(finding.layers[:_NAMED])
        lines.append(f"  Layers: {names} and {len(finding.layers) - _NAMED} more")
    elif finding.layers:
        lines.append(f"  Layers: {', '.join(finding.layers)}")
    if finding.remedy:
        lines.append(f"  → {finding.remedy}")
    lines += [f"  → {fix.label}: {fix.effect}" for fix in finding.fixes]
    return "\n".join(lines)


def _forecast(report: PreflightReport) -> str:
    build = report.build
    seconds, memory = build.seconds, build.memory_bytes
    return (
        f"The build ({PRECISION_LABELS[report.precision]}), predicted: "
        f"{seconds.value / 60:.0f} min ({seconds.low / 60:.0f} to {seconds.high / 60:.0f}), "
        f"{bytes_words(memory.value)} of memory ({bytes_range(memory.low, memory.high)}). "
        f"{build.basis}"
    )


def _parser(parser: ParserVerdict) -> str:
    said = "takes the model" if parser.accepted else "refuses the model"
    lines = [f"The parser of TensorRT for RTX {parser.version} {said}."]
    lines += [f"  {one.operator} “{one.name}”: {one.said[:_LONGEST]}" for one in parser.refused]
    lines += [f"  Warning: {text[:_LONGEST]}" for text in parser.warnings]
    for capability, built in parser.built.items():
        size = megabytes(parser.engine_bytes.get(capability))
        seconds = parser.build_seconds.get(capability, 0)
        outcome = f"an engine of {size} in {seconds:.1f} s" if built else "no engine"
        lines.append(f"  For compute capability {capability}: {outcome}")
    return "\n".join(lines)


def _triple(given: ShapeRange) -> Iterator[tuple[int, ...]]:
    yield from (given.smallest, given.best, given.largest)


def _shape(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))
