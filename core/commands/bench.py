"""`edgewright bench`: measure models as they are, on every runtime or on chosen ones."""

import argparse
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.benchmark.energy import energy_in_words
from core.commands.arguments import (
    add_blocks,
    add_images,
    add_patience,
    add_threads,
    contract_of,
    count,
    data_of,
    password_from,
    runtime_choice,
)
from core.commands.base import Answer, Command, run_apart
from core.commands.words import energy, megabytes, milliseconds, per_second, percentile, table
from core.jobs.kinds.bench import PASSWORD, BenchReport, BenchRequest
from core.jobs.runner import Listener


class BenchCommand(Command):
    name: ClassVar[str] = "bench"
    summary: ClassVar[str] = "Measure the speed of models, in turns, with intervals."
    outcome_type: ClassVar[type[BaseModel]] = BenchReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="model file")
        parser.add_argument(
            "--runtime",
            type=runtime_choice,
            action="append",
            default=[],
            metavar="RUNTIME[:PRECISION]",
            help="such as openvino or openvino:f32; may be repeated (default: all there are)",
        )
        for name, help_text in (
            ("--streams", "inferences at the same time"),
            ("--batch", "inputs in one inference"),
        ):
            parser.add_argument(
                name, type=count, default=1, metavar="N", help=f"{help_text} (default: 1)"
            )
        parser.add_argument(
            "--device",
            default="local",
            metavar="NAME",
            help="where to measure: the id of a device, or the name of a board (default: local)",
        )
        parser.add_argument(
            "--power-mode",
            default="",
            metavar="MODE",
            help="a Jetson’s power mode while it is measured, put back afterwards",
        )
        parser.add_argument(
            "--hold-clocks",
            action="store_true",
            help="hold a Jetson’s clocks at their highest meanwhile, put back afterwards",
        )
        parser.add_argument(
            "--password",
            action="store_true",
            help="ask for sudo’s password on the board, or read it from the first line of "
            "standard input",
        )
        add_images(parser)
        add_blocks(parser)
        add_patience(parser)
        add_threads(parser)

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        request = BenchRequest(
            models=tuple(model.absolute() for model in arguments.models),
            choices=tuple(arguments.runtime),
            blocks=arguments.blocks,
            patience=arguments.patience,
            threads=arguments.threads,
            streams=max(1, arguments.streams),
            batch=max(1, arguments.batch),
            data=data_of(arguments),
            contract=contract_of(arguments),
            device=arguments.device,
            power_mode=arguments.power_mode,
            hold_clocks=arguments.hold_clocks,
        )
        secrets: dict[str, str] = {}
        if arguments.password:
            secrets[PASSWORD] = password_from(f"Password of sudo on {arguments.device}: ")
        report = cast("BenchReport", run_apart("bench", request, listen, secrets))
        return Answer(report, _text(report))


def _power_lines(report: BenchReport) -> list[str]:
    """A line that holds for everybody is said once, without a name."""
    lines = {
        report.labels[result.contender]: energy_in_words(result.energy)
        for result in report.results
        if result.energy is not None
    }
    if len(set(lines.values())) == 1:
        return list(lines.values())[:1]
    return [f"{label}: {line}" for label, line in lines.items()]


def _text(report: BenchReport) -> str:
    against = {ratio.a: ratio.words for ratio in report.ratios}
    header = (
        "Contender",
        "Median latency",
        "p90",
        "p99",
        "Throughput",
        "Compile",
        "First run",
        "Memory",
        "Energy",
        "",
        "Steady",
    )
    rows = [
        (
            report.labels[result.contender],
            milliseconds(result.latency_ms),
            percentile(result.p90_ms),
            percentile(result.p99_ms),
            per_second(result.throughput),
            f"{result.compile_ms:.0f} ms",
            "–" if result.first_ms is None else f"{result.first_ms:.3g} ms",
            megabytes(result.peak_memory_bytes),
            energy(result.energy),
            against.get(result.contender, "the first"),
            "yes" if result.steady else "no",
        )
        for result in report.results
    ]
    failures = [f"{report.labels[name]}: {why}" for name, why in report.failures.items()]
    warnings = dict.fromkeys(warning for result in report.results for warning in result.warnings)
    power = _power_lines(report)
    ways = [f"{each.label}: {each.words}" for each in report.end_to_end]
    ways += [f"{report.labels[each.contender]}: {each.words}" for each in report.on_device]
    return "\n".join(
        [table(header, rows), *power, *ways, *failures, *(f"Warning: {text}" for text in warnings)]
    )
