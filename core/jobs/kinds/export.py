"""The job that writes a candidate as a folder that is ready to deploy."""

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ValidationError

from core.errors import InputError
from core.export.bundle import ExportReport, export_candidate
from core.jobs.folders import OUTCOME_FILE
from core.jobs.kinds.base import JobContext, JobKind
from core.search.report import OptimizationReport


class ExportRequest(BaseModel):
    """What to export, and where to."""

    run: Path
    """Folder of a whole optimize run."""
    out: Path
    """The folder to write; new or empty."""
    candidate: str | None = None
    """None takes the chosen one."""
    data: Path | None = None
    """Images whose folders name the classes."""
    openvino_ir: bool = False
    """Convert into OpenVINO's own format; only for candidates that run there."""


class Export(JobKind[ExportRequest, ExportReport]):
    name: ClassVar[str] = "export"
    title: ClassVar[str] = "Exporting"
    request_type: ClassVar[type[BaseModel]] = ExportRequest
    outcome_type: ClassVar[type[BaseModel]] = ExportReport

    def run(self, request: ExportRequest, context: JobContext) -> ExportReport:
        context.step(self.title)
        return export_candidate(
            _report_of(request.run),
            request.run,
            request.candidate,
            request.out,
            class_names=_class_names(request.data, context),
            openvino_ir=request.openvino_ir,
        )


def _report_of(run: Path) -> OptimizationReport:
    try:
        return OptimizationReport.model_validate_json((run / OUTCOME_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(
            f"“{run.name}” is no finished optimization.",
            f"Its {OUTCOME_FILE} is missing or damaged ({type(error).__name__}).",
            "Optimize again, then export.",
        ) from error


def _class_names(data: Path | None, context: JobContext) -> tuple[str, ...]:
    """Names are a comfort: without the images the folder is written all the same."""
    from core.data import open_dataset

    if data is None:
        return ()
    try:
        return tuple(open_dataset(data).classes)
    except InputError as error:
        context.note(f"The classes have no names in the export. {error.why}", "warning")
        return ()
