"""Doctors: what is wrong with the model's answers, and remedies that one click applies."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel
from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.doctors import doctors
from core.doctors.base import DoctorReport, DoctorRequest, Remedy
from core.jobs.events import Event, Failed, Progress
from core.plan.plan import CompressionPlan
from gui import theme
from gui.contract_change import ContractChange
from gui.dialogs.diagnosis_view import DiagnosisView
from gui.dialogs.sheet import Sheet
from gui.jobs import RunningJob, job_launch
from gui.map.words import bytes_words, drop_words, latency_words
from gui.panels.inputs import Picker, Tickbox
from gui.panels.job_status import progress_words
from gui.panels.scrolled import scrolled
from gui.panels.text import Text, plain_tip
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of

_SENTENCE = (
    "Doctors look at the model on your images, first at how these are prepared, then at what "
    "compressing does to each layer. A remedy changes the plan or the preparation; Undo takes it "
    "back."
)
_NO_IMAGES = "Add images first: doctors look at what the model makes of them."
_HIGHEST = 460


@dataclass(frozen=True)
class _Subject:
    """A way to compress the open model."""

    label: str
    plan: CompressionPlan | None
    compressed: Path | None = None


class DoctorDialog(Sheet):
    """Stays beside the window, so that the graph shows what is selected in it."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Doctors", _SENTENCE, parent, 860, grows=True)
        self._session = session
        self._subjects = _subjects(session)
        self._job: RunningJob | None = None
        self.views: list[DiagnosisView] = []
        self._build_choice()
        self._build_progress()
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self._build_result()
        self.add_cancel("Close")
        self.start = self.add_button("Examine", primary=True)
        self.start.clicked.connect(self._run)
        self.finished.connect(self._stop)
        session.editor.changed.connect(self._show_applied)
        session.images_changed.connect(self._show_images)
        session.model_changed.connect(self._forget)
        self._show_images()

    def _build_choice(self) -> None:
        self.boxes: dict[str, Tickbox] = {}
        row = QHBoxLayout()
        row.setSpacing(18)
        for doctor in doctors():
            box = Tickbox(doctor.label)
            box.setChecked(True)
            box.setToolTip(plain_tip(doctor.question))
            box.toggled.connect(self._show_start)
            self.boxes[doctor.name] = box
            row.addWidget(box)
        row.addStretch(1)
        row.addWidget(Text("Compressed as", size=theme.SMALL, tone="dim"))
        self.subject = Picker()
        self.subject.setAccessibleName("Compressed as")
        self.subject.setMinimumWidth(230)
        self.subject.addItems([subject.label for subject in self._subjects])
        candidate = self._session.results.candidate
        labels = [subject.label for subject in self._subjects]
        if candidate is not None and candidate.label in labels:
            self.subject.setCurrentIndex(labels.index(candidate.label))
        row.addWidget(self.subject)
        self.body.addLayout(row)
        self.obstacle = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        self.body.addWidget(self.obstacle)

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

    def _build_result(self) -> None:
        self._found = scrolled()
        self._found.setMinimumHeight(_HIGHEST)
        self._found.hide()
        self.body.addWidget(self._found, 1)

    # what can be done now

    def _show_images(self) -> None:
        self.obstacle.setText(_NO_IMAGES)
        self.obstacle.setVisible(self._session.images_path is None)
        self._show_start()
        self._show_applied()

    def _show_start(self) -> None:
        chosen = any(box.isChecked() for box in self.boxes.values())
        free = self._job is None and self._session.images_path is not None
        self.start.setEnabled(chosen and free)

    def _forget(self) -> None:
        """Another model is open, or this one was edited: what was found is of another one."""
        if self._job is None:
            self._show_views(())

    # the job

    def _run(self) -> None:
        session = self._session
        model, images, looked = session.model, session.images_path, session.images
        if model is None or images is None:
            return
        subject = self._subjects[self.subject.currentIndex()]
        request = DoctorRequest(
            model=model.path,
            data=images,
            contract=session.contract or (looked and looked.examination.contract),
            plan=subject.plan,
            compressed=subject.compressed,
            which=tuple(name for name, box in self.boxes.items() if box.isChecked()),
        )
        launch = job_launch("doctor", request, scratch_folder("doctor"))
        job = session.jobs.add("doctor", "Looking for what is wrong", launch, _report_of)
        job.told.connect(self._hear)
        job.finished.connect(self._show)
        job.failed.connect(self._fail)
        job.ended.connect(self._end)
        self._job = job
        self._trouble.show_trouble(None)
        self._words.setText("Starting…")
        self._bar.setValue(0)
        self._progress.show()
        self._show_start()
        self._make_room()
        job.start()

    def _hear(self, event: Event) -> None:
        if self._job is not None:
            self._words.setText(progress_words(self._job))
        if isinstance(event, Progress):
            self._bar.setValue(round(1000 * event.fraction))

    def _show(self, report: DoctorReport) -> None:
        self._show_views([DiagnosisView(one, self._outlook) for one in report.diagnoses])
        self.start.setText("Examine again")

    def _show_views(self, views: Sequence[DiagnosisView]) -> None:
        self.views = list(views)
        page = _Page()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        for view in self.views:
            view.layer_picked.connect(self._session.editor.select)
            view.remedy_wanted.connect(self._apply)
            column.addWidget(view)
        column.addStretch(1)
        self._found.setWidget(page)
        self._found.setVisible(bool(self.views))
        self._show_applied()
        self._make_room()

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
        self._show_start()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    # remedies

    def _apply(self, remedy: Remedy) -> None:
        session = self._session
        if remedy.plan is not None:
            session.editor.use(remedy.plan, remedy.label)
        elif remedy.contract is not None:
            session.editor.undo_stack.push(ContractChange(session, remedy.contract))

    def _show_applied(self) -> None:
        plan, contract = self._session.editor.plan, self._session.contract
        for view in self.views:
            for row in view.remedies:
                own, prepared = row.remedy.plan, row.remedy.contract
                same = own is not None and (own.steps, own.runtime) == (plan.steps, plan.runtime)
                row.show_applied(applied=same or (prepared is not None and prepared == contract))

    def _outlook(self, remedy: Remedy) -> str:
        """What the project's map predicts of the remedy's plan; empty where there is none."""
        reading = self._session.mapping.reading
        if remedy.plan is None or reading is None:
            return ""
        said = reading.predict(remedy.plan)
        parts = [_banded("file", bytes_words(said.file_bytes))]
        if said.latency_ms is not None:
            parts.insert(0, _banded("latency", latency_words(said.latency_ms)))
        if said.drop_points is not None:
            parts.append(_banded("accuracy", drop_words(said.drop_points)))
        return ", ".join(parts)


class _Page(QWidget):
    """As high as its wrapped text needs at the width that there is."""

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)


def _banded(name: str, words: tuple[str, str]) -> str:
    """“latency 0.24 ms (0.20 to 0.29)”."""
    value, band = words
    return f"{name} {value} ({band})" if band else f"{name} {value}"


def _subjects(session: Session) -> list[_Subject]:
    """Every candidate that was made, the plan in the editor, and what is usual."""
    found: list[_Subject] = []
    if session.editor.is_edited:
        found.append(_Subject("The plan as edited", session.editor.plan))
    report = session.results.report
    for candidate in report.candidates if report else ():
        model = session.results.model_of(candidate)
        if model is not None and candidate.plan.steps and candidate.standing != "failed":
            found.append(_Subject(candidate.label, candidate.plan, model))
    found.append(_Subject("Plain INT8, for overflows FP16 too", None))
    return found


def _report_of(outcome: BaseModel, folder: Path) -> DoctorReport:
    assert isinstance(outcome, DoctorReport)
    return outcome
