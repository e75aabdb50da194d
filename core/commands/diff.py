"""`edgewright diff`: what differs inside two models; exit code 1 when something does."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.commands.arguments import add_images, contract_of, count, data_of
from core.commands.base import Answer, Command, run_apart
from core.commands.words import megabytes, percent, table
from core.diff.report import (
    Change,
    DiffReport,
    LayerChange,
    LayerName,
    NumericDiff,
    StructureDiff,
    TensorDifference,
)
from core.jobs.kinds.diff import DiffRequest
from core.jobs.runner import Listener

DIFFERENT = 1
"""Exit code when something differs."""
_WORST = 10
_SHOWN = 200


class DiffCommand(Command):
    name: ClassVar[str] = "diff"
    summary: ClassVar[str] = (
        "Show what differs inside two models: layers, precision, weights and, on given inputs, "
        "every tensor. Exit code 0: the same; 1: different."
    )
    outcome_type: ClassVar[type[BaseModel]] = DiffReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("a", type=Path, metavar="A", help="model file, before")
        parser.add_argument("b", type=Path, metavar="B", help="model file, after")
        add_images(parser)
        parser.add_argument(
            "--inputs",
            type=Path,
            metavar="FILE",
            help="instead of images: .npy for the only input, or .npz by input name",
        )
        parser.add_argument(
            "--random", action="store_true", help="compare tensors on random inputs"
        )
        parser.add_argument(
            "--samples",
            type=_samples,
            default=8,
            metavar="N",
            help="how many images or inputs to run (default: 8)",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        file: Path | None = arguments.inputs
        request = DiffRequest(
            a=arguments.a.absolute(),
            b=arguments.b.absolute(),
            data=data_of(arguments),
            contract=contract_of(arguments),
            inputs=None if file is None else file.absolute(),
            random=arguments.random,
            samples=arguments.samples,
        )
        report = cast("DiffReport", run_apart("diff", request, listen))
        return Answer(report, diff_text(report), 0 if report.structure.same else DIFFERENT)


def _samples(text: str) -> int:
    if not 1 <= count(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"“{text}” does not lie between 1 and 10000")
    return count(text)


def diff_text(report: DiffReport) -> str:
    """The report in words."""
    lines = [*_head(report.structure), *_layers(report.structure), *_files(report.structure)]
    if report.numeric is not None:
        lines += ["", *_numbers(report.numeric)]
    return "\n".join([*lines, *(f"Note: {note}" for note in report.structure.notes)])


def _head(diff: StructureDiff) -> Iterator[str]:
    rows = [
        (
            f"{letter}: {side.name}",
            side.format,
            str(side.layers),
            f"{side.parameters:,}",
            megabytes(side.file_bytes),
            ", ".join(f"{name} {megabytes(size)}" for name, size in side.weight_bytes.items()),
        )
        for letter, side in (("A", diff.a), ("B", diff.b))
    ]
    yield table(("Model", "Format", "Layers", "Parameters", "File", "Weights"), rows)
    yield ""
    if diff.same:
        yield "The models are alike."
        return
    rounded = sum(
        layer.precision is not None and not layer.precision.computes_differently
        for layer in diff.changed
    )
    yield (
        f"{len(diff.added)} layers added, {len(diff.removed)} removed, {len(diff.changed)} changed "
        f"({len(diff.precision_changes)} compute in another precision, {rounded} only have their "
        f"result rounded), {diff.alike} alike"
    )


def _layers(diff: StructureDiff) -> Iterator[str]:
    computing = diff.precision_changes
    rounded = [each for each in diff.changed if each.precision and each not in computing]
    yield from _section("Precision", [_precision_line(layer) for layer in computing])
    yield from _section("Only the result is rounded", [_rounding_line(each) for each in rounded])
    yield from _section(
        "Changed", [line for layer in diff.changed for line in _change_lines(layer)]
    )
    yield from _section("Added", [_name(layer) for layer in diff.added], "+")
    yield from _section("Removed", [_name(layer) for layer in diff.removed], "−")


def _files(diff: StructureDiff) -> Iterator[str]:
    yield from _section("Inputs and outputs", [_change(each) for each in diff.interface])
    yield from _section("File", [_change(each) for each in diff.metadata])


def _section(title: str, lines: Sequence[str], mark: str = "~") -> Iterator[str]:
    if lines:
        yield from ("", f"{title} ({len(lines)})")
        yield from (f"  {mark} {line}" for line in lines[:_SHOWN])
        if (more := len(lines) - _SHOWN) > 0:
            yield f"  and {more} more; --json lists all"


def _name(layer: LayerName) -> str:
    return f"{layer.operator} {layer.name}"


def _precision_line(layer: LayerChange) -> str:
    assert layer.precision is not None
    details = f" ({'; '.join(layer.precision.details)})" if layer.precision.details else ""
    return f"{_name(layer.a)}: {layer.precision.before} → {layer.precision.after}{details}"


def _rounding_line(layer: LayerChange) -> str:
    assert layer.precision is not None
    change = layer.precision
    return f"{_name(layer.a)}: result {change.results_before} → {change.results_after}"


def _change_lines(layer: LayerChange) -> Iterator[str]:
    for change in layer.changes:
        yield f"{_name(layer.a)}: {_change(change)}"


def _change(change: Change) -> str:
    if not change.before:
        return f"{change.what}: {change.after}"
    return f"{change.what}: {change.before} → {change.after or 'none'}"


def _numbers(numeric: NumericDiff) -> Iterator[str]:
    yield f"Tensors on {numeric.inputs}"
    yield f"Computed by {numeric.engine}"
    if numeric.made_up:
        yield "Random inputs say little about real ones: give images with --data for that."
    worst = numeric.tensors[:_WORST]
    yield from ("", f"The {len(worst)} farthest apart of {len(numeric.tensors)}", _table(worst))
    yield from ("", "Outputs", _table(numeric.outputs))
    yield from (f"Left out: {reason}" for reason in numeric.left_out)


def _table(rows: Sequence[TensorDifference]) -> str:
    header = ("Layer", "Operator", "Relative", "SQNR", "Largest", "Mean", "Cosine", "Arrived")
    cells = [
        (
            row.name,
            row.operator,
            percent(row.relative, 2),
            "–" if row.sqnr_db is None else f"{row.sqnr_db:.1f} dB",
            f"{row.max_abs:.3g}",
            f"{row.mean_abs:.3g}",
            f"{row.cosine:.5f}",
            "–" if row.arrived is None else percent(row.arrived, 2),
        )
        for row in rows
    ]
    return table(header, cells)
