"""A process on a board while it is at work: its lines come in, and it can be written to."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import BoardError

if TYPE_CHECKING:
    from core.remote.secure_shell import Process, SecureShell

_MOST_LINE_BYTES = 1 << 26


class Running:
    """Made by SecureShell.start; belongs to the loop's thread."""

    def __init__(
        self,
        shell: "SecureShell",
        process: "Process",
        on_line: Callable[[bytes], None],
        on_error: Callable[[bytes], None],
    ) -> None:
        self._shell = shell
        self._process = process
        self._work = asyncio.gather(
            shell.pump(process.stdout, on_line, _MOST_LINE_BYTES),
            shell.pump(process.stderr, on_error, _MOST_LINE_BYTES),
        )
        self._work.add_done_callback(_look_at)

    @property
    def silent(self) -> bool:
        """Whether it will say nothing any more."""
        return self._work.done()

    async def wait(self) -> int:
        """Its exit code, negative for a signal, once it has ended. Raises ConnectionLost."""
        await asyncio.shield(self._work)
        return await self._shell.end_of(self._process)

    async def write(self, given: bytes) -> None:
        """Raises ConnectionLost when nobody can hear it any more."""
        try:
            self._process.stdin.write(given)
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionError) as error:
            raise self._shell.lost() from error

    async def close(self) -> None:
        """Let go of it; what it writes from now on is lost."""
        self._process.close()
        self._work.cancel()
        with contextlib.suppress(asyncio.CancelledError, BoardError):
            await self._work


def _look_at(work: "asyncio.Future[tuple[None, None]]") -> None:
    """That it failed is told to whoever waits; asyncio shall not tell it a second time."""
    if not work.cancelled():
        work.exception()
