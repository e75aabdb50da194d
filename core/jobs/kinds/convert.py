"""The job that turns a model of one format into one that runs."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from core.conversion.declaration import Target
from core.jobs.kinds.base import JobContext, JobKind

if TYPE_CHECKING:
    from core.conversion.declaration import Conversion
    from core.formats.base import Format

_WORK = "Converting"
_SAVE = "Saving the result"


class ConvertRequest(BaseModel):
    """What to convert, into what, and what a person said about it."""

    model: Path
    to: Target
    out: Path
    """The file to write, which must not exist; for OpenVINO IR the .xml."""
    trusted: bool = False
    """The person was told which code runs, and agreed."""
    input_shapes: tuple[tuple[int, ...], ...] = ()
    architecture: Path | None = None
    architecture_name: str = ""
    python: Path | None = None
    """An interpreter that has the component, instead of this program's own."""


class ConvertReport(BaseModel):
    """The outcome of a conversion."""

    model_config = ConfigDict(frozen=True)

    source_format: str
    to: Target
    file: Path
    files: dict[str, int]
    """File name to its bytes."""
    notes: tuple[str, ...]
    """What confined the code of the file, where any ran."""
    seconds: float


class Convert(JobKind[ConvertRequest, ConvertReport]):
    name: ClassVar[str] = "convert"
    title: ClassVar[str] = "Converting"
    request_type: ClassVar[type[BaseModel]] = ConvertRequest
    outcome_type: ClassVar[type[BaseModel]] = ConvertReport

    def steps(self, request: ConvertRequest) -> Sequence[tuple[str, float]]:
        return (("Reading the model", 0.1), (_WORK, 20.0), (_SAVE, 1.0))

    def run(self, request: ConvertRequest, context: JobContext) -> ConvertReport:
        from core.conversion.asking import checked_conversion, checked_out
        from core.formats import format_of

        began = time.monotonic()
        context.step("Reading the model")
        known = format_of(request.model)
        conversion = checked_conversion(known, request)
        checked_out(request)
        notes: list[str] = []
        made = _convert(known, conversion, request, context, notes)
        context.step(_SAVE)
        files = _save(made, request.out)
        return ConvertReport(
            source_format=known.name,
            to=request.to,
            file=request.out,
            files=files,
            notes=tuple(notes),
            seconds=time.monotonic() - began,
        )


def _convert(
    known: "Format",
    conversion: "Conversion",
    request: ConvertRequest,
    context: JobContext,
    notes: list[str],
) -> Path:
    from core.conversion.asking import input_shapes
    from core.conversion.declaration import ConversionWork

    context.step(_WORK)
    scratch, result = context.scratch / "work", context.scratch / "result"
    scratch.mkdir()
    result.mkdir()
    work = ConversionWork(
        source=request.model,
        target=result / request.out.name,
        scratch=scratch,
        progress=lambda text: context.progress(0, 1, text),
        note=notes.append,
        input_shapes=input_shapes(known, request),
        architecture=request.architecture,
        architecture_name=request.architecture_name,
        python=request.python,
    )
    known.convert(conversion, work)
    return result


def _save(made: Path, out: Path) -> dict[str, int]:
    """Put every file of the result where it was asked for, whole or not at all."""
    from core.jobs.folders import storage_errors
    from core.project.model_copy import copy_durably

    found = sorted(made.iterdir(), key=lambda path: path.name == out.name)
    with storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        for path in found:
            unfinished = out.parent / f".{path.name}.partial"
            unfinished.unlink(missing_ok=True)
            copy_durably(path, unfinished)
            unfinished.replace(out.parent / path.name)
    return {path.name: path.stat().st_size for path in found}
