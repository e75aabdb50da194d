"""The way to a board: commands, processes and files on it, for code that knows nothing of SSH."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from core.errors import BoardError, BoardUnreachable, ConnectionLost
from core.remote import refusals
from core.remote.board import Board, HostKey
from core.remote.boards import boards
from core.remote.command import RUN_SECONDS, run_command
from core.remote.keys import own_key
from core.remote.loop import loop_thread
from core.remote.passwords import stored_password
from core.remote.process import RemoteProcess, start_process
from core.remote.secure_shell import Ended, Login, SecureShell, first_host_key
from core.remote.transfers import Download, Transfer, Upload

_T = TypeVar("_T")

BytesProgress = Callable[[float, float], None]
"""Bytes done and in all; may raise to stop."""

_ATTEMPTS = 6
"""In a row without a single byte, before a transfer is given up."""
_LONGEST_PAUSE_SECONDS = 4.0

_OUR_FOLDER = 'umask 077 && mkdir -p "$HOME/.edgewright" && cd "$HOME/.edgewright" && pwd -P'
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_SERIALS = ("/proc/device-tree/serial-number", "/etc/machine-id")
"""A board's own number; a computer that hides its own has at least that of its system."""


@dataclass(frozen=True)
class Completed:
    """A command that ran to its end. `rc` is negative for a signal."""

    rc: int
    out: str
    err: str


def _go_on() -> None:
    """Nobody wants to stop."""


def first_contact(host: str, port: int = 22) -> HostKey:
    """The key that a board shows, to be compared and accepted. Raises BoardUnreachable."""
    return loop_thread().run(first_host_key(host, port))


def connect(
    board: Board,
    *,
    password: str | None = None,
    check_cancelled: Callable[[], None] = _go_on,
    users_keys: bool = False,
) -> "Connection":
    """A connection to use as a context manager; one thread at a time.

    Without a password the one in the system keyring is tried, if any, after our own key.
    `users_keys` offers the user's own keys and agent as well, for the first login. Everything
    raises what `check_cancelled` raises, and BoardError in its kinds.
    """
    login = Login(
        host=board.host,
        port=board.port,
        user=board.user,
        host_key=board.host_key,
        keys=() if users_keys else (own_key(),),
        password=lambda: stored_password(board.id) if password is None else password,
        wrong_key=partial(_wrong_key, board),
    )
    return Connection(board, login, check_cancelled)


