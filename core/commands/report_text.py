"""An optimization's report in plain text: the table of candidates and the reasons."""

from core.benchmark.results import Estimate
from core.commands.words import megabytes, milliseconds, table
from core.search.report import Candidate, FrontPoint, OptimizationReport

_MARKS = {"chosen": "★", "baseline": "○", "failed": "✗", "over limit": "✗"}


def report_text(report: OptimizationReport) -> str:
    images = (
        f"Preprocessing: {report.contract.sentence()} ({report.contract_origin})"
        if report.contract is not None
        else "Accuracy not checked: no images were given."
    )
    header = ("", "Candidate", "File", "Median latency", "Against original", "Accuracy", "Drop", "")
    rows = [_row(candidate) for candidate in report.candidates]
    reasons = [f"  {candidate.label}: {candidate.reason}" for candidate in report.candidates]
    return "\n".join(
        [
            f"{report.model_name} on {report.device.name} ({report.device.processor}, "
            f"{report.device.boost})",
            images,
            "",
            table(header, rows),
            "",
            "Why",
            *(f"  {sentence}" for sentence in report.why),
            "",
            "Each candidate",
            *reasons,
            *_front(report),
        ]
    )


def _front(report: OptimizationReport) -> list[str]:
    """The solver's plans, if it took part."""
    if not report.front:
        return []
    header = ("Plan", "Median latency", "File", "Drop", "Made as")
    rows = [_front_row(point) for point in report.front]
    return ["", "The solver's best plans, predicted from the layers", table(header, rows)]


def _front_row(point: FrontPoint) -> tuple[str, ...]:
    size = point.file_bytes
    return (
        point.label,
        f"{point.latency_ms.value:.3g} ms{_between(point.latency_ms)}" if point.latency_ms else "–",
        megabytes(None if size is None else round(size.value)),
        f"{point.drop_points.value:.1f}{_between(point.drop_points)}" if point.drop_points else "–",
        point.candidate or "",
    )


def _between(estimate: Estimate) -> str:
    return f" ({estimate.low:.3g} to {estimate.high:.3g})"


def _row(candidate: Candidate) -> tuple[str, ...]:
    ratio = candidate.against_original
    accuracy = candidate.accuracy
    drop = accuracy.drop if accuracy else None
    return (
        _MARKS.get(candidate.standing, ""),
        candidate.label,
        megabytes(candidate.file_bytes),
        _latency(candidate),
        f"{ratio.ratio.value:.2f} ({ratio.ratio.low:.2f} to {ratio.ratio.high:.2f})"
        if ratio
        else "–",
        f"{accuracy.scores[0].words} {accuracy.scores[0].label}" if accuracy else "–",
        f"{drop.value:.1f} ({drop.low:.1f} to {drop.high:.1f})" if drop else "–",
        candidate.standing,
    )


def _latency(candidate: Candidate) -> str:
    if candidate.benchmark is not None:
        return milliseconds(candidate.benchmark.latency_ms)
    if candidate.screened_ms is not None:
        return f"{candidate.screened_ms:.3g} ms (quick look)"
    return "–"
