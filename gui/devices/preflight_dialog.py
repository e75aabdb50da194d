"""Pre-flight doctor: what TensorRT will make of a model, before a build that takes an hour."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel
from PySide6.QtWidgets import QWidget

from core.jobs.events import Failed
from core.tensorrt.preflight_report import Fix, PreflightReport, PreflightRequest
from gui.devices.job_progress import JobProgress
from gui.devices.preflight_form import PreflightForm
from gui.devices.preflight_subjects import Subject, subjects_of
from gui.devices.preflight_view import PreflightView
from gui.dialogs.sheet import Sheet
from gui.jobs import job_launch
from gui.panels.scrolled import scrolled
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of

_SENTENCE = (
    "Looks at the model as TensorRT will: operators, Q/DQ, types, sizes, memory and time. Most of "
    "it from tables, without TensorRT; where its own parser is installed, that is asked too. A fix "
    "changes the plan or the model; Undo takes it back."
)
_NO_MODEL = "Open an ONNX model first."
_NO_TARGET = "Choose a version of TensorRT, or a device that has one."
_HIGHEST = 420


class PreflightDialog(Sheet):
    """Stays beside the window, so that the graph shows what is selected in it."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Pre-flight for TensorRT", _SENTENCE, parent, 900, grows=True)
        self._session = session
        self._subject: Subject | None = None
        self.view: PreflightView | None = None
        self.form = PreflightForm(subjects_of(session))
        self.form.changed.connect(self._show_start)
        self.body.addWidget(self.form)
        self.obstacle = Text(tone="warn", overflow="wrap")
        self.body.addWidget(self.obstacle)
        self.progress = JobProgress()
        self.body.addWidget(self.progress)
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(lambda: self.trouble.show_trouble(None))
        self.body.addWidget(self.trouble)
        self._build_result()
        self.add_cancel("Close")
        self.start = self.add_button("Check", primary=True)
        self.start.clicked.connect(self._run)
        self.finished.connect(self.progress.stop)
        session.target.changed.connect(self._show_target)
        session.model_changed.connect(self._take_model)
        session.editor.changed.connect(self._show_applied)
        session.edits.changed.connect(self._show_applied)
        self._show_target()

    def _build_result(self) -> None:
        self._page = scrolled()
        self._page.hide()
        self.body.addWidget(self._page, 1)

    # what can be done now

    def _show_target(self) -> None:
        target = self._session.target
        if target.choice is not None and target.known is None:
            target.read()
        self.form.show_device(target.profile)
        self._show_start()

    def _take_model(self) -> None:
        """Another model, or edits of it: what was found may hold no more."""
        self.form.show_subjects(subjects_of(self._session))
        self._show_start()

    def _show_start(self) -> None:
        why = "" if self.form.subject else _NO_MODEL
        why = why or ("" if self.form.target else _NO_TARGET)
        self.obstacle.setText(why)
        self.obstacle.setVisible(bool(why))
        self.start.setEnabled(not why and not self.progress.is_running)

    # the job

    def _run(self) -> None:
        subject, target = self.form.subject, self.form.target
        if subject is None or target is None:
            return
        request = PreflightRequest(
            model=subject.file,
            target=target,
            plan=subject.plan,
            edits=subject.edits,
            shapes=self.form.shapes,
            python=self.form.python,
        )
        self._subject = subject
        self.trouble.show_trouble(None)
        launch = job_launch("preflight", request, scratch_folder("preflight"))
        job = self._session.jobs.add("preflight", "Pre-flight for TensorRT", launch, _report_of)
        self.progress.follow(job)
        job.finished.connect(self._show)
        job.failed.connect(self._fail)
        job.ended.connect(self._show_start)
        job.ended.connect(self._make_room)  # once the progress is away
        self._show_start()
        self._make_room()
        job.start()

    def _show(self, report: PreflightReport) -> None:
        self.view = view = PreflightView(report)
        view.layer_picked.connect(self._session.editor.select)
        view.fix_wanted.connect(self._apply)
        view.python_wanted.connect(self.form.ask_for_python)
        self.form.show_inputs(report.forms)
        self._page.setWidget(view)
        self._page.setMinimumHeight(min(view.heightForWidth(self.form.width()), _HIGHEST))
        self._page.show()
        self.start.setText("Check again")
        self._show_applied()

    def _fail(self, failed: Failed) -> None:
        self.trouble.show_trouble(trouble_of(failed))
        self._make_room()

    def _make_room(self) -> None:
        """Grow to what the content needs, and never shrink under somebody's hands."""
        size = self.size()
        self.fit()
        self.resize(size.expandedTo(self.size()))

    # fixes

    def _apply(self, fix: Fix) -> None:
        session = self._session
        if fix.plan is not None:
            session.editor.use(fix.plan, fix.label)
        elif fix.shapes is not None:
            self.form.give_shapes(fix.shapes)
            self._show_applied()
        else:
            self._edit(fix.edits)

    def _edit(self, edits: tuple[dict[str, Any], ...]) -> None:
        from core.edit.edits_file import edits_from

        for edit in edits_from(edits):
            self._session.edits.make(edit, self._show_applied, self._fail)

    def _show_applied(self) -> None:
        if self.view is None:
            return
        plan, made = self._session.editor.plan, self._session.edits.made
        for row in self.view.fixes:
            fix = row.fix
            if fix.plan is not None:
                done = (fix.plan.steps, fix.plan.runtime) == (plan.steps, plan.runtime)
            elif fix.shapes is not None:
                done = fix.shapes == self.form.shapes
            else:
                done = all(_is_made(edit, made) for edit in fix.edits)
            row.show_applied(applied=done)


def _is_made(edit: dict[str, Any], made: tuple[BaseModel, ...]) -> bool:
    return any(edit == one.model_dump(mode="json", include=set(edit)) for one in made)


def _report_of(outcome: BaseModel, folder: Path) -> PreflightReport:
    assert isinstance(outcome, PreflightReport)
    return outcome
