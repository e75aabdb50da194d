"""Looking at images with the open model; of several wishes only the last is answered."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.data.contract import PreprocessingContract
from core.jobs.events import Failed
from core.jobs.kinds.examine import ExamineRequest
from gui.jobs import Jobs, job_launch
from gui.opened import OpenImages, open_images
from gui.scratch import scratch_folder


class Examining(QObject):
    """At most one job."""

    examined = Signal(object)
    """The OpenImages that were wished for last."""
    failed = Signal(object)
    """A Failed event about the images that were wished for last."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._path: Path | None = None

    def start(self, path: Path, model: Path, contract: PreprocessingContract | None) -> None:
        self.stop()
        self._path = path
        request = ExamineRequest(data=path, model=model, contract=contract)
        job = self._jobs.add(
            "examine",
            "Looking at the images",
            job_launch("examine", request, scratch_folder("examine")),
            lambda outcome, folder: open_images(outcome, folder, path),
        )
        job.finished.connect(self._take)
        job.failed.connect(lambda failed: self._refuse(path, failed))
        job.start()

    def stop(self) -> None:
        """What is looked at now is not wanted any more."""
        self._path = None
        if (earlier := self._jobs.of_kind("examine")) is not None:
            earlier.cancel()

    def _take(self, images: OpenImages) -> None:
        if images.path == self._path:
            self.examined.emit(images)

    def _refuse(self, path: Path, failed: Failed) -> None:
        if path == self._path:
            self.failed.emit(failed)
