"""The job that makes a board known: log in once, install our key, find out which board it is."""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.errors import LoginRefused, UserError
from core.jobs.kinds.base import JobContext, JobKind
from core.jobs.kinds.device_check import keep_as_seen, told_checks
from core.remote.board import Board, Host, User
from core.remote.boards import boards
from core.remote.checks import Check

if TYPE_CHECKING:
    from core.remote.connection import Connection

PASSWORD = "password"
"""The secret that the first login may need."""
_NEEDLESS = re.compile(r"^NVIDIA | Engineering Reference(?= )| Developer Kit\b")
_SIGNING_IN, _CHECKING = "Signing in", "Checking the board"


class AddRequest(BaseModel):
    """Where to log in, and the host key that a person accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host
    port: int = Field(default=22, ge=1, le=65535)
    user: User
    host_key: str = Field(min_length=1)
    name: str = ""
    """Empty takes what its maker calls it, shortened."""
    remember: bool = False
    """Keep the password in the system keyring."""


class AddedBoard(BaseModel):
    """The board as it is remembered now, and how it is."""

    model_config = ConfigDict(frozen=True)

    board: Board
    checks: tuple[Check, ...]


class AddDevice(JobKind[AddRequest, AddedBoard]):
    """Without a password our key is tried, then the person's own. Raises BoardError."""

    name: ClassVar[str] = "device-add"
    title: ClassVar[str] = "Adding the device"
    request_type: ClassVar[type[BaseModel]] = AddRequest
    outcome_type: ClassVar[type[BaseModel]] = AddedBoard

    def steps(self, request: AddRequest) -> Sequence[tuple[str, float]]:
        return ((_SIGNING_IN, 1.0), (_CHECKING, 2.0))

    def run(self, request: AddRequest, context: JobContext) -> AddedBoard:
        from core.remote.keys import install_key
        from core.remote.kinds import board_kind

        context.step(_SIGNING_IN)
        password = context.secret(PASSWORD)
        with ExitStack() as stack:
            connection = _log_in(stack, request, password, context)
            install_key(connection)
            board = connection.board = _identified(connection, request)
            kind = board_kind(board.kind)
            board = keep_as_seen(board, kind, connection)
            if request.remember and password is not None:
                _remember(board, password, context)
            context.step(_CHECKING)
            return AddedBoard(board=board, checks=told_checks(kind, connection, context))


def _log_in(
    stack: ExitStack, request: AddRequest, password: str | None, context: JobContext
) -> "Connection":
    from core.remote.connection import connect

    draft = Board(
        name=request.name or request.host,
        kind="linux",
        host=request.host,
        port=request.port,
        user=request.user,
        host_key=request.host_key,
    )
    stop = context.check_cancelled
    try:
        return stack.enter_context(connect(draft, password=password, check_cancelled=stop))
    except LoginRefused:
        if password is not None:
            raise
        return stack.enter_context(connect(draft, users_keys=True, check_cancelled=stop))


def _identified(connection: "Connection", request: AddRequest) -> Board:
    """Which board it is: one with a serial number that is known keeps its id and its name."""
    from core.remote.kinds import recognized

    draft, serial = connection.board, connection.serial()
    kind = recognized(connection)
    model = kind.model(connection)
    known = (board for board in boards().found.values() if serial and board.serial == serial)
    before = next(known, None)
    name = request.name or (before.name if before else short_name(model)) or draft.host
    found = {"name": name, "kind": kind.name, "serial": serial, "model": model}
    return draft.model_copy(update={**found, **({"id": before.id} if before else {})})


def short_name(model: str) -> str:
    """“Jetson Orin Nano Super” of “NVIDIA Jetson Orin Nano Engineering Reference Developer Kit
    Super”; what is no kit's name stays as it is."""
    return _NEEDLESS.sub("", model).strip()


def _remember(board: Board, password: str, context: JobContext) -> None:
    """The board is added all the same where the keyring refuses."""
    from core.remote.passwords import store_password

    try:
        store_password(board.id, password)
    except UserError as error:
        context.note(f"{error.what} {error.why} {error.remedy}", "warning")
