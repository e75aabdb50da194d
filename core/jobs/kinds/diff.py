"""The job that finds what differs inside two models: structure, precision, numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.data.contract import PreprocessingContract
from core.diff.report import DiffReport
from core.jobs.kinds.base import JobContext, JobKind

if TYPE_CHECKING:
    from core.diff.inputs import Inputs
    from core.diff.report import NumericDiff
    from core.diff.structure import Compared, Knowledge
    from core.diff.watching import WatchedModel
    from core.model.graph import ModelGraph

GRAPH_A, GRAPH_B, GRAPH_MERGED = "a.graph", "b.graph", "merged.graph"
"""Files in the run's folder, for core.model.graph_file."""
PAIRS, MERGED_IDS = "pairs.npy", "merged-ids.npy"
"""Two columns each: places of the same layer in A and in B; ids of the layers that only A has, in A
and in the merged graph."""

_COPY_A = "a.onnx"
_READING, _ALIGNING = "Reading both models", "Finding what differs"
_PREPARING, _RUNNING = "Preparing the inputs", "Comparing the tensors"


class DiffRequest(BaseModel):
    """Which models, and what to feed them; without inputs only the files are compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    a: Path
    b: Path
    data: Path | None = None
    """Images, prepared by `contract`."""
    contract: PreprocessingContract | None = None
    """None looks for the best preset, judged by A."""
    inputs: Path | None = None
    """A .npy or .npz file; used instead of images."""
    random: bool = False
    """Made-up inputs where neither of the two is given."""
    samples: int = Field(default=8, ge=1, le=10_000)
    graphs: bool = False
    """Leave the graphs of both, and of both merged, in the run's folder for the window."""

    @property
    def runs_models(self) -> bool:
        return self.random or self.data is not None or self.inputs is not None


class Diff(JobKind[DiffRequest, DiffReport]):
    name: ClassVar[str] = "diff"
    title: ClassVar[str] = "Comparing the insides of two models"
    request_type: ClassVar[type[BaseModel]] = DiffRequest
    outcome_type: ClassVar[type[BaseModel]] = DiffReport

    def steps(self, request: DiffRequest) -> Sequence[tuple[str, float]]:
        files = ((_READING, 1.0), (_ALIGNING, 1.0))
        return (*files, (_PREPARING, 1.0), (_RUNNING, 6.0)) if request.runs_models else files

    def run(self, request: DiffRequest, context: JobContext) -> DiffReport:
        from core.diff.structure import compare_structure
        from core.formats import read_graph

        context.step(_READING)
        a, b = read_graph(request.a), read_graph(request.b)
        context.step(_ALIGNING)
        compared = compare_structure(a, b, _knowledge(request, (a, b), context))
        if request.graphs:
            _leave_graphs(compared, context.folder)
        numeric = _numeric(request, compared, context) if request.runs_models else None
        return DiffReport(structure=compared.diff, numeric=numeric)


def _knowledge(
    request: DiffRequest, graphs: "Sequence[ModelGraph]", context: JobContext
) -> "Knowledge | None":
    """The stored numbers, where both files are such that they can be read."""
    from core.diff.stored import StoredNumbers, difference
    from core.diff.structure import Knowledge
    from core.model.external_data import LackingData

    if any(graph.format != "onnx" for graph in graphs):
        return None
    try:
        a, b = StoredNumbers(request.a), StoredNumbers(request.b)
    except LackingData as lack:
        context.note(f"Weights are not compared: {lack.what} {lack.why}", "warning")
        return None

    def distance(name_a: str, name_b: str) -> float | None:
        context.check_cancelled()
        return difference(a, b, name_a, name_b)

    return Knowledge(a.shifted(), b.shifted(), distance)


def _leave_graphs(compared: "Compared", folder: Path) -> None:
    import numpy as np

    from core.diff.merging import merged_graph, merged_ids
    from core.model.graph_file import write_graph

    write_graph(compared.a.graph, folder / GRAPH_A)
    write_graph(compared.b.graph, folder / GRAPH_B)
    write_graph(merged_graph(compared), folder / GRAPH_MERGED)
    np.save(folder / PAIRS, np.array(compared.alignment.pairs, np.int64).reshape(-1, 2))
    ids = np.array(list(merged_ids(compared).items()), np.str_).reshape(-1, 2)
    np.save(folder / MERGED_IDS, ids)


def _numeric(request: DiffRequest, compared: "Compared", context: JobContext) -> "NumericDiff":
    """Of working copies: only these have been checked to be safe to run."""
    from core.diff.numbers import compare_numbers
    from core.diff.watching import WatchedModel
    from core.formats import check_runnable_onnx
    from core.model.identity import stamp

    context.step(_PREPARING)

    def watched(source: Path, name: str) -> WatchedModel:
        check_runnable_onnx(source)
        copy = context.scratch / name
        stamp(source, copy)
        return WatchedModel(copy)

    a, b = watched(request.a, _COPY_A), watched(request.b, "b.onnx")
    inputs = _inputs(request, a, context)
    context.step(_RUNNING)
    return compare_numbers(compared, a, b, inputs, context.progress)


def _inputs(request: DiffRequest, model: "WatchedModel", context: JobContext) -> "Inputs":
    from core.diff.inputs import inputs_from_file, inputs_from_images, random_inputs

    if request.inputs is not None:
        return inputs_from_file(request.inputs, model.inputs, request.samples)
    if request.data is None:
        return random_inputs(model.inputs)
    return inputs_from_images(
        context.scratch / _COPY_A,
        data=request.data,
        contract=request.contract,
        most=request.samples,
        folder=context.scratch,
        progress=context.progress,
    )
