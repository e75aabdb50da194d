"""A benchmark of the open model, on this computer or on a board."""

from pathlib import Path

from pydantic import BaseModel
from PySide6.QtWidgets import QWidget

from core.jobs.events import Failed
from core.jobs.kinds.bench import BenchReport
from gui.devices.bench_form import BenchForm
from gui.devices.bench_view import BenchView
from gui.devices.job_progress import JobProgress
from gui.dialogs.sheet import Sheet
from gui.jobs import job_launch
from gui.panels.scrolled import scrolled_column
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of

_SENTENCE = (
    "Every runtime of the device is measured in turns, in processes of their own; on a board they "
    "run there, and what could spoil the figures is watched there."
)
_HEIGHT = 360


class BenchDialog(Sheet):
    """The form above, progress or trouble in the middle, the figures below."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Benchmark", _SENTENCE, parent, 900, grows=True)
        self._session = session
        self.form = BenchForm(session)
        self.progress = JobProgress()
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(lambda: self.trouble.show_trouble(None))
        self._obstacle = Text(tone="warn", overflow="wrap")
        for widget in (self.form, self._obstacle, self.progress, self.trouble):
            self.body.addWidget(widget)
        self._build_view()
        self.close_button = self.add_cancel("Close")
        self.start = self.add_button("Measure", primary=True)
        self.start.clicked.connect(self._run)
        self.form.changed.connect(self._show_state)
        self.finished.connect(self._leave)
        self._show_state()

    def _build_view(self) -> None:
        self.view = BenchView()
        self._result = scrolled_column(self.view)
        self._result.setMinimumHeight(_HEIGHT)
        self._result.hide()
        self.body.addWidget(self._result, 1)

    def _show_state(self) -> None:
        obstacle = self.form.obstacle
        self._obstacle.setText(obstacle)
        self._obstacle.setVisible(bool(obstacle))
        self.start.setEnabled(not obstacle and not self.progress.is_running)
        self.form.setEnabled(not self.progress.is_running)
        self.fit()

    def _run(self) -> None:
        request, device = self.form.request, self.form.chosen
        assert request is not None and device is not None
        folder = scratch_folder("bench")
        launch = job_launch("bench", request, folder, secrets=self.form.secrets)
        job = self._session.jobs.add("bench", f"Measuring on {device.name}", launch, _report_of)
        job.finished.connect(self._show)
        job.failed.connect(self._fail)
        self.progress.follow(job)
        job.ended.connect(self._show_state)
        self.trouble.show_trouble(None)
        self._result.hide()
        self._show_state()
        job.start()

    def _show(self, report: BenchReport) -> None:
        self.view.show_report(report)
        self._result.show()
        self.start.setText("Measure again")

    def _fail(self, failed: Failed) -> None:
        self.trouble.show_trouble(trouble_of(failed))

    def _leave(self) -> None:
        self.form.forget()
        self.progress.stop()


def _report_of(outcome: BaseModel, folder: Path) -> BenchReport:
    assert isinstance(outcome, BenchReport)
    return outcome
