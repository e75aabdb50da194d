"""A worker that waits with its imports done, so that the next job of its kind begins at once."""

import contextlib
import os
import subprocess
import threading
from pathlib import Path

from core.processes import own_command


class Standby:
    """At most one waiting worker. Every job still gets a process of its own: it is used once.

    Thread-safe. Without a waiting worker everything works as before, only later.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        self._waiting: subprocess.Popen[bytes] | None = None
        self._started = threading.Event()

    @property
    def pid(self) -> int | None:
        """Of the waiting worker."""
        with self._lock:
            return None if self._waiting is None else self._waiting.pid

    def wait_until_started(self, timeout: float | None = None) -> bool:
        """Block until a worker waits; it may still be importing."""
        return self._started.wait(timeout)

    def start(self) -> None:
        """Let a worker get ready, unless one waits already. Returns at once."""
        with self._lock:
            if self._waiting is None:
                threading.Thread(target=self._keep, name="standby", daemon=True).start()

    def take(self, folder: Path) -> subprocess.Popen[bytes] | None:
        """The waiting worker, told to do the job in this partial run folder, or None."""
        process = self._given_up()
        if process is None:
            return None
        assert process.stdin is not None
        try:
            if process.poll() is None:
                process.stdin.write(f"{folder}\n".encode())
                process.stdin.flush()
                return process
        except OSError:
            pass  # it died while it waited
        _put_away(process)
        return None

    def close(self) -> None:
        """End the waiting worker."""
        if (process := self._given_up()) is not None:
            _put_away(process)

    def _given_up(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            process, self._waiting = self._waiting, None
            self._started.clear()
        return process

    def _keep(self) -> None:
        """Runs as long as the worker: the kernel ends it when the thread that started it ends."""
        process = subprocess.Popen(
            own_command("worker", "--standby", self.kind),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with self._lock:
            is_spare = self._waiting is not None
            if not is_spare:
                self._waiting = process
                self._started.set()
        if is_spare:
            _put_away(process)
            return
        with contextlib.suppress(ChildProcessError):  # its job has waited for it already
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            is_unused = self._waiting is process
            if is_unused:
                self._waiting = None
                self._started.clear()
        if is_unused:
            _put_away(process)


def _put_away(process: subprocess.Popen[bytes]) -> None:
    """End a worker that did nothing; the `with` closes its pipes and waits for it."""
    with process:
        process.kill()
