"""Opening a model in a worker that waits for it; of several wishes only the last is answered."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.jobs.events import Failed
from core.jobs.kinds.inspect import InspectRequest
from core.jobs.standby import Standby
from gui.jobs import Jobs, job_launch
from gui.opened import OpenModel, open_model
from gui.scratch import scratch_folder

CALM_MS = 2000
"""After a model was read: when the next worker gets ready, and what waits begins in any case."""


class Opening(QObject):
    """Knows the file that is being opened, and keeps the next worker ready."""

    opened = Signal(object)
    """The OpenModel that was wished for last."""
    failed = Signal(object)
    """A Failed event about the file that was wished for last."""
    cancelled = Signal()
    calm = Signal()
    """A while after a model was read."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self.path: Path | None = None
        """The file that is being opened; None while none is."""
        self.standby = Standby("inspect")
        self._is_ready = False
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._calm_down)

    def start(self, path: Path, title: str) -> None:
        if (earlier := self._jobs.of_kind("inspect")) is not None:
            earlier.cancel()
        self.path = path
        request = InspectRequest(model=path)
        job = self._jobs.add(
            "inspect",
            "Opening the model",
            job_launch("inspect", request, scratch_folder("inspect"), self.standby),
            lambda outcome, folder: open_model(outcome, folder, path, title),
        )
        job.finished.connect(self._take)
        job.failed.connect(lambda failed: self._stop(path, failed))
        job.cancelled.connect(lambda: self._stop(path))
        job.ended.connect(self._calm.start)
        job.start()

    def get_ready(self) -> None:
        """Have a worker ready, now and after each model, so that the next one opens sooner."""
        self._is_ready = True
        self.standby.start()

    def close(self) -> None:
        self._is_ready = False
        self.standby.close()

    def _calm_down(self) -> None:
        self.calm.emit()
        if self._is_ready:
            self.standby.start()

    def _take(self, model: OpenModel) -> None:
        if model.path == self.path:
            self.path = None
            self.opened.emit(model)

    def _stop(self, path: Path, failed: Failed | None = None) -> None:
        if path != self.path:
            return
        self.path = None
        if failed is None:
            self.cancelled.emit()
        else:
            self.failed.emit(failed)
