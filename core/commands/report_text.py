"""An optimization's report in plain text: the table of candidates and the reasons."""

from core.commands.words import megabytes, milliseconds, table
from core.search.report import Candidate, OptimizationReport

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
        ]
    )


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
