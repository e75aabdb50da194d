"""`edgewright sweep`: batch × streams, and the combination that is best under a latency limit."""

import argparse
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.benchmark.results import Estimate, rate_words
from core.benchmark.sweep import Sweep, SweepCell
from core.commands.arguments import add_blocks, add_threads, count, runtime_choice
from core.commands.base import Answer, Command, run_apart
from core.commands.words import megabytes, milliseconds, percentile, table
from core.jobs.kinds.sweep import SweepRequest
from core.jobs.runner import Listener
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes


class SweepCommand(Command):
    name: ClassVar[str] = "sweep"
    summary: ClassVar[str] = "Measure batch × streams and find the best under a latency limit."
    outcome_type: ClassVar[type[BaseModel]] = Sweep

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        parser.add_argument(
            "--runtime",
            type=runtime_choice,
            metavar="RUNTIME[:PRECISION]",
            help="such as openvino or openvino:f32 (default: the first there is)",
        )
        for name, default, help_text in (
            ("--batches", (1, 2, 4, 8), "inputs in one inference"),
            ("--streams", (1, 2), "inferences at the same time"),
        ):
            shown = ",".join(str(number) for number in default)
            parser.add_argument(
                name,
                type=_numbers,
                default=default,
                metavar="N,N…",
                help=f"{help_text} (default: {shown})",
            )
        parser.add_argument(
            "--latency-limit",
            type=_milliseconds,
            metavar="MS",
            help="an inference may take at most so many milliseconds",
        )
        add_threads(parser)
        add_blocks(parser)
        parser.set_defaults(blocks=9)

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        choice = arguments.runtime or RuntimeChoice(runtime=available_runtimes()[0].name)
        request = SweepRequest(
            model=arguments.model.absolute(),
            choice=choice.model_copy(update={"threads": arguments.threads}),
            batches=arguments.batches,
            streams=arguments.streams,
            latency_limit_ms=arguments.latency_limit,
            blocks=arguments.blocks,
        )
        report = cast("Sweep", run_apart("sweep", request, listen))
        met = report.sweet_spot is not None
        return Answer(report, _text(report), exit_code=0 if met else 1)


def _text(report: Sweep) -> str:
    header = ("", "Batch", "Streams", "Inputs a second", "Median latency", "p90", "Memory")
    rows = [_row(report, cell) for cell in report.cells]
    failures = [
        f"Batch {cell.batch}, streams {cell.streams}: {cell.failure}"
        for cell in report.cells
        if cell.failure
    ]
    warnings = [f"Warning: {text}" for text in report.warnings]
    return "\n".join([table(header, rows), report.words, *failures, *warnings])


def _row(report: Sweep, cell: SweepCell) -> tuple[str, ...]:
    rate = cell.throughput
    return (
        "★" if (cell.batch, cell.streams) == report.sweet_spot else "",
        str(cell.batch),
        str(cell.streams),
        "–" if rate is None else _rate(rate),
        "–" if cell.latency_ms is None else milliseconds(cell.latency_ms),
        "–" if cell.latency_ms is None else percentile(cell.p90_ms),
        megabytes(cell.peak_memory_bytes),
    )


def _rate(rate: Estimate) -> str:
    return f"{rate_words(rate.value)} ({rate_words(rate.low)} to {rate_words(rate.high)})"


def _numbers(text: str) -> tuple[int, ...]:
    """“1,2,4”."""
    numbers = tuple(count(part.strip()) for part in text.split(","))
    if not all(1 <= number <= 1024 for number in numbers):
        raise argparse.ArgumentTypeError(f"“{text}” is no list of numbers from 1 to 1024")
    return numbers


def _milliseconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise argparse.ArgumentTypeError(f"“{text}” is no time in milliseconds")
    return value
