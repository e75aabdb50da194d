"""Two models side by side: speed in turns, and the images on which their answers differ."""

from pathlib import Path

from pydantic import BaseModel
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.benchmark.comparison import ComparisonReport
from core.data.contract import PreprocessingContract
from core.jobs.events import Event, Failed, Progress
from core.jobs.kinds.compare import CompareRequest
from gui import theme
from gui.dialogs.changes_dialog import Changes, ChangesDialog
from gui.dialogs.compare_sides import Side, sides_of
from gui.dialogs.comparison_view import ComparisonView
from gui.dialogs.sheet import Sheet
from gui.jobs import Launch, RunningJob, job_launch
from gui.panels.inputs import Picker
from gui.panels.job_status import progress_words
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of
from gui.turns import TURNS
from gui.wording import model_file_filter


class CompareDialog(Sheet):
    """Any two of the candidates of all runs, the model, and files."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Compare",
            "Both are measured in turns, so that whatever disturbs one disturbs the other.",
            parent,
            720,
            grows=True,
        )
        self._session = session
        self._sides = sides_of(session)
        self._job: RunningJob | None = None
        self._changes: Changes | None = None
        self._at_once = False
        self.turns = TURNS[session.effort]
        """How long the two are measured."""
        self._compared = (self._sides[0], self._sides[0])
        self.files: list[QPushButton] = []
        self.pickers = (self._add_picker("A", 0), self._add_picker("B", self._other()))
        self._same = Text("Choose another model for B.", size=theme.SMALL, tone="dim")
        self.body.addWidget(self._same)
        self._build_progress()
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self.view = ComparisonView()
        self.view.changes_wanted.connect(self.look_through)
        self.view.hide()
        self.body.addWidget(self.view, 1)
        self._close = self.add_cancel("Close")
        self.start = self.add_button("Compare", primary=True)
        self.start.clicked.connect(self._run)
        for picker in self.pickers:
            picker.currentIndexChanged.connect(self._check)
        self._check()
        self.finished.connect(self._stop)

    def _other(self) -> int:
        """The candidate that is looked at, or the first that is not A."""
        candidate = self._session.results.candidate
        labels = [side.label for side in self._sides]
        if candidate is not None and candidate.label in labels[1:]:
            return labels.index(candidate.label)
        return min(1, len(labels) - 1)

    def choose(self, a: tuple[str, str] | None, b: tuple[str, str] | None) -> None:
        """Candidates by run and id; what is not known leaves its picker as it is."""
        places = {side.origin: place for place, side in enumerate(self._sides) if side.origin}
        for picker, wanted in zip(self.pickers, (a, b), strict=True):
            if wanted in places:
                picker.setCurrentIndex(places[wanted])

    def _check(self) -> None:
        """A model is not compared with itself."""
        a, b = (picker.currentIndex() for picker in self.pickers)
        self._same.setVisible(a == b)
        self.start.setEnabled(a != b and self._job is None)

    def _add_picker(self, name: str, current: int) -> Picker:
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        letter = Text(name, bold=True)
        letter.setFixedWidth(14)
        row.addWidget(letter)
        picker = Picker()
        picker.setAccessibleName(f"Model {name}")
        for side in self._sides:
            picker.addItem(side.label)
        picker.setCurrentIndex(current)
        row.addWidget(picker, 1)
        file = QPushButton("Another file…")
        file.setAutoDefault(False)
        file.setAccessibleName(f"Another file as model {name}")
        file.clicked.connect(lambda: self._add_file(picker))
        self.files.append(file)
        row.addWidget(file)
        self.body.addLayout(row)
        return picker

    def _build_progress(self) -> None:
        self._progress = QWidget()
        column = QVBoxLayout(self._progress)
        column.setContentsMargins(0, 4, 0, 4)
        self._words = Text(size=theme.SMALL, tone="dim")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        column.addWidget(self._words)
        column.addWidget(self._bar)
        self._progress.hide()
        self.body.addWidget(self._progress)

    def _add_file(self, picker: Picker) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Compare with", "", model_file_filter())
        if path:
            self._sides.append(Side(Path(path).name, Path(path), None))
            for each in self.pickers:
                each.addItem(Path(path).name)
            picker.setCurrentIndex(picker.count() - 1)

    def _run(self) -> None:
        a, b = (self._sides[picker.currentIndex()] for picker in self.pickers)
        request = CompareRequest(
            a=a.model,
            b=b.model,
            choice_a=a.choice,
            choice_b=b.choice,
            data=self._session.images_path,
            contract=self._contract(),
            label_a=a.label,
            label_b=b.label,
            blocks=self.turns.blocks,
            patience=self.turns.patience,
        )
        job = self._session.jobs.add("compare", "Comparing", self._launch(request), _report_of)
        job.told.connect(self._hear)
        job.finished.connect(self._show)
        job.failed.connect(self._fail)
        job.ended.connect(self._end)
        self._job, self._compared = job, (a, b)
        self._trouble.show_trouble(None)
        self.view.hide()
        self._words.setText("Starting…")
        self._bar.setValue(0)
        self._progress.show()
        self.start.setEnabled(False)
        job.start(self._session.keeper.executor)

    def _launch(self, request: CompareRequest) -> Launch:
        """As a run of the project, where there is one: it stays in the history."""
        keeper = self._session.keeper
        if keeper.folder is None:
            return job_launch("compare", request, scratch_folder("compare"))
        return keeper.launch("compare", lambda _: request, self._session.results.run)

    def _contract(self) -> PreprocessingContract | None:
        images = self._session.images
        return images.examination.contract if images else self._session.contract

    def _hear(self, event: Event) -> None:
        if self._job is not None:
            self._words.setText(progress_words(self._job))
        if isinstance(event, Progress):
            self._bar.setValue(round(1000 * event.fraction))

    def _show(self, found: tuple[ComparisonReport, Path]) -> None:
        a, b = self._compared
        report, folder = found
        answers = report.answers
        self._changes = Changes(answers, folder, a.label, b.label) if answers else None
        self.view.show_report(report, a.label, b.label)
        self.view.show()
        self.fit()
        if self._at_once:
            self.look_through()

    def show_changes_at_once(self) -> None:
        """Compare, and go through the changed images when that is done."""
        self._at_once = True
        self.start.click()

    def look_through(self) -> None:
        """Go through the changed images."""
        self._at_once = False
        if self._changes is not None and self._changes.answers.changes:
            ChangesDialog(self._changes, self).open()

    def _fail(self, failed: Failed) -> None:
        self._trouble.show_trouble(trouble_of(failed))

    def _end(self) -> None:
        self._job = None
        self._progress.hide()
        self._check()
        self.start.setText("Compare again")

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()


def _report_of(outcome: BaseModel, folder: Path) -> tuple[ComparisonReport, Path]:
    assert isinstance(outcome, ComparisonReport)
    return outcome, folder
