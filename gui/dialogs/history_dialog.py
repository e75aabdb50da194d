"""The history of a project: every run, two of them side by side, names, notes and deletion."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.project.history import PastRun, history
from core.project.notes import RunNote
from core.project.project import Project
from gui import theme
from gui.dialogs.changes_dialog import Changes, ChangesDialog
from gui.dialogs.history_pair import HistoryPair
from gui.dialogs.history_table import HistoryTable, title_of
from gui.dialogs.sheet import Sheet
from gui.panels.question import DeletionQuestion
from gui.panels.text import Text
from gui.session import Session

_SENTENCE = (
    "Every run of this project stays until you delete it. Select one to name it or to see it "
    "again; select two (Ctrl or Shift) to set them side by side."
)
_WIDTH, _TABLE_HEIGHT = 1080, 230


class HistoryDialog(Sheet):
    """Asks the project's thread; shows what it answers."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("History", _SENTENCE, parent, _WIDTH, grows=True)
        self._session = session
        self.table = HistoryTable()
        self.table.setMinimumHeight(_TABLE_HEIGHT)
        self.table.itemSelectionChanged.connect(self._show_selection)
        self.table.doubleClicked.connect(self._show_run)
        self.body.addWidget(self.table, 1)
        self._build_note()
        self.pair = HistoryPair()
        self.body.addWidget(self.pair)
        self._build_question()
        self._build_buttons()
        session.runs.changed.connect(self._refresh)
        self._show_selection()
        self._refresh()

    def _build_note(self) -> None:
        self._note = QWidget()
        row = QHBoxLayout(self._note)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        self.name, self.text = QLineEdit(), QLineEdit()
        for field, title, stretch in ((self.name, "Name", 1), (self.text, "Note", 2)):
            field.setAccessibleName(f"{title} of the selected run")
            field.editingFinished.connect(self._keep_note)
            row.addWidget(Text(title, size=theme.SMALL, tone="dim"))
            row.addWidget(field, stretch)
        self.body.addWidget(self._note)

    def _build_question(self) -> None:
        self._question = DeletionQuestion()
        self._question.confirmed.connect(self._delete)
        self.confirm = self._question.confirm
        self.body.addWidget(self._question)

    def _build_buttons(self) -> None:
        self.delete = self.add_button("Delete…")
        self.delete.clicked.connect(self._ask)
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._ask)
        self.measure = self.add_button("Measure both in turns…")
        self.measure.clicked.connect(self._measure)
        self.show_run = self.add_button("Show its results")
        self.show_run.clicked.connect(self._show_run)
        self.add_cancel("Close")

    # showing

    def _refresh(self) -> None:
        self._session.keeper.ask(lambda project: history(project.runs()), self._take)

    def _take(self, runs: tuple[PastRun, ...] | None) -> None:
        self.table.show_runs(runs or ())

    def _show_selection(self) -> None:
        chosen = self.table.chosen
        one = chosen[0] if len(chosen) == 1 else None
        self._question.hide()
        self._note.setVisible(one is not None)
        if one is not None:
            self.name.setText(one.note.name)
            self.name.setPlaceholderText(title_of(one))
            self.text.setText(one.note.text)
        self.pair.setVisible(len(chosen) == 2)
        if len(chosen) == 2:
            self.pair.show_runs(*chosen)
        self.delete.setEnabled(bool(chosen))
        self.show_run.setEnabled(one is not None and (bool(one.report) or bool(_changes(one))))
        self.measure.setEnabled(len(chosen) == 2 and all(_side(run) for run in chosen))
        self.fit()

    # acting

    def _keep_note(self) -> None:
        chosen = self.table.chosen
        note = RunNote(self.name.text().strip(), self.text.text().strip())
        if len(chosen) == 1 and note != chosen[0].note:
            name = chosen[0].run.name
            self._do(lambda project: project.annotate_run(name, note))

    def _ask(self) -> None:
        """Deletion cannot be undone."""
        chosen = self.table.chosen
        if not chosen:
            return
        names = " and ".join(f"“{title_of(run)}”" for run in chosen[:3])
        more = f" and {len(chosen) - 3} more" if len(chosen) > 3 else ""
        self._question.ask(
            f"Delete {names}{more}, with figures and compressed models? This cannot be undone."
        )
        self.fit()

    def _delete(self) -> None:
        self._session.runs.remove(tuple(run.run.name for run in self.table.chosen))

    def _show_run(self) -> None:
        chosen = self.table.chosen
        if len(chosen) != 1:
            return
        if chosen[0].report is not None:
            self._session.runs.show(chosen[0].run.name)
            self.accept()
        elif (changes := _changes(chosen[0])) is not None:
            ChangesDialog(changes, self).open()

    def _measure(self) -> None:
        """The chosen plans of both, as everything is compared: interleaved, on the same images."""
        from gui.dialogs.compare_dialog import CompareDialog

        a, b = (_side(run) for run in self.table.chosen)
        dialog = CompareDialog(self._session, self)
        dialog.choose(a, b)
        dialog.open()

    def _do(self, work: Callable[[Project], object]) -> None:
        self._session.keeper.ask(work, lambda _: self._refresh())


def _side(run: PastRun) -> tuple[str, str] | None:
    """Run and candidate that stand for a run in a comparison; None where there is no model."""
    best = run.best
    return None if best is None or best.model is None else (run.run.name, best.id)


def _changes(run: PastRun) -> Changes | None:
    """What a comparison found about the images; None where nothing changed."""
    answers = run.comparison.answers if run.comparison else None
    if answers is None or not answers.changes:
        return None
    asked = run.run.request.request
    labels = (asked.get(f"label_{side}") or Path(asked[side]).name for side in ("a", "b"))
    return Changes(answers, run.run.folder, *labels)
