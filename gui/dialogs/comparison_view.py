"""What a comparison found: the ratio in words, figures side by side, what answers changed."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from core.benchmark.comparison import ComparisonReport
from core.benchmark.end_to_end import EndToEnd
from core.benchmark.results import BenchmarkResult, Estimate
from gui import theme
from gui.panels.text import Text, Tone
from gui.wording import (
    counted,
    latency_with_interval,
    milliseconds_words,
    share_of_one,
    size_words,
)


class ComparisonView(QWidget):
    """Asks for the images by a signal."""

    changes_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(10)
        self.verdict = Text(size=theme.TITLE, bold=True, overflow="wrap")
        column.addWidget(self.verdict)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(0, 1)
        column.addLayout(self._grid)
        self.answers = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        column.addWidget(self.answers)
        self.look = QPushButton("Look through what changed…")
        self.look.setAutoDefault(False)
        self.look.clicked.connect(self.changes_wanted)
        column.addWidget(self.look, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(0)

    def show_report(self, report: ComparisonReport, a: str, b: str) -> None:
        self.verdict.setText(f"{b}: {report.ratio.words}")
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        rows = [("", a, b), *_figures(report.a, report.b), *_way(report), *_accuracy(report)]
        for number, row in enumerate(rows):
            self._add_row(number, row, heading=number == 0)
        self._show_answers(report)

    def _add_row(self, number: int, row: tuple[str, str, str], *, heading: bool) -> None:
        for column, words in enumerate(row):
            tone: Tone = "dim" if column == 0 or heading else "ink"
            text = Text(words, size=theme.SMALL, tone=tone, bold=heading)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(text, number, column, side)

    def _show_answers(self, report: ComparisonReport) -> None:
        answers = report.answers
        self.look.setVisible(answers is not None and bool(answers.changes))
        if answers is None:
            self.answers.setText("Answers were not compared: there are no images.")
            return
        samples, changed = answers.agreement.samples, len(answers.changes)
        self.look.setText(f"Look through {counted(changed, 'changed image')}…")
        agreement = answers.agreement
        if not changed:
            self.answers.setText(f"Both answer all {samples:,} images alike.")
        elif answers.task in ("", "classification"):
            agree = share_of_one(agreement.value)
            judged = f"; {answers.better} became right, {answers.worse} wrong"
            right = judged if answers.accuracy else ""
            words = f"{agree} of the answers agree: {changed} of {samples} answers changed{right}."
            self.answers.setText(words)
        else:
            judged = f": {answers.better} for the better, {answers.worse} for the worse"
            right = judged if answers.accuracy else ""
            words = f"{agreement.title}: {agreement.words} on {samples} samples"
            self.answers.setText(f"{words}. {changed} of {samples} answers changed{right}.")


def _figures(a: BenchmarkResult, b: BenchmarkResult) -> list[tuple[str, str, str]]:
    def first(result: BenchmarkResult) -> str:
        return "not measured" if result.first_ms is None else milliseconds_words(result.first_ms)

    def memory(result: BenchmarkResult) -> str:
        peak = result.peak_memory_bytes
        return "not measured" if peak is None else size_words(peak)

    return [
        (
            "Latency, median and interval",
            latency_with_interval(a.latency_ms),
            latency_with_interval(b.latency_ms),
        ),
        ("First run", first(a), first(b)),
        ("Compiling", milliseconds_words(a.compile_ms), milliseconds_words(b.compile_ms)),
        ("Peak memory", memory(a), memory(b)),
        ("File", size_words(a.file_bytes), size_words(b.file_bytes)),
    ]


def _way(report: ComparisonReport) -> list[tuple[str, str, str]]:
    """From image to answer, apart from the latency of the model alone."""
    if len(report.end_to_end) != 2:
        return []

    def row(words: str, of: Callable[[EndToEnd], Estimate | None]) -> tuple[str, str, str]:
        a, b = (of(each) for each in report.end_to_end)
        return words, _median_words(a), _median_words(b)

    return [
        row("From image to answer, median", lambda way: way.total_ms),
        row("    preparing the image", lambda way: way.preparing_ms),
        row("    inference", lambda way: way.inference_ms),
        row("    reading the answer", lambda way: way.reading_ms),
    ]


def _median_words(estimate: Estimate | None) -> str:
    return "–" if estimate is None else milliseconds_words(estimate.value)


def _accuracy(report: ComparisonReport) -> list[tuple[str, str, str]]:
    answers = report.answers
    if answers is None or len(answers.accuracy) != 2:
        return []
    of_a, of_b = answers.accuracy
    return [
        (score.title, score.words, other.words)
        for score, other in zip(of_a.scores, of_b.scores, strict=True)
    ]
