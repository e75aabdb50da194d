"""The job that reads a model: its graph for the window, its summary for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from core.conversion.declaration import Conversion
from core.jobs.kinds.base import JobContext, JobKind
from core.model.summary import ModelSummary, summarize
from core.plain import Data

GRAPH_FILE = "graph.columns"


@dataclass(frozen=True)
class InspectRequest:
    """Which model to read."""

    model: Path
    fingerprint: bool = False
    """Also say the SHA-256 of all that the model consists of, which takes reading it."""


@dataclass(frozen=True)
class Inspection:
    """What was read. `graph` is a file in the run's folder for core.model.graph_file."""

    graph: str
    summary: ModelSummary
    companions: tuple[Path, ...] = ()
    """The other files that the model consists of, such as external data."""
    runs: bool = True
    """Whether runtimes take the file as it is."""
    conversions: tuple[Conversion, ...] = ()
    """What it can be turned into."""
    format_label: str = ""


class Inspect(JobKind[InspectRequest, Inspection]):
    name: ClassVar[str] = "inspect"
    title: ClassVar[str] = "Opening the model"
    request_type: ClassVar[type[Data]] = InspectRequest
    outcome_type: ClassVar[type[Data]] = Inspection

    def steps(self, request: InspectRequest) -> Sequence[tuple[str, float]]:
        return (("Reading the model", 1.0), ("Laying out the graph", 1.0))

    def warm_up(self) -> None:
        from core.formats import formats
        from core.model.onnx_file import warm_up

        for module in ("core.layout", "core.model.onnx_graph", "core.model.graph_file"):
            import_module(module)
        formats()
        warm_up()

    def run(self, request: InspectRequest, context: JobContext) -> Inspection:
        from core.formats import format_of
        from core.layout import write_initial_layout
        from core.model.graph_file import write_graph

        context.step("Reading the model")
        found = format_of(request.model)
        graph, companions = found.read_whole(request.model)
        if request.fingerprint:
            from core.model.fingerprint import fingerprint

            graph = replace(graph, sha256=fingerprint(request.model, companions))
        for warning in graph.warnings:
            context.note(warning, "warning")
        path = context.folder / GRAPH_FILE
        write_graph(graph, path)
        context.artifact("graph", path)
        context.check_cancelled()
        context.step("Laying out the graph")
        write_initial_layout(graph, context.folder)
        return Inspection(
            graph=GRAPH_FILE,
            summary=summarize(graph),
            companions=companions,
            runs=found.runs,
            conversions=found.conversions,
            format_label=found.label,
        )
