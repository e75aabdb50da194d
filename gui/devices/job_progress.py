"""The progress of one job inside a dialog: what it does, how far it is, and a way to stop it."""

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.jobs.events import Event
from gui import theme
from gui.jobs import RunningJob
from gui.panels.job_status import progress_words
from gui.panels.text import Text

_SCALE = 1000


class JobProgress(QWidget):
    """Hidden while it follows no job."""

    def __init__(self) -> None:
        super().__init__()
        self._job: RunningJob | None = None
        self._words = Text(size=theme.SMALL, tone="dim", overflow="cut end")
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("look", "quiet")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.stop)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        row = QHBoxLayout()
        row.addWidget(self._words, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._bar)
        self.hide()

    @property
    def is_running(self) -> bool:
        return self._job is not None

    def follow(self, job: RunningJob) -> None:
        """Until it ends; call it before the job's start."""
        self._job = job
        job.told.connect(self._hear)
        job.ended.connect(self._end)
        self._words.setText(f"{job.title}…")
        self._bar.setRange(0, 0)
        self.cancel.setEnabled(True)
        self.show()

    def stop(self) -> None:
        """Ask the job to end; it says itself when it has."""
        if self._job is not None:
            self._job.cancel()
            self.cancel.setEnabled(False)
            self._words.setText("Stopping…")

    def _hear(self, _: Event) -> None:
        job = self._job
        if job is None or job.is_cancelling:
            return
        self._words.setText(progress_words(job))
        if job.progress is not None:
            self._bar.setRange(0, _SCALE)
            self._bar.setValue(round(job.progress.fraction * _SCALE))

    def _end(self) -> None:
        self._job = None
        self.hide()
