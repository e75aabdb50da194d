"""`edgewright inspect`: what a model is, without running it."""

import argparse
import tempfile
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, ClassVar, cast, get_type_hints

from pydantic import BaseModel, create_model

from core.commands.base import Answer, Command, run_apart
from core.commands.found_layers import FoundLayer, found_layers, found_text
from core.commands.words import megabytes, percent, table
from core.jobs.kinds.inspect import Inspection, InspectRequest
from core.jobs.runner import Listener, run_job
from core.model.graph import ModelGraph
from core.model.graph_file import read_graph_file
from core.model.query import HINT
from core.model.reservations import (
    has_costs,
    is_total,
    memory_reservations,
    operations_reservation,
)
from core.model.summary import ModelSummary, summarize


def _summary_fields() -> dict[str, Any]:
    """The type of each field of a ModelSummary and its default, as pydantic wants them."""
    types = get_type_hints(ModelSummary)
    return {
        field.name: (types[field.name], ... if field.default is MISSING else field.default)
        for field in fields(ModelSummary)
    }


InspectAnswer = create_model(
    "InspectAnswer",
    __doc__="What a model is, and the layers that were looked for.",
    **_summary_fields(),
    found=(tuple[FoundLayer, ...] | None, None),
)
"""A ModelSummary and, with --find, the layers that fit, the best first."""


class InspectCommand(Command):
    name: ClassVar[str] = "inspect"
    summary: ClassVar[str] = "Show a model's layers, sizes and costs."
    outcome_type: ClassVar[type[BaseModel]] = InspectAnswer

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        parser.add_argument(
            "--find",
            metavar="WORDS",
            help=f"list the layers that fit all these words, such as: {HINT}",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        if arguments.find is not None:
            graph = read_model_graph(arguments.model, listen)
            found = found_layers(graph, arguments.find)
            answer = InspectAnswer(**vars(summarize(graph)), found=found)
            return Answer(answer, found_text(found))
        inspection = inspect_model(arguments.model, listen)
        answer = InspectAnswer(**vars(inspection.summary))
        return Answer(answer, _text(inspection.summary))


def inspect_model(model: Path, listen: Listener) -> Inspection:
    """Read a model in a worker, so that a hostile file cannot harm. Raises UserError."""
    outcome = run_apart("inspect", InspectRequest(model=model.absolute(), fingerprint=True), listen)
    return cast("Inspection", outcome)


def read_model_graph(model: Path, listen: Listener) -> ModelGraph:
    """The graph of a model, read in a worker. Raises UserError."""
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        run = Path(folder) / "inspect"
        request = InspectRequest(model=model.absolute())
        inspection = cast("Inspection", run_job("inspect", request, run, listen))
        return read_graph_file(run / inspection.graph)


def _peak_lines(summary: ModelSummary) -> list[str]:
    peak = summary.peak_activation
    if peak is None or not has_costs(summary):
        return []
    doubt = " ".join(memory_reservations(peak.assumed, peak.unsized))
    where = f"Memory:     at most {megabytes(peak.bytes)} between layers, at {peak.name}"
    return [f"{where}. {doubt}" if doubt else where]


def _operations_lines(summary: ModelSummary) -> list[str]:
    if not has_costs(summary):
        return []
    million = f"{summary.operations / 1e6:,.1f} million for one inference"
    doubt = operations_reservation(summary)
    if not is_total(summary):
        advice = " (fix them: edit --set-shape)" if summary.free_inputs else ""
        return [f"Operations: {doubt}{advice}"]
    return [f"Operations: {million}{f'; {doubt}' if doubt else ''}"]


def _said_lines(summary: ModelSummary) -> list[str]:
    opsets = ", ".join(f"{domain} {version}" for domain, version in summary.opsets.items())
    said = {**summary.properties, **summary.metadata}
    return [
        *([f"Opsets:     {opsets}"] if len(summary.opsets) > 1 else []),
        *(f"{name + ':':<11} {value}" for name, value in said.items()),
    ]


def _heaviest_table(summary: ModelSummary) -> str:
    return table(
        ("Heaviest layers", "Operator", "Kernel", "Million operations", "Share", "Weights"),
        [
            (
                layer.name,
                layer.operator,
                layer.detail,
                f"{layer.operations / 1e6:.2f}",
                percent(layer.share, 1),
                megabytes(layer.weight_bytes),
            )
            for layer in summary.heaviest
        ],
    )


def _text(summary: ModelSummary) -> str:
    operators = ", ".join(f"{count:,} {name}" for name, count in summary.operators.items())
    precisions = ", ".join(f"{name} {megabytes(n)}" for name, n in summary.precisions.items())
    made_by = f", made by {summary.producer}" if summary.producer else ""
    lines = [
        f"{summary.name}: {summary.version}{made_by}, {megabytes(summary.file_bytes)}",
        f"Inputs:     {', '.join(summary.inputs) or 'none'}",
        f"Outputs:    {', '.join(summary.outputs) or 'none'}",
        f"Layers:     {summary.layers:,} ({operators})",
        f"Parameters: {summary.parameters:,} ({precisions})",
        *_operations_lines(summary),
        *_peak_lines(summary),
        *_said_lines(summary),
        *(f"Warning:    {warning}" for warning in summary.warnings),
    ]
    return "\n".join([*lines, "", _heaviest_table(summary)] if is_total(summary) else lines)
