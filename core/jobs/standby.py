"""A worker that waits with its imports done, so that the next job of its kind begins at once."""

import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path

from core.jobs.group import signal_group
from core.processes import own_command


class Standby:
    """At most one waiting worker. Every job still gets a process of its own: it is used once.

    Thread-safe. Without a waiting worker everything works as before, only later.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        self._waiting: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Let a worker get ready, unless one waits already. Returns at once."""
        with self._lock:
            if self._waiting is None:
                threading.Thread(target=self._keep, name="standby", daemon=True).start()

    def take(self, folder: Path) -> subprocess.Popen[bytes] | None:
        """The waiting worker, told to do the job in this partial run folder, or None."""
        with self._lock:
            process, self._waiting = self._waiting, None
        if process is None or process.stdin is None:
            return None
        try:
            process.stdin.write(f"{folder}\n".encode())
            process.stdin.flush()
        except OSError:  # it died while it waited
            return None
        return process

    def close(self) -> None:
        """End the waiting worker."""
        with self._lock:
            process, self._waiting = self._waiting, None
        if process is not None:
            with contextlib.suppress(OSError):
                signal_group(process.pid, signal.SIGKILL)
            process.wait()

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
            spare = self._waiting is not None
            if not spare:
                self._waiting = process
        if spare:
            signal_group(process.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):  # its job has waited for it already
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            unused = spare or self._waiting is process
            if unused and not spare:
                self._waiting = None
        if unused:
            process.wait()
