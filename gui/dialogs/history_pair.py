"""Two runs side by side: their figures, and what else differs between them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from core.benchmark.results import BenchmarkResult
from core.project.history import PastRun, why_not_alike
from gui import theme
from gui.dialogs.history_table import goal_words, title_of
from gui.panels.cards import Notice
from gui.panels.text import Text
from gui.wording import latency_with_interval, size_words


class HistoryPair(QWidget):
    """A is the older one."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None

    def show_runs(self, a: PastRun, b: PastRun) -> None:
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addLayout(_grid(a, b))
        if told := why_not_alike(a, b):
            title = "What differs besides the plan, so read the figures with care"
            column.addWidget(Notice(title, "\n".join(told)))
        if self._shown is not None:
            self._shown.hide()
            self._shown.deleteLater()
        self._column.addWidget(shown)
        shown.show()  # a layout would do so later, when the dialog has taken its height
        self._shown = shown


def _grid(a: PastRun, b: PastRun) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(4)
    rows = (("", title_of(a), title_of(b)), *rows_of(a, b))
    for number, row in enumerate(rows):
        for column, words in enumerate(row):
            text = Text(
                words or ("not known" if column else ""),
                size=theme.SMALL,
                tone="dim" if column == 0 else "ink",
                bold=number == 0,
                overflow="cut end",
            )
            grid.addWidget(text, number, column, Qt.AlignmentFlag.AlignVCenter)
    for column, stretch in enumerate((2, 3, 3)):
        grid.setColumnStretch(column, stretch)
    return grid


def rows_of(a: PastRun, b: PastRun) -> list[tuple[str, ...]]:
    """What is compared, and the words for both."""
    return [
        ("Goal", *(goal_words(run.goal) if run.goal else "none" for run in (a, b))),
        ("Chosen plan", *(run.plan or run.fault for run in (a, b))),
        ("Latency, measured", *(_latency(run.figures) for run in (a, b))),
        ("Accuracy, measured", *(_accuracy(run) for run in (a, b))),
        ("File", *(size_words(f.file_bytes) if (f := run.figures) else "" for run in (a, b))),
        ("Memory", *(_memory(run.figures) for run in (a, b))),
    ]


def _latency(figures: BenchmarkResult | None) -> str:
    return "" if figures is None else latency_with_interval(figures.latency_ms)


def _memory(figures: BenchmarkResult | None) -> str:
    if figures is None:
        return ""
    peak = figures.peak_memory_bytes
    return "not measured" if peak is None else size_words(peak)


def _accuracy(run: PastRun) -> str:
    if run.accuracy is None:
        return "not checked"
    score = run.accuracy.scores[0]
    return f"{score.words} {score.label} ({score.interval_words})"
