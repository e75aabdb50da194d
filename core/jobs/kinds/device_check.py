"""The job that looks at a known board: is it there, and is all that measuring needs in order."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from core.jobs.kinds.base import JobContext, JobKind
from core.remote.board import Board
from core.remote.boards import add_board, boards
from core.remote.checks import Check
from core.tensorrt.ledger import EngineHost

if TYPE_CHECKING:
    from core.remote.board_device import BoardDevice
    from core.remote.connection import Connection


class CheckRequest(BaseModel):
    """Which board."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board: str
    """Id or name of a known board."""


class CheckedBoard(BaseModel):
    """What was found."""

    model_config = ConfigDict(frozen=True)

    board: str
    """Its id."""
    checks: tuple[Check, ...]
    engine_host: EngineHost | None = None
    """What engines are tied to there; None where TensorRT builds none."""


class CheckDevice(JobKind[CheckRequest, CheckedBoard]):
    """Tells every finding as soon as it is known. Raises BoardError when it is not reached."""

    name: ClassVar[str] = "device-check"
    title: ClassVar[str] = "Checking the board"
    request_type: ClassVar[type[BaseModel]] = CheckRequest
    outcome_type: ClassVar[type[BaseModel]] = CheckedBoard

    def run(self, request: CheckRequest, context: JobContext) -> CheckedBoard:
        from core.remote.connection import connect
        from core.remote.kinds import board_kind

        context.step(self.title)
        board = boards().named(request.board)
        kind = board_kind(board.kind)
        with connect(board, check_cancelled=context.check_cancelled) as connection:
            checks = told_checks(kind, connection, context)
            host = kind.engine_host(connection)
            keep_as_seen(board, kind, connection)
        return CheckedBoard(board=board.id, checks=checks, engine_host=host)


def keep_as_seen(board: Board, kind: "BoardDevice", connection: "Connection") -> Board:
    """Remember a connected board with its facts of this moment, for when it is away."""
    facts, now = kind.facts(connection), datetime.now(UTC).astimezone()
    seen = {"facts": facts, "seen_at": now.isoformat(timespec="seconds")}
    board = board.model_copy(update=seen)
    add_board(board)
    return board


def told_checks(
    kind: "BoardDevice", connection: "Connection", context: JobContext
) -> tuple[Check, ...]:
    """All checks of a connected board; each is told at once."""
    found: list[Check] = []
    for check in kind.checks(connection):
        found.append(check)
        context.measured(f"check {check.id}", check, check.title)
    return tuple(found)