class Connection:
    """See `connect`. Methods may only be called inside the `with` block."""

    def __init__(self, board: Board, login: Login, check_cancelled: Callable[[], None]) -> None:
        self.board = board
        self._login = login
        self._check_cancelled = check_cancelled
        self._shell: SecureShell | None = None

    def __enter__(self) -> Self:
        self._wait(self._reopen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        loop_thread().run(self._close())

    @cached_property
    def folder(self) -> str:
        """Absolute path of our folder on the board, which only its user may look into."""
        made = self.run(["sh", "-c", _OUR_FOLDER])
        path = made.out.strip()
        if made.rc or not path.startswith("/"):
            raise BoardError(
                f"“{self.board.name}” has no place for Edgewright’s files.",
                f"The folder .edgewright in the home of “{self.board.user}” cannot be made: "
                f"{made.err.strip()[:300] or 'no reason given'}.",
                "Give this user a home folder that can be written to, or use another user.",
            )
        return path

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str | bytes | None = None,
        timeout: float = RUN_SECONDS,
    ) -> Completed:
        """Run a command to its end; that it fails is no exception here."""
        given = input.encode() if isinstance(input, str) else input or b""
        ended = self._wait(self._run(argv, given, timeout))
        return Completed(
            ended.code, ended.out.decode(errors="replace"), ended.err.decode(errors="replace")
        )

    def read(self, path: str) -> str | None:
        """The text of a small file on the board; None when it is empty or cannot be read."""
        return _text(self._wait(self._run(["cat", path]))) or None

    def start(
        self,
        argv: Sequence[str],
        on_line: Callable[[str], None],
        *,
        on_error: Callable[[str], None] | None = None,
        talks: bool = False,
    ) -> RemoteProcess:
        """Start a process with all that it starts in a group of its own.

        It ends when it is stopped, when this connection ends, and some 30 s after the board has
        heard nothing from here. `on_line` gets each line in the network's thread and must not
        wait; without `on_error` it gets the lines of stderr too. With `talks` it reads what is
        written to it, and an empty line every few seconds: then it must see to its own end.
        """
        starting = start_process(self._open_shell, argv, on_line, on_error or on_line, talks)
        return RemoteProcess(self._wait(starting), self._tidy_up)

    @contextmanager
    def uninterrupted(self) -> Generator[None]:
        """What tidies up in the block is done even when the person has stopped the work."""
        check, self._check_cancelled = self._check_cancelled, _go_on
        try:
            yield
        finally:
            self._check_cancelled = check

    def put(
        self, local: Path, remote: str, progress: BytesProgress = lambda done, total: None
    ) -> None:
        """Copy a file to the board; it appears there only when its SHA-256 is right.

        A connection that breaks is opened again and the copy goes on where it was.
        """
        self._transfer(Upload(self.board, local, remote, progress))

    def get(
        self, remote: str, local: Path, progress: BytesProgress = lambda done, total: None
    ) -> None:
        """The same from the board."""
        self._transfer(Download(self.board, local, remote, progress))

    def boot_id(self) -> str:
        """Changes whenever the board starts. Raises BoardError when it does not say."""
        found = self.read(_BOOT_ID)
        if not found:
            raise BoardError(
                f"“{self.board.name}” does not say since when it runs.",
                f"{_BOOT_ID} cannot be read.",
                "Use a board with Linux.",
            )
        return found

    def serial(self) -> str:
        """The board's own number; empty when it has none."""
        return self._wait(self._serial())

    def _tidy_up(self, argv: Sequence[str]) -> None:
        with self.uninterrupted():
            self.run(argv)

    @property
    def _open_shell(self) -> SecureShell:
        if self._shell is None:
            raise refusals.lost(self._login.place)
        return self._shell

    def _transfer(self, transfer: Transfer) -> None:
        self._wait(self._persistently(transfer))

    async def _persistently(self, transfer: Transfer) -> None:
        failed, reached = 0, 0
        while True:
            try:
                if self._shell is None:
                    await self._reopen()
                await transfer.go_on(self._open_shell)
            except (ConnectionLost, BoardUnreachable):
                failed = failed + 1 if transfer.reached == reached else 1
                reached = transfer.reached
                await self._close()
                if failed >= _ATTEMPTS:
                    raise
                await asyncio.sleep(min(0.05 * 3**failed, _LONGEST_PAUSE_SECONDS))
            else:
                return

    async def _run(
        self, argv: Sequence[str], given: bytes = b"", seconds: float = RUN_SECONDS
    ) -> Ended:
        return await run_command(self._open_shell, self.board, argv, given, seconds)

    async def _reopen(self) -> None:
        """Raises OtherBoard when the key is right and the serial number is not."""
        self._shell = await SecureShell.open(self._login)
        try:
            serial = await self._serial() if self.board.serial else ""
        except BaseException:
            await self._close()
            raise
        if serial != self.board.serial:
            await self._close()
            raise refusals.other_serial(self.board, serial)

    async def _serial(self) -> str:
        for file in _SERIALS:
            if found := _text(await self._run(["cat", file])):
                return found
        return ""

    async def _close(self) -> None:
        shell, self._shell = self._shell, None
        if shell is not None:
            await shell.close()

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        return loop_thread().run(work, self._check_cancelled)


def _text(ended: Ended) -> str:
    """Of a file in /proc, which may end in NUL; empty when it could not be read."""
    return "" if ended.code else ended.out.decode(errors="replace").replace("\0", "").strip()


def _wrong_key(board: Board, shown: HostKey) -> BoardError:
    """Unknown, changed, and swapped are told apart: only the last is harmless."""
    if not board.host_key:
        return refusals.unknown_host_key(shown)
    others = (one for one in boards().found.values() if one.id != board.id)
    other = next((one for one in others if one.host_key == shown.key), None)
    return refusals.swapped(board, other) if other else refusals.changed_host_key(board, shown)
