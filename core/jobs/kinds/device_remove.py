"""The job that forgets a board, after taking off it all that was put there."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.errors import BoardError
from core.jobs.kinds.base import JobContext, JobKind
from core.remote.board import Board
from core.remote.boards import boards, remove_board

_SECONDS = 120.0


class RemoveRequest(BaseModel):
    """Which board."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board: str
    """Id or name of a known board."""
    clean: bool = True
    """Whether to take our folder and key off it; else it is only forgotten here."""


class RemovedBoard(BaseModel):
    """What was forgotten."""

    model_config = ConfigDict(frozen=True)

    board: str
    """Its id."""


class RemoveDevice(JobKind[RemoveRequest, RemovedBoard]):
    """Our folder goes first, our key last. Raises BoardError, and then the board stays known."""

    name: ClassVar[str] = "device-remove"
    title: ClassVar[str] = "Removing the device"
    request_type: ClassVar[type[BaseModel]] = RemoveRequest
    outcome_type: ClassVar[type[BaseModel]] = RemovedBoard

    def run(self, request: RemoveRequest, context: JobContext) -> RemovedBoard:
        from core.remote.passwords import forget_password

        context.step(self.title)
        board = boards().named(request.board)
        if request.clean:
            _clean(board, context)
        forget_password(board.id)
        remove_board(board.id)
        return RemovedBoard(board=board.id)


def _clean(board: Board, context: JobContext) -> None:
    from core.remote.connection import connect
    from core.remote.keys import uninstall_key

    with connect(board, check_cancelled=context.check_cancelled) as connection:
        done = connection.run(["rm", "-rf", "--", connection.folder], timeout=_SECONDS)
        if done.rc:
            raise BoardError(
                f"Edgewright’s folder on “{board.name}” cannot be removed.",
                done.err.strip()[:300] or "No reason was given.",
                "Remove the folder .edgewright there by hand, or only forget the board here.",
            )
        uninstall_key(connection)
