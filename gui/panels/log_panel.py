"""The log drawer: what every job said, line by line, with the time since it started."""

from PySide6.QtWidgets import QPlainTextEdit

from core.jobs.events import (
    Artifact,
    Cancelled,
    Event,
    Failed,
    Finished,
    Measured,
    Note,
    Started,
    Step,
)
from gui.jobs import Jobs, RunningJob

_MOST_LINES = 5000


class LogPanel(QPlainTextEdit):
    """Grows at the end and forgets its oldest lines."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setProperty("mono", "true")
        self.setAccessibleName("Log")
        self.setMaximumBlockCount(_MOST_LINES)
        self.setPlaceholderText("Nothing has run yet.")
        jobs.started.connect(self._follow)

    def _follow(self, job: RunningJob) -> None:
        job.told.connect(lambda event: self._write(job, event))

    def _write(self, job: RunningJob, event: Event) -> None:
        if (words := line_of(event)) is not None:
            self.appendPlainText(f"{event.at:8.1f} s  {job.kind:<9} {words}")


def line_of(event: Event) -> str | None:
    """One line for people; None for events that would only fill the log."""
    words: str | None = None
    match event:
        case Started():
            words = f"started, process {event.pid}"
        case Step():
            words = f"step {event.index + 1} of {event.total}: {event.title}"
        case Note():
            words = f"{'warning: ' if event.level == 'warning' else ''}{event.text}"
        case Measured():
            words = f"measured: {event.title or event.what}"
        case Artifact():
            words = f"wrote {event.path}"
        case Failed():
            words = "\n".join([f"failed: {event.what} {event.why} {event.remedy}", *event.log])
        case Cancelled() | Finished():
            words = event.type
        case _:
            pass
    return words
