"""The runs of a project as a history: what each was, what it found, and how two compare."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from core.benchmark.comparison import ComparisonReport
from core.benchmark.provenance import differences
from core.benchmark.results import AccuracyResult, BenchmarkResult
from core.errors import InputError
from core.project.notes import RunNote, read_note
from core.project.runs import Run
from core.search.report import Candidate, Goal, OptimizationReport

_OPTIMIZE, _COMPARE = "optimize", "compare"


@dataclass(frozen=True)
class PastRun:
    """One run and what is known of it. What it did not find is None or empty."""

    run: Run
    began: datetime
    note: RunNote
    fault: str = ""
    """Why its outcome is not known: it was not finished, or cannot be read."""
    report: OptimizationReport | None = None
    """Of optimizations."""
    comparison: ComparisonReport | None = None
    """Of comparisons of two models."""

    @property
    def number(self) -> int:
        """“0003-optimize” is run 3."""
        head = self.run.name.split("-")[0]
        return int(head) if head.isdecimal() else 0

    @property
    def best(self) -> Candidate | None:
        """The chosen candidate; the first baseline where the original stays."""
        if self.report is None:
            return None
        wanted = self.report.chosen
        candidates = self.report.candidates
        chosen = next((each for each in candidates if each.id == wanted), None)
        return chosen or next((each for each in candidates if each.standing == "baseline"), None)

    @property
    def plan(self) -> str:
        """What was chosen; for a comparison its outcome in words."""
        if self.comparison is not None:
            return f"B: {self.comparison.ratio.words}"
        return self.best.label if self.best else ""

    @property
    def goal(self) -> Goal | None:
        return self.report.goal if self.report else None

    @property
    def figures(self) -> BenchmarkResult | None:
        """Of the best candidate, or of B; measured."""
        if self.comparison is not None:
            return self.comparison.b
        return self.best.benchmark if self.best else None

    @property
    def accuracy(self) -> AccuracyResult | None:
        if self.comparison is not None:
            answers = self.comparison.answers
            return answers.accuracy[-1] if answers and answers.accuracy else None
        return self.best.accuracy if self.best else None


def history(runs: Iterable[Run]) -> tuple[PastRun, ...]:
    """Every run, the newest first. Reads their outcomes from disk; never raises for one of them."""
    return tuple(reversed([_past(run) for run in runs]))


def _past(run: Run) -> PastRun:
    began = datetime.fromisoformat(run.request.created_at)
    note = read_note(run.folder)
    if not run.whole:
        return PastRun(run, began, note, fault="not finished")
    try:
        if run.kind == _OPTIMIZE:
            report = OptimizationReport.model_validate(run.outcome())
            return PastRun(run, began, note, report=report)
        if run.kind == _COMPARE:
            comparison = ComparisonReport.model_validate(run.outcome())
            return PastRun(run, began, note, comparison=comparison)
    except (InputError, ValidationError):
        return PastRun(run, began, note, fault="its outcome cannot be read")
    return PastRun(run, began, note)


def why_not_alike(a: PastRun, b: PastRun) -> tuple[str, ...]:
    """What differs between two runs besides their plans; figures side by side need these told."""
    found: list[str] = []
    if a.figures is not None and b.figures is not None:
        found += differences(a.figures.provenance, b.figures.provenance)
        found.append("They were measured at different times, not in turns.")
    if a.report is not None and b.report is not None:
        found += _reports_differ(a.report, b.report)
    if a.accuracy is not None and b.accuracy is not None:
        images = (a.accuracy.evaluated_on, b.accuracy.evaluated_on)
        if images[0] != images[1]:
            found.append(f"The images differ: {images[0]} and {images[1]}.")
    return tuple(found)


def _reports_differ(a: OptimizationReport, b: OptimizationReport) -> list[str]:
    found: list[str] = []
    if a.model_sha256 != b.model_sha256:
        found.append(f"The original differs: {a.model_name} and {b.model_name}, by content.")
    if a.goal != b.goal:
        found.append("The goal differs.")
    if a.contract != b.contract:
        found.append("The preprocessing of the images differs.")
    return found
