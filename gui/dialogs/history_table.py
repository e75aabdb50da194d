"""The runs of a project as a table: when, what, goal, plan, latency, accuracy, note."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
)

from core.project.history import PastRun
from core.search.report import Goal
from gui.panels.text import plain_tip
from gui.wording import day_words, milliseconds_words, points_words

TITLES = ("When", "What", "Goal", "Chosen plan", "Latency, measured", "Accuracy, measured", "Note")
_WHAT = {"optimize": "Optimization", "compare": "Comparison"}
_WIDTHS = (118, 170, 190, 0, 122, 132, 130)
"""Pixels of each column; 0 takes what is left."""
_AIMS = {"latency": "fastest", "size": "smallest", "memory": "least memory"}
_ROW = 28


class HistoryTable(QTableWidget):
    """Rows are selected; with Ctrl or Shift two."""

    def __init__(self) -> None:
        super().__init__(0, len(TITLES))
        self._runs: Sequence[PastRun] = ()
        self.setHorizontalHeaderLabels(list(TITLES))
        self.setAccessibleName("Runs of this project, the newest first")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(_WIDTHS):
            if width:
                self.setColumnWidth(column, width)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def show_runs(self, runs: Sequence[PastRun]) -> None:
        """The selection stays with its runs."""
        chosen = {run.run.name for run in self.chosen}
        self._runs = runs
        self.blockSignals(True)
        self.setRowCount(len(runs))
        for row, run in enumerate(runs):
            for column, words in enumerate(cells(run)):
                item = QTableWidgetItem(words)
                item.setToolTip(plain_tip(words))
                self.setItem(row, column, item)
                item.setSelected(run.run.name in chosen)
        self.blockSignals(False)
        if runs and not self.chosen:
            self.selectRow(0)
        self.itemSelectionChanged.emit()

    @property
    def chosen(self) -> tuple[PastRun, ...]:
        """The selected runs, the oldest first."""
        rows = {index.row() for index in self.selectedIndexes()}
        return tuple(self._runs[row] for row in sorted(rows, reverse=True) if row < len(self._runs))


def title_of(run: PastRun) -> str:
    """The name that a person gave, else what it was."""
    return run.note.name or f"{_WHAT.get(run.run.kind, run.run.kind.capitalize())} {run.number}"


def cells(run: PastRun) -> tuple[str, ...]:
    """One for each of TITLES."""
    figures, accuracy = run.figures, run.accuracy
    return (
        day_words(run.began, datetime.now().astimezone()),
        title_of(run),
        goal_words(run.goal) if run.goal else "",
        run.plan or run.fault,
        milliseconds_words(figures.latency_ms.value) if figures else "",
        f"{accuracy.scores[0].words} {accuracy.scores[0].label}" if accuracy else "",
        run.note.text,
    )


def goal_words(goal: Goal) -> str:
    return f"{_AIMS[goal.aim]}, lose at most {points_words(goal.max_drop)}"
