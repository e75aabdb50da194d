"""Where the time goes: a model's layers timed by the runtime's counters, and what they ran in."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.jobs.events import Event, Failed, Progress
from core.jobs.kinds.profile import ProfileReport, ProfileRequest
from core.plan.plan import RuntimeChoice
from gui import theme
from gui.dialogs.precision_view import PrecisionView
from gui.dialogs.sheet import Sheet
from gui.jobs import RunningJob, job_launch
from gui.measurable import usable_runtimes
from gui.panels.inputs import Picker
from gui.panels.job_status import progress_words
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of

_SENTENCE = (
    "Layers are timed by the runtime’s own counters, apart from every other measurement, because "
    "counting costs time. Layers that run as one kernel are one group. Select a row to see its "
    "layer in the graph."
)


@dataclass(frozen=True)
class _Subject:
    """A model that can be profiled."""

    label: str
    model: Path
    choice: RuntimeChoice | None
    original: Path | None
    """What it was made from, where it was made here."""


class PrecisionDialog(Sheet):
    """Stays beside the window, so that the graph shows what is selected in it."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Where the time goes", _SENTENCE, parent, 1000, grows=True)
        self._session = session
        self._subjects = _subjects(session)
        self._job: RunningJob | None = None
        self._build_choice()
        self._build_progress()
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self.view = PrecisionView()
        self.view.setMinimumHeight(470)
        self.view.layer_picked.connect(session.editor.select)
        self.view.hide()
        self.body.addWidget(self.view, 1)
        self.add_cancel("Close")
        self.start = self.add_button("Measure", primary=True)
        self.start.clicked.connect(self._run)
        self.finished.connect(self._stop)

    def _build_choice(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        self.model = Picker()
        self.model.setAccessibleName("Model")
        for subject in self._subjects:
            self.model.addItem(subject.label)
        self.runtime = Picker()
        self.runtime.setAccessibleName("Runtime")
        for runtime in usable_runtimes(self._session):
            self.runtime.addItem(runtime.label, runtime.name)
        self.model.currentIndexChanged.connect(self._follow_model)
        row.addWidget(self.model, 3)
        row.addWidget(Text("on", size=theme.SMALL, tone="dim"))
        row.addWidget(self.runtime, 1)
        self.body.addLayout(row)
        candidate = self._session.results.candidate
        labels = [subject.label for subject in self._subjects]
        if candidate is not None and candidate.label in labels:
            self.model.setCurrentIndex(labels.index(candidate.label))
        self._follow_model()

    def _follow_model(self) -> None:
        """A candidate runs on its own runtime, until another is chosen."""
        choice = self._subject.choice
        if choice is not None and (place := self.runtime.findData(choice.runtime)) >= 0:
            self.runtime.setCurrentIndex(place)

    @property
    def _subject(self) -> _Subject:
        return self._subjects[self.model.currentIndex()]

    def _build_progress(self) -> None:
        self._progress = QWidget()
        column = QVBoxLayout(self._progress)
        column.setContentsMargins(0, 4, 0, 4)
        self._words = Text(size=theme.SMALL, tone="dim", overflow="cut end")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("look", "quiet")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self._stop)
        row = QHBoxLayout()
        row.addWidget(self._words, 1)
        row.addWidget(self.cancel)
        column.addLayout(row)
        column.addWidget(self._bar)
        self._progress.hide()
        self.body.addWidget(self._progress)

    def _run(self) -> None:
        subject = self._subject
        request = ProfileRequest(
            model=subject.model,
            choice=self._choice(subject),
            against=subject.original,
            label=subject.label,
        )
        launch = job_launch("profile", request, scratch_folder("profile"))
        job = self._session.jobs.add("profile", "Timing layers", launch, _report_of)
        job.told.connect(self._hear)
        job.finished.connect(self._show)
        job.failed.connect(self._fail)
        job.ended.connect(self._end)
        self._job = job
        self._trouble.show_trouble(None)
        self._words.setText("Starting…")
        self._bar.setValue(0)
        self._progress.show()
        self._make_room()
        self.start.setEnabled(False)
        job.start()

    def _choice(self, subject: _Subject) -> RuntimeChoice:
        """The candidate's own, on the runtime that is picked."""
        name: str = self.runtime.currentData()
        if subject.choice is not None and subject.choice.runtime == name:
            return subject.choice
        return RuntimeChoice(runtime=name, threads=self._session.threads)

    def _hear(self, event: Event) -> None:
        if self._job is not None:
            self._words.setText(progress_words(self._job))
        if isinstance(event, Progress):
            self._bar.setValue(round(1000 * event.fraction))

    def _show(self, report: ProfileReport) -> None:
        model = self._session.model
        if model is not None:
            self.view.show_report(report, model.graph)
            self.view.show()
            self._session.profiled.show(report.profile)
            self._make_room()

        self.start.setText("Measure again")

    def _make_room(self) -> None:
        """Grow to what the content needs, and never shrink under somebody's hands."""
        size = self.size()
        self.fit()
        self.resize(size.expandedTo(self.size()))

    def _fail(self, failed: Failed) -> None:
        self._trouble.show_trouble(trouble_of(failed))
        self._make_room()

    def _end(self) -> None:
        self._job = None
        self._progress.hide()
        self.start.setEnabled(True)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()


def _subjects(session: Session) -> list[_Subject]:
    """The open model, and every candidate that was made of it."""
    found: list[_Subject] = []
    if session.model is not None:
        found.append(_Subject(session.model.title, session.model.path, None, None))
    results = session.results
    original = results.original
    source = results.model_of(original) if original is not None else None
    for candidate in results.report.candidates if results.report else ():
        model = results.model_of(candidate)
        if model is not None and candidate.standing != "failed" and candidate.plan.steps:
            found.append(_Subject(candidate.label, model, candidate.plan.runtime, source))
    return found


def _report_of(outcome: BaseModel, folder: Path) -> ProfileReport:
    assert isinstance(outcome, ProfileReport)
    return outcome
