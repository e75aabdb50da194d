"""The boards as the window knows them: remembered, looked at, renamed, forgotten."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel
from PySide6.QtCore import QObject, Signal

from core.devices.base import DeviceFacts
from core.errors import BoardUnreachable
from core.jobs.events import Event, Failed, Measured
from core.jobs.kinds.device_check import CheckedBoard, CheckRequest
from core.jobs.kinds.device_prepare import PrepareRequest
from core.jobs.kinds.device_remove import RemoveRequest
from core.remote.board import Board, BoardKind
from core.remote.boards import KnownBoards, add_board, boards
from core.remote.checks import Check
from core.tensorrt.ledger import EngineHost
from gui.jobs import Errand, Jobs, RunningJob, job_launch
from gui.scratch import scratch_folder
from gui.trouble import Trouble, trouble_of

Condition = Literal["ready", "look", "broken", "away", "checking", "unseen"]

_NOT_READ = KnownBoards({}, {})


@dataclass(frozen=True)
class Look:
    """What the last look at a board found, in this session."""

    checks: tuple[Check, ...] = ()
    engine_host: EngineHost | None = None
    """What engines are tied to there; None where that was not asked."""
    trouble: Trouble | None = None
    """Why it could not be looked at, or prepared, or cleaned up."""
    is_away: bool = False
    """Whether nothing answered."""

    def of(self, check_id: str) -> Check | None:
        return next((check for check in self.checks if check.id == check_id), None)


class Fleet(QObject):
    """Reads and writes through errands, looks through jobs; holds no secret."""

    changed = Signal()
    """Which boards there are, or what is known of one."""
    check_arrived = Signal(str, object)
    """Id of the board, and the Check."""
    failed = Signal(object)
    """The Failed event of what could not be read or written here."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._jobs = jobs
        self._known = _NOT_READ
        self._looks: dict[str, Look] = {}
        self._jobs_of: dict[str, RunningJob] = {}

    @property
    def boards(self) -> tuple[Board, ...]:
        """In the order of their names."""
        return tuple(self._known.found.values())

    @property
    def is_loaded(self) -> bool:
        """Whether it is known which boards there are."""
        return self._known is not _NOT_READ

    def has_lost(self, device: DeviceFacts) -> bool:
        """Whether it was a board and was removed since it answered."""
        is_board = device.kind in get_args(BoardKind)
        return self.is_loaded and is_board and device.id not in self._known.found

    @property
    def last_seen(self) -> tuple[DeviceFacts, ...]:
        """The boards as they were when they last answered."""
        return tuple(board.facts for board in self.boards if board.facts is not None)

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Files of boards that cannot be read, with the reason."""
        return self._known.failed

    def board(self, board_id: str) -> Board | None:
        return self._known.found.get(board_id)

    def look(self, board_id: str) -> Look:
        return self._looks.get(board_id, Look())

    def job(self, board_id: str) -> RunningJob | None:
        """What is being done with it now."""
        return self._jobs_of.get(board_id)

    def condition(self, board_id: str) -> Condition:
        look = self.look(board_id)
        if board_id in self._jobs_of:
            return "checking"
        if look.trouble is not None:
            return "away" if look.is_away else "broken"
        if not look.checks:
            return "unseen"
        states = {check.state for check in look.checks}
        return "broken" if "failed" in states else "look" if "warn" in states else "ready"

    def load(self) -> None:
        """Read which boards there are."""
        self._do(boards, self._take)

    def keep(self, board: Board) -> None:
        """Remember a board, or what changed about it."""
        self._do(lambda: add_board(board), lambda _: self.load())

    def rename(self, board: Board, name: str) -> None:
        facts = board.facts and board.facts.model_copy(update={"name": name})
        self.keep(board.model_copy(update={"name": name, "facts": facts}))

    def check(self, board_id: str) -> RunningJob:
        """Look at it; findings arrive one by one."""
        return self._work(board_id, "device-check", "Checking", CheckRequest(board=board_id))

    def prepare(self, board_id: str) -> RunningJob:
        """Install what models need there; a person has agreed to it."""
        return self._work(board_id, "device-prepare", "Preparing", PrepareRequest(board=board_id))

    def clean_up(self, board_id: str) -> RunningJob:
        """Take everything of ours off the board, then forget it."""
        return self._work(board_id, "device-remove", "Cleaning up", RemoveRequest(board=board_id))

    def forget(self, board_id: str) -> RunningJob:
        """Here only, with its password; the board itself is left as it is."""
        request = RemoveRequest(board=board_id, clean=False)
        return self._work(board_id, "device-remove", "Forgetting", request)

    def _work(self, board_id: str, kind: str, words: str, request: BaseModel) -> RunningJob:
        """One job a board; the one that runs already is the answer."""
        if (running := self._jobs_of.get(board_id)) is not None:
            return running
        title = f"{words} “{self._known.found[board_id].name}”"
        launch = job_launch(kind, request, scratch_folder(kind))
        job = self._jobs_of[board_id] = self._jobs.add(kind, title, launch, _outcome)
        self._looks[board_id] = Look()
        job.told.connect(lambda event: self._hear(board_id, event))
        job.finished.connect(lambda outcome: self._take_check(board_id, outcome))
        job.failed.connect(lambda failed: self._fail(board_id, failed))
        job.ended.connect(lambda: self._end(board_id))
        self.changed.emit()
        job.start()
        return job

    def take_checks(self, board_id: str, checks: tuple[Check, ...]) -> None:
        """What was found while it was added."""
        self._looks[board_id] = Look(checks)
        self.changed.emit()

    def _hear(self, board_id: str, event: Event) -> None:
        if (check := check_in(event)) is not None:
            look = self.look(board_id)
            self._looks[board_id] = replace(look, checks=(*look.checks, check))
            self.check_arrived.emit(board_id, check)

    def _fail(self, board_id: str, failed: Failed) -> None:
        away = failed.error == BoardUnreachable.__name__
        trouble = trouble_of(failed, "Check again")
        self._looks[board_id] = Look(trouble=trouble, is_away=away)

    def _take_check(self, board_id: str, outcome: BaseModel) -> None:
        if isinstance(outcome, CheckedBoard):
            look = self.look(board_id)
            self._looks[board_id] = replace(look, engine_host=outcome.engine_host)

    def _end(self, board_id: str) -> None:
        del self._jobs_of[board_id]
        self.load()
        self.changed.emit()

    def _do(self, work: Callable[[], object], then: Callable[[Any], object]) -> None:
        errand = Errand(work)
        errand.done.connect(then)
        errand.failed.connect(self.failed)
        errand.start()

    def _take(self, known: KnownBoards) -> None:
        self._known = known
        self.changed.emit()


def check_in(event: Event) -> Check | None:
    """The finding that a job tells about; None for every other event."""
    if not isinstance(event, Measured) or not event.what.startswith("check "):
        return None
    return Check.model_validate(event.result)


def _outcome(outcome: BaseModel, folder: Path) -> BaseModel:
    return outcome
