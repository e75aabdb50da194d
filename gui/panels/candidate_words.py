"""What was measured of a candidate, in sentences for beside the table."""

from core.benchmark.results import BenchmarkResult, rate_words
from core.search.report import Candidate, OptimizationReport
from gui.wording import duration_words


def facts_of(candidate: Candidate) -> list[str]:
    """A paragraph of what was timed, its warnings, and the accuracy."""
    said: list[str] = []
    if (result := candidate.benchmark) is not None:
        said.append(
            f"{result.blocks} blocks, {result.samples} runs{_slowest_words(result)}. Compiling "
            f"took {result.compile_ms:.0f} ms{_first_words(result)}. {_memory_words(result)}"
            f"{_rate_words(result)}"
        )
        said.extend(result.warnings)
    if candidate.accuracy is not None:
        scores = ", ".join(f"{one.label} {one.words}" for one in candidate.accuracy.scores)
        said.append(f"On {candidate.accuracy.evaluated_on}: {scores}. The first one limits.")
    return said


def method_words(report: OptimizationReport) -> str:
    """How images were prepared, and how long all took."""
    origin = f"Images prepared as {report.contract_origin}. " if report.contract_origin else ""
    return f"{origin}The whole race took {duration_words(report.seconds)}."


def _first_words(result: BenchmarkResult) -> str:
    return "" if result.first_ms is None else f", the first run {result.first_ms:.1f} ms"


def _memory_words(result: BenchmarkResult) -> str:
    if result.peak_memory_bytes is None:
        return "Peak memory was not measured."
    return f"Peak memory {result.peak_memory_bytes / 1e6:.0f} MB."


def _slowest_words(result: BenchmarkResult) -> str:
    if result.p90_ms is None:
        return ", not enough samples to say how long the slowest take"
    words = f"; 9 of 10 took at most {result.p90_ms:.2f} ms"
    return words if result.p99_ms is None else f"{words}, 99 of 100 at most {result.p99_ms:.2f} ms"


def _rate_words(result: BenchmarkResult) -> str:
    if result.throughput_interval is None:
        return ""
    return f" {rate_words(result.throughput_interval.value)} inputs a second."
