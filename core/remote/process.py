"""A process on a board that runs on while its lines come in, and that never outlives its use."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Self

from core.errors import BoardError, ConnectionLost
from core.remote.loop import loop_thread
from core.remote.quoting import command_line
from core.remote.running import Running
from core.remote.secure_shell import SecureShell

_BEAT_SECONDS = 5.0
_START_SECONDS = 30.0

_OWN_GROUP = ("setsid", "-w", "sh", "-c")
"""sshd passes no signals on before OpenSSH 7.9, and none to children: a group of its own can be
killed by its number, which the first line tells."""

_TALKING = 'echo "$$"; exec "$@"'

_WATCHED = """echo "$$"
exec 3<&0 </dev/null
(
  trap '' TERM
  while [ -n "$(timeout 30 head -n 1 <&3)" ]; do :; done
  kill -TERM 0
  sleep 2
  kill -KILL 0
) >/dev/null 2>&1 &
exec 3<&-
exec "$@"
"""
"""Ends its whole group when it has heard nothing for half a minute: a cable that is pulled closes
no connection on the board's side."""

_STOP = """kill -s TERM -- "-$1" || exit 0
for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -s 0 -- "$1" || break
  sleep 0.1
done
kill -s KILL -- "-$1"
exit 0
"""
"""With -s because dash takes no “-TERM --”."""

OnLine = Callable[[str], None]


class _Supervised:
    """The loop's side of a process: its first line is its number, and it hears a beat."""

    def __init__(self, on_line: OnLine) -> None:
        self._on_line = on_line
        self._first: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._beat: asyncio.Task[None] | None = None
        self.running: Running
        self.pid = 0

    async def start(
        self, shell: SecureShell, argv: Sequence[str], on_error: OnLine, talks: bool
    ) -> Self:
        script = _TALKING if talks else _WATCHED
        command = command_line([*_OWN_GROUP, script, "edgewright", *argv])
        self.running = await shell.start(
            command, self._take, lambda line: on_error(line.decode(errors="replace"))
        )
        self.pid = await self._number()
        self._beat = asyncio.create_task(self._keep_alive(b"\n" if talks else b".\n"))
        return self

    def _take(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        if self._first.done():
            self._on_line(text)
        else:
            self._first.set_result(text)

    async def _number(self) -> int:
        """Raises BoardError when the process did not even start."""
        ended = asyncio.create_task(self.running.wait())
        try:
            await asyncio.wait(
                (ended, self._first), timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if ended.done() and not self._first.done():
                ended.result()  # may raise ConnectionLost
        finally:
            ended.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionLost):
                await ended
        text = self._first.result() if self._first.done() else ""
        if not text.isdecimal():
            await self.running.close()
            raise BoardError(
                "A process on the board could not be started.",
                f"Instead of its number came: “{text[:100]}”.",
                "Install util-linux and coreutils on the board; they give setsid and timeout.",
            )
        return int(text)

    async def _keep_alive(self, beat: bytes) -> None:
        with contextlib.suppress(ConnectionLost):
            while True:
                await self.running.write(beat)
                await asyncio.sleep(_BEAT_SECONDS)

    async def wait(self) -> int:
        try:
            return await self.running.wait()
        finally:
            self._rest()

    async def close(self) -> None:
        self._rest()
        await self.running.close()

    def _rest(self) -> None:
        if self._beat is not None:
            self._beat.cancel()


def start_process(
    shell: SecureShell, argv: Sequence[str], on_line: OnLine, on_error: OnLine, talks: bool
) -> Coroutine[Any, Any, _Supervised]:
    async def start() -> _Supervised:
        return await _Supervised(on_line).start(shell, argv, on_error, talks)

    return start()


class RemoteProcess:
    """The handle on a process on a board, for one thread."""

    def __init__(self, process: _Supervised, tidy_up: Callable[[Sequence[str]], None]) -> None:
        """`tidy_up` runs a command on the board, whatever was cancelled."""
        self._process = process
        self._tidy_up = tidy_up

    @property
    def pid(self) -> int:
        """Of the process on the board, which leads a group of this number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it will say nothing any more; `wait` then tells why at once."""
        return self._process.running.silent

    def wait(self, check_cancelled: Callable[[], None] = lambda: None) -> int:
        """Its exit code, negative for a signal, once it has ended.

        It is stopped when `check_cancelled` raises. Raises ConnectionLost when the connection
        breaks; the board then ends the process by itself.
        """
        try:
            return loop_thread().run(self._process.wait(), check_cancelled)
        except ConnectionLost:
            raise
        except BaseException:
            with contextlib.suppress(BoardError):  # the reason to stop counts
                self.stop()
            raise

    def write(self, text: str) -> None:
        """Give it something to read; only for a process that talks. Raises ConnectionLost."""
        loop_thread().run(self._process.running.write(text.encode()))

    def stop(self) -> None:
        """End the process with all that it started; they are gone when this returns."""
        self._tidy_up(["sh", "-c", _STOP, "edgewright", str(self.pid)])
        loop_thread().run(self._process.close())
