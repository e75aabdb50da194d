"""The job that installs what models need on a Linux board, in a folder of ours, after consent."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.jobs.kinds.base import JobContext, JobKind
from core.jobs.kinds.device_add import AddedBoard
from core.jobs.kinds.device_check import keep_as_seen, told_checks
from core.remote.boards import boards

_INSTALLING, _CHECKING = "Installing on the board", "Checking the board"


class PrepareRequest(BaseModel):
    """Sent once a person has agreed to the installation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    board: str
    """Id or name of a known board."""


class PrepareDevice(JobKind[PrepareRequest, AddedBoard]):
    """Raises BoardError with the last that pip said."""

    name: ClassVar[str] = "device-prepare"
    title: ClassVar[str] = "Preparing the board"
    request_type: ClassVar[type[BaseModel]] = PrepareRequest
    outcome_type: ClassVar[type[BaseModel]] = AddedBoard

    def steps(self, request: PrepareRequest) -> Sequence[tuple[str, float]]:
        return ((_INSTALLING, 20.0), (_CHECKING, 1.0))

    def run(self, request: PrepareRequest, context: JobContext) -> AddedBoard:
        from core.remote.connection import connect
        from core.remote.environment import make_environment
        from core.remote.kinds import board_kind

        context.step(_INSTALLING)
        board = boards().named(request.board)
        kind = board_kind(board.kind)
        with connect(board, check_cancelled=context.check_cancelled) as connection:
            make_environment(connection, context.progress, context.check_cancelled)
            context.step(_CHECKING)
            checks = told_checks(kind, connection, context)
            return AddedBoard(board=keep_as_seen(board, kind, connection), checks=checks)
