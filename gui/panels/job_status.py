"""The strip at the bottom: what runs, how far it is, how long it takes, cancel, and the log."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from core.jobs.events import Progress
from gui import theme
from gui.jobs import Jobs, RunningJob
from gui.panels.cards import Dot
from gui.panels.text import Text
from gui.wording import time_left_words

_SCALE = 1000


class JobStatus(QWidget):
    """Follows the longest running job."""

    log_wanted = Signal()

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._dot = Dot()
        self.state = Text("Ready", size=theme.SMALL, tone="dim")
        self.words = Text(size=theme.SMALL, tone="dim", overflow="cut")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.setRange(0, _SCALE)
        self.bar.setAccessibleName("Progress")
        self.cancel = _quiet("Cancel", "Stop what is running (Esc)")
        self.cancel.clicked.connect(self._cancel)
        self.log = _quiet("Log", "What the jobs say (Ctrl+L)")
        self.log.clicked.connect(self.log_wanted)
        self.saved = Text(size=theme.SMALL, tone="dim")
        self._lay_out()
        jobs.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(theme.PADDING)
        row.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignVCenter)
        for widget in (self.state, self.words, self.bar, self.cancel):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.log)
        row.addWidget(self.saved)
        self.setFixedHeight(28)

    def show_saved(self, moment: datetime) -> None:
        self.saved.setText(f"Saved {moment:%H:%M}")

    def job(self) -> RunningJob | None:
        """The job that the strip speaks about: the first that began."""
        return next(iter(self._jobs.running), None)

    def _cancel(self) -> None:
        if (job := self.job()) is not None:
            job.cancel()
            self._show()

    def _show(self) -> None:
        job = self.job()
        for widget in (self.words, self.bar, self.cancel):
            widget.setVisible(job is not None)
        self._dot.set_tone("good" if job is None else "accent")
        self.state.setText("Ready" if job is None else job.title)
        if job is None:
            return
        self.cancel.setEnabled(not job.is_cancelling)
        self.words.setText("Stopping…" if job.is_cancelling else progress_words(job))
        fraction = job.progress.fraction if job.progress else 0.0
        self.bar.setRange(0, _SCALE if job.progress else 0)
        self.bar.setValue(round(fraction * _SCALE))


def progress_words(job: RunningJob) -> str:
    """“Measuring: INT8 · OpenVINO · 62 % · about 3 min left”."""
    progress = job.progress
    parts = [job.step]
    if progress is not None:
        parts += [progress.text, f"{100 * progress.fraction:.0f} %"]
        parts += _left(progress)
    return " · ".join(filter(None, parts))


def _left(progress: Progress) -> list[str]:
    return [] if progress.seconds_left is None else [time_left_words(progress.seconds_left)]


def _quiet(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("look", "quiet")
    button.setFont(theme.font(theme.SMALL))
    button.setToolTip(tip)
    return button
