"""The job that shows what edits make of a model: the graph and the drawing of the edited one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel

from core.errors import InputError
from core.jobs.kinds.base import JobContext, JobKind
from core.jobs.kinds.inspect import GRAPH_FILE, Inspection
from core.model.graph import ModelGraph
from core.model.summary import summarize
from core.plain import Data

if TYPE_CHECKING:
    from core.edit.draft import Draft

_EDITING, _DRAWING = "Making the edits", "Laying out the graph"


EditData = dict[str, Any]
"""An edit as plain data, which core.edit.edits_file reads: not every worker needs the edits."""


class EditRequest(BaseModel):
    """Which model, and what to change in it."""

    model: Path
    edits: tuple[EditData, ...]


class Edit(JobKind[EditRequest, Inspection]):
    name: ClassVar[str] = "edit"
    title: ClassVar[str] = "Editing the model"
    request_type: ClassVar[type[BaseModel]] = EditRequest
    outcome_type: ClassVar[type[Data]] = Inspection

    def steps(self, request: EditRequest) -> Sequence[tuple[str, float]]:
        return ((_EDITING, 1.0), (_DRAWING, 1.0))

    def run(self, request: EditRequest, context: JobContext) -> Inspection:
        from core.edit.applying import edited_draft
        from core.edit.edits_file import edits_from
        from core.layout import write_initial_layout
        from core.model.external_data import external_files
        from core.model.graph_file import write_graph

        check_editable(request.model)
        context.step(_EDITING)
        edits = edits_from(request.edits)
        draft = edited_draft(
            request.model, edits, lambda done, text: context.progress(done, len(edits), text)
        )
        companions = external_files(request.model, draft.model)
        graph = _graph_of(draft, context.scratch)
        write_graph(graph, context.folder / GRAPH_FILE)
        context.artifact("graph", context.folder / GRAPH_FILE)
        context.check_cancelled()
        context.step(_DRAWING)
        write_initial_layout(graph, context.folder)
        return Inspection(graph=GRAPH_FILE, summary=summarize(graph), companions=companions)


def check_editable(model: Path) -> None:
    """Raise InputError for a model of another format than ONNX, or none at all."""
    from core.formats import format_of

    found = format_of(model)
    if found.name != "onnx":
        raise InputError(
            f"“{model.name}” cannot be edited.",
            f"It is a model in the format {found.label}; edits are made in ONNX.",
            "Convert it to ONNX first, and edit that.",
        )


def _graph_of(draft: "Draft", scratch: Path) -> ModelGraph:
    """The graph as the edits leave it, read from a file of the structure alone."""
    from core.formats import read_graph
    from core.model.onnx_file import stored_bytes, tensors_of

    path = scratch / draft.path.name
    size = draft.model.ByteSize()
    for tensor in tensors_of(draft.model):
        if tensor.data_location == tensor.EXTERNAL:
            size += stored_bytes(tensor)
            for entry in tensor.external_data:
                if entry.key == "location":
                    entry.value = path.name  # nobody looks for numbers behind a drawing
    path.write_bytes(draft.model.SerializeToString())
    return replace(read_graph(path), file_bytes=size)
