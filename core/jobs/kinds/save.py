"""The job that saves a model, edited or as it is, in a format that can be written."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, Field

from core.edit.saved import CHECKING, MAKING, SAVING, WRITING, SavedModel
from core.errors import InputError
from core.jobs.kinds.base import JobContext, JobKind
from core.jobs.kinds.edit import EditData, check_editable
from core.parameters import Value, option_problems


class SaveRequest(BaseModel):
    """Which model, with which edits, and where to."""

    model: Path
    edits: tuple[EditData, ...] = ()
    out: Path
    writer: str = "onnx"
    """Name of a writer in core.writers."""
    options: dict[str, Value] = Field(default_factory=dict)
    overwrite: bool = False
    originals: tuple[Path, ...] = ()
    """Further files that are never replaced: what `model` was copied from."""


class Save(JobKind[SaveRequest, SavedModel]):
    name: ClassVar[str] = "save"
    title: ClassVar[str] = "Saving the model"
    request_type: ClassVar[type[BaseModel]] = SaveRequest
    outcome_type: ClassVar[type[BaseModel]] = SavedModel

    def steps(self, request: SaveRequest) -> Sequence[tuple[str, float]]:
        return ((MAKING, 1.0), (WRITING, 1.0), (CHECKING, 2.0), (SAVING, 1.0))

    def run(self, request: SaveRequest, context: JobContext) -> SavedModel:
        from core.edit.edits_file import edits_from
        from core.edit.saving import save_edited
        from core.writers import writers

        writer = writers()[request.writer]
        if problems := option_problems(writer.parameters, request.options):
            raise InputError(
                f"The options do not fit {writer.label}.",
                " ".join(problems.values()),
                "Correct or leave out these options.",
            )
        check_editable(request.model)
        return save_edited(
            request.model,
            edits_from(request.edits),
            request.out,
            context,
            writer=writer,
            options=request.options,
            overwrite=request.overwrite,
            originals=request.originals,
        )
