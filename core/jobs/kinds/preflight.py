"""The job that looks at a model before TensorRT builds it: tables first, then the real parser."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel

from core.errors import UserError
from core.jobs.kinds.base import JobContext, JobKind
from core.tensorrt.preflight_report import ParserVerdict, PreflightReport, PreflightRequest

_TABLES, _PARSER = "Checking the model", "Asking TensorRT’s own parser"


class Preflight(JobKind[PreflightRequest, PreflightReport]):
    """A parser that is missing or crashes is told in the report; the other checks stand."""

    name: ClassVar[str] = "preflight"
    title: ClassVar[str] = "Looking at the model before the build"
    request_type: ClassVar[type[BaseModel]] = PreflightRequest
    outcome_type: ClassVar[type[BaseModel]] = PreflightReport

    def steps(self, request: PreflightRequest) -> Sequence[tuple[str, float]]:
        parser = ((_PARSER, 1.0 + 10 * len(request.build_for)),) if request.ask_parser else ()
        return ((_TABLES, 1.0), *parser)

    def run(self, request: PreflightRequest, context: JobContext) -> PreflightReport:
        from core.tensorrt.preflight import preflight

        context.step(_TABLES)
        request = _with_history(_with_edits(request, context))
        report = preflight(request)
        if not request.ask_parser:
            return report
        context.step(_PARSER)
        try:
            verdict = _ask(request, report, context)
        except UserError as error:
            missing = f"{error.what} {error.why} {error.remedy}"
            return report.model_copy(update={"parser_missing": missing})
        return preflight(request, verdict)


def _with_history(request: PreflightRequest) -> PreflightRequest:
    """The request with the builds that the ledger knows of such a device."""
    from core.tensorrt.ledger import past_builds

    if request.past or not request.target.device:
        return request
    return request.model_copy(update={"past": past_builds(request.target.device)})


def _with_edits(request: PreflightRequest, context: JobContext) -> PreflightRequest:
    """The request for a file in which the edits are made."""
    if not request.edits:
        return request
    from core.edit.applying import edited_draft
    from core.edit.edits_file import edits_from
    from core.model.onnx_writer import write_onnx

    folder = context.scratch / "edited"
    folder.mkdir()
    edited = folder / request.model.with_suffix(".onnx").name
    draft = edited_draft(request.model, edits_from(request.edits))
    write_onnx(draft.finish(), request.model, edited, pack=True)
    return request.model_copy(update={"model": edited, "edits": ()})


def _ask(request: PreflightRequest, report: PreflightReport, context: JobContext) -> ParserVerdict:
    from core.tensorrt.preflight_shapes import suggested_shapes
    from core.tensorrt.rtx import ask_parser, parser_python

    return ask_parser(
        request.model,
        python=parser_python(request.python),
        scratch=context.scratch,
        shapes=suggested_shapes(report.forms),
        build_for=request.build_for,
        progress=lambda text: context.progress(0, 1, text),
        check_cancelled=context.check_cancelled,
    )
