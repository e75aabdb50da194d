"""The pre-flight doctor: what will go wrong with a TensorRT build, before it takes 40 minutes."""

from collections.abc import Callable, Iterator

from core.formats import read_graph
from core.tensorrt.forecast_build import BuildForecast, forecast_build
from core.tensorrt.preflight_operators import (
    check_dla,
    check_operators,
    check_opset,
    check_restrictions,
    check_types,
    fallback_layers,
)
from core.tensorrt.preflight_quantization import check_precision, check_quantization
from core.tensorrt.preflight_report import (
    SEVERITIES,
    ParserVerdict,
    PreflightFinding,
    PreflightReport,
    PreflightRequest,
)
from core.tensorrt.preflight_shapes import check_shapes, forms_of
from core.tensorrt.preflight_subject import Subject

_SHOWN_WARNINGS = 3

Check = Callable[[Subject], Iterator[PreflightFinding]]

_CHECKS: tuple[Check, ...] = (
    check_operators,
    check_restrictions,
    check_types,
    check_opset,
    check_quantization,
    check_precision,
    check_shapes,
    check_dla,
)


def preflight(
    request: PreflightRequest,
    parser: ParserVerdict | None = None,
    parser_missing: str = "",
) -> PreflightReport:
    """All checks of one ONNX file, together with what the real parser said where it was asked.

    Raises InputError for a file that is no ONNX model, and for a TensorRT that is too old.
    """
    subject = Subject(read_graph(request.model), request)
    findings = [finding for check in _CHECKS for finding in check(subject)]
    build = _build(subject)
    findings += [*_memory(subject, build), *_parser(subject, parser)]
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    grave = [finding for finding in findings if finding.severity in ("stops", "falsifies")]
    return PreflightReport(
        model_name=request.model.stem,
        target=request.target,
        precision=subject.precision,
        ready=not grave,
        sentence=_sentence(subject, grave, parser),
        findings=tuple(findings),
        forms=forms_of(subject),
        build=build,
        parser=parser,
        parser_missing=parser_missing,
        fallback=fallback_layers(subject),
    )


def _build(subject: Subject) -> BuildForecast:
    return forecast_build(
        subject.graph,
        precision=subject.precision,
        embedded=subject.target.embedded,
        memory_bytes=subject.target.memory_bytes,
        past=subject.request.past,
    )


def _memory(subject: Subject, build: BuildForecast) -> Iterator[PreflightFinding]:
    if build.available_bytes is None or build.fits:
        return
    needed, there = build.memory_bytes, build.available_bytes / 1e9
    sure = build.fits is False
    yield PreflightFinding(
        rule="memory",
        severity="warns",
        title=f"Memory {'will' if sure else 'may'} not be enough for the build",
        why=f"Predicted are {needed.value / 1e9:.1f} GB ({needed.low / 1e9:.1f} to "
        f"{needed.high / 1e9:.1f}); {subject.target.device or 'the device'} has about "
        f"{there:.1f} GB left for it.",
        remedy="Stop the desktop on the board (sudo systemctl isolate multi-user.target), add "
        "swap, close other programs; or build in FP16 with a smaller largest size.",
    )


def _parser(subject: Subject, parser: ParserVerdict | None) -> Iterator[PreflightFinding]:
    """What the real parser refused, whatever the tables say."""
    if parser is None:
        return
    if parser.accepted:
        yield from _parser_warnings(parser)
        return
    said = "; ".join(dict.fromkeys(node.said for node in parser.refused if node.said))
    ids = subject.graph.index_of
    layers = tuple(id for id in ids if any(node.name == id for node in parser.refused))
    first = parser.errors[0] if parser.errors else "It gives no reason."
    yield PreflightFinding(
        rule="parser",
        severity="stops",
        title=f"The parser of TensorRT for RTX {parser.version} refuses the model",
        why=f"It says: {said or first}",
        remedy="Its parser is that of TensorRT 10 and 11; what it refuses, older ones do as well.",
        layers=layers,
    )


def _parser_warnings(parser: ParserVerdict) -> Iterator[PreflightFinding]:
    if parser.warnings:
        yield PreflightFinding(
            rule="parser",
            severity="warns",
            title=f"The parser of TensorRT for RTX {parser.version} takes the model, with warnings",
            why=" ".join(parser.warnings[:_SHOWN_WARNINGS]),
        )
    failed = [capability for capability, done in parser.built.items() if not done]
    if failed:
        said = parser.errors[0] if parser.errors else "It gives no reason."
        yield PreflightFinding(
            rule="parser",
            severity="stops",
            title=f"No engine could be built for compute capability {', '.join(failed)}",
            why=f"TensorRT for RTX {parser.version} takes the model, then says: {said}",
        )


def _sentence(subject: Subject, grave: list[PreflightFinding], parser: ParserVerdict | None) -> str:
    words = subject.target.words
    if grave:
        count = len(grave)
        more = f", and {count - 1} more thing{'' if count == 2 else 's'}" if count > 1 else ""
        return f"Not ready for {words}: {grave[0].title}{more}."
    asked = ", nor does the real parser" if parser is not None else ""
    return f"Nothing that is known stands against a build by {words}{asked}."
