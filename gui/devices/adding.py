"""The work behind adding a device: asking for its key, signing in, and the checks."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from PySide6.QtCore import QObject, Signal

from core.jobs.events import Event
from core.jobs.kinds.device_add import PASSWORD, AddedBoard, AddRequest
from core.jobs.kinds.device_contact import Contact, ContactRequest
from core.jobs.kinds.device_prepare import PrepareRequest
from core.remote.board import Board
from gui.devices.address_page import Destination
from gui.devices.fleet import Fleet, check_in
from gui.jobs import Jobs, RunningJob, job_launch
from gui.scratch import scratch_folder


class Adding(QObject):
    """One device at a time; at most one job runs."""

    started = Signal(object)
    """A RunningJob, before it starts."""
    contacted = Signal(object)
    """The Contact: the key that was shown, and whose it is known to be."""
    check_arrived = Signal(object)
    added = Signal(object)
    """The Board."""
    failed = Signal(object)
    """The Failed event."""
    ended = Signal()
    """The job is over, however it went."""

    def __init__(self, jobs: Jobs, fleet: Fleet) -> None:
        super().__init__()
        self._jobs, self._fleet = jobs, fleet
        self.job: RunningJob | None = None
        self.board: Board | None = None
        """The one that was added."""
        self._destination: Destination | None = None
        self._contact: Contact | None = None

    def contact(self, destination: Destination) -> None:
        """Ask what is there for its key; nothing secret is sent."""
        self._destination = destination
        request = ContactRequest(host=destination.host, port=destination.port)
        job = self._job("device-contact", f"Looking for {destination.host}", request)
        job.finished.connect(self._take_contact)
        job.start()

    def sign_in(self, password: str, *, remember: bool) -> None:
        """Put our key there and look at the board; the password goes over the worker’s stdin."""
        assert self._destination is not None and self._contact is not None
        request = AddRequest(
            host=self._destination.host,
            port=self._destination.port,
            user=self._destination.user,
            host_key=self._contact.key.key,
            remember=remember,
        )
        secrets = {PASSWORD: password} if password else {}
        job = self._job("device-add", "Signing in", request, secrets)
        job.told.connect(self._hear)
        job.finished.connect(self._take_board)
        job.start()

    def prepare(self) -> None:
        """Install what models need on the board that was added; a person has agreed to it."""
        assert self.board is not None
        request = PrepareRequest(board=self.board.id)
        job = self._job("device-prepare", "Installing on the board", request)
        job.told.connect(self._hear)
        job.finished.connect(self._take_board)
        job.start()

    def stop(self) -> None:
        """End what runs."""
        if self.job is not None:
            self.job.cancel()

    def _job(
        self, kind: str, title: str, request: BaseModel, secrets: Mapping[str, str] | None = None
    ) -> RunningJob:
        launch = job_launch(kind, request, scratch_folder(kind), secrets=secrets)
        job = self.job = self._jobs.add(kind, title, launch, _outcome)
        job.failed.connect(self.failed)
        job.ended.connect(self._end)
        self.started.emit(job)
        return job

    def _hear(self, event: Event) -> None:
        if (check := check_in(event)) is not None:
            self.check_arrived.emit(check)

    def _take_contact(self, contact: Contact) -> None:
        self._contact = contact
        self.contacted.emit(contact)

    def _take_board(self, added: AddedBoard) -> None:
        self.board = added.board
        self._fleet.take_checks(added.board.id, added.checks)
        self._fleet.load()
        self.added.emit(added.board)

    def _end(self) -> None:
        self.job = None
        self.ended.emit()


def _outcome(outcome: BaseModel, folder: Path) -> BaseModel:
    return outcome
