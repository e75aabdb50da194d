"""`edgewright compare`: two models side by side, in speed and in what they answer."""

import argparse
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.benchmark.changes.base import ImageChange
from core.benchmark.changes.table import changes_table
from core.benchmark.comparison import AnswerComparison, ComparisonReport
from core.commands.arguments import (
    add_blocks,
    add_images,
    add_patience,
    contract_of,
    data_of,
    file_to_write,
    runtime_choice,
)
from core.commands.base import Answer, Command, run_apart
from core.commands.words import megabytes, milliseconds, percent, plain, table
from core.jobs.folders import write_atomically
from core.jobs.kinds.compare import CompareRequest
from core.jobs.runner import Listener

_SHOWN_CHANGES = 20


class CompareCommand(Command):
    name: ClassVar[str] = "compare"
    summary: ClassVar[str] = "Compare two models: speed, accuracy, and answers image by image."
    outcome_type: ClassVar[type[BaseModel]] = ComparisonReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        for name in ("a", "b"):
            parser.add_argument(name, type=Path, metavar=name.upper(), help="model file")
            parser.add_argument(
                f"--runtime-{name}",
                type=runtime_choice,
                metavar="RUNTIME[:PRECISION]",
                help=f"what runs {name.upper()} (default: the first there is)",
            )
        add_images(parser)
        add_blocks(parser)
        add_patience(parser)
        parser.add_argument(
            "--csv",
            type=file_to_write,
            metavar="FILE",
            help="write the images that changed as a table",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        request = CompareRequest(
            a=arguments.a.absolute(),
            b=arguments.b.absolute(),
            choice_a=arguments.runtime_a,
            choice_b=arguments.runtime_b,
            data=data_of(arguments),
            contract=contract_of(arguments),
            blocks=arguments.blocks,
            patience=arguments.patience,
        )
        report = cast("ComparisonReport", run_apart("compare", request, listen))
        if arguments.csv is not None:
            changes = report.answers.changes if report.answers else ()
            write_atomically(arguments.csv, changes_table(changes).encode())
        return Answer(report, _text(report, arguments.a.name, arguments.b.name))


def _text(report: ComparisonReport, name_a: str, name_b: str) -> str:
    rows = [
        (
            f"{letter}: {name}",
            result.provenance.runtime.runtime,
            megabytes(result.file_bytes),
            milliseconds(result.latency_ms),
            megabytes(result.peak_memory_bytes),
        )
        for letter, name, result in (("A", name_a, report.a), ("B", name_b, report.b))
    ]
    header = ("Model", "Runtime", "File", "Median latency", "Memory")
    speed = [table(header, rows), f"B against A: {report.ratio.words}"]
    speed += [f"{each.contender.upper()}: {each.words}" for each in report.end_to_end]
    answers = ["Answers not compared: no images were given."]
    if report.answers is not None:
        answers = _answers(report.answers)
    return "\n".join([*speed, "", *answers])


def _answers(found: AnswerComparison) -> list[str]:
    lines: list[str] = []
    if found.contract is not None:
        lines.append(f"Preprocessing: {found.contract.sentence()} ({found.contract_origin})")
    agreement = found.agreement
    lines.append(f"{agreement.words} {agreement.label}, {agreement.samples} samples")
    for letter, result in zip("AB", found.accuracy, strict=False):
        scores = ", ".join(f"{score.words} {score.label}" for score in result.scores)
        lines.append(f"{letter}: {scores}")
    if found.accuracy and (found.better or found.worse):
        lines.append(f"B is better on {found.better} images, worse on {found.worse}")
    if found.changes:
        rows = [_row(change) for change in found.changes[:_SHOWN_CHANGES]]
        lines += ["", f"What changed, by damage: {found.damage}"]
        lines.append(table(("Image", "A", "B", "Truth", "Effect", "Damage"), rows))
    if (more := len(found.changes) - _SHOWN_CHANGES) > 0:
        lines.append(f"and {more} more; --csv writes all")
    return lines


def _row(change: ImageChange) -> tuple[str, ...]:
    return (
        change.image,
        _answer(change.a, change.confidence_a),
        _answer(change.b, change.confidence_b),
        change.truth or "?",
        change.effect,
        f"{change.damage:+.3f}",
    )


def _answer(words: str, sure: float | None) -> str:
    words = plain(words)
    return words if sure is None else f"{words} {percent(sure, 1)}"
