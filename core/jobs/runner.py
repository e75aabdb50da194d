"""Runs a job in a worker process and passes on what it tells, whatever becomes of the worker."""

import contextlib
import json
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from core.errors import JobCancelled, UserError
from core.jobs.death import death_event, log_tail, memory_kills
from core.jobs.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    LastEvent,
    Step,
    event_from_json,
)
from core.jobs.failures import error_of, failure_of, start_problem
from core.jobs.folders import LOG_FILE, finish_folder, partial_of, storage_errors
from core.jobs.group import signal_group
from core.jobs.kinds import kind_called
from core.jobs.request import RunRequest, run_request, write_request
from core.jobs.standby import Standby
from core.jobs.worker import CANCEL, SECRETS
from core.plain import Data, value_of
from core.processes import own_command

Listener = Callable[[Event], None]

CANCEL_GRACE = 0.4
"""Seconds in which a worker may stop by itself."""

TERMINATE_GRACE = 0.2
"""Seconds between the polite signal and the one that cannot be refused."""

EXIT_GRACE = 5.0
"""Seconds that a worker may take to end after its last event."""

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes; a longer line is no event."""

_LOGGER = logging.getLogger(__name__)


class Job:
    """One run of one kind of job, in a worker process of its own.

    Everything that goes wrong, even before the worker runs, arrives as the last event. The
    listener is called from a thread of the job, one event after the other; the last event comes
    when the worker and all that it started are gone and the run folder is in its final place.
    """

    def __init__(
        self,
        kind: str,
        request: Data,
        folder: Path,
        *,
        parent: str | None = None,
        command: Sequence[str] | None = None,
        standby: Standby | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """`folder` is where the whole run will be; until then it is called NAME.partial.

        `secrets` are passwords by what they are for. They reach the worker through its stdin and
        are written nowhere.

        `command` starts the worker and gets the partial folder as its last argument; None means
        the product's own. A worker that waits in `standby` is preferred.
        """
        self.kind = kind
        self.folder = folder
        self._command = tuple(own_command("worker") if command is None else command)
        self._standby = standby
        self._secrets = dict(secrets or {})
        asked = run_request(kind, request, parent)
        self._request: RunRequest = replace(asked, has_secrets=bool(self._secrets))
        self._events: list[Event] = []
        self._listener: Listener = _ignore
        self._last: LastEvent | None = None
        self._step = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._gone = threading.Event()
        self._done = threading.Event()
        self._began = 0.0

    @property
    def events(self) -> tuple[Event, ...]:
        """What the job has told so far."""
        return tuple(self._events)

    @property
    def partial_folder(self) -> Path:
        """Where the run lies until it has finished, and for good when it fails."""
        return partial_of(self.folder)

    @property
    def is_running(self) -> bool:
        return self._began > 0 and not self._done.is_set()

    def start(self, listener: Listener | None = None) -> None:
        """Start the worker and return at once."""
        if self._began:
            raise RuntimeError("a job starts only once")
        self._began = time.monotonic()
        self._listener = listener or _ignore
        threading.Thread(target=self._supervise, name=f"job {self.kind}", daemon=True).start()

    def cancel(self) -> None:
        """Stop the job: by a word, then by SIGTERM, then by SIGKILL. Returns at once.

        The last event follows within a second; it is `cancelled` unless the job had finished.
        """
        if self._cancelled.is_set():
            return
        self._cancelled.set()
        threading.Thread(target=self._stop, name=f"cancel {self.kind}", daemon=True).start()

    def wait(self, timeout: float | None = None) -> LastEvent:
        """Block until the last event was delivered; raises TimeoutError after `timeout` seconds."""
        if not self._done.wait(timeout):
            raise TimeoutError(f"the job “{self.kind}” still runs after {timeout} s")
        assert self._last is not None
        return self._last

    # One thread starts the worker, waits for its end and has the last word. It lives as long as
    # the worker: the kernel kills the worker when the thread that started it ends.

    def _supervise(self) -> None:
        try:
            last = self._run_worker()
        except UserError as error:
            last = failure_of(error)
        except Exception as error:  # the edge of the thread: a job never ends without a last event
            _LOGGER.exception("The worker could not be started")
            last = failure_of(start_problem(error))
        if isinstance(last, Failed) and self._cancelled.is_set():
            last = Cancelled()
        self._last = replace(last, at=last.at or time.monotonic() - self._began)
        self._deliver(self._last)
        self._done.set()

    def _run_worker(self) -> LastEvent:
        with storage_errors(self.partial_folder):
            self.partial_folder.mkdir(parents=True, exist_ok=True)
        write_request(self.partial_folder, self._request)
        memory_kills_before = memory_kills()
        process = self._spawn()
        assert process.stdout is not None and process.stdin is not None
        reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        reader.start()
        self._tell_secrets()
        returncode = self._reap(process)
        # A process that left the group could hold the pipe for ever; its words do not count.
        reader.join(EXIT_GRACE)
        with contextlib.suppress(OSError):
            process.stdin.close()
        if self._last is None:
            log = log_tail(self.partial_folder)
            starved = memory_kills() > memory_kills_before
            return death_event(returncode, self._step, log, starved=starved)
        if isinstance(self._last, Finished):
            finish_folder(self.folder)
        if isinstance(self._last, Failed) and self._last.defect:
            return replace(self._last, log=log_tail(self.partial_folder))
        return self._last

    def _spawn(self) -> subprocess.Popen[bytes]:
        process = self._standby.take(self.partial_folder.absolute()) if self._standby else None
        process = process or self._fresh_process()
        with self._lock:
            self._process = process
        if self._cancelled.is_set():
            self._signal(signal.SIGKILL)
        return process

    def _fresh_process(self) -> subprocess.Popen[bytes]:
        with (
            storage_errors(self.partial_folder),
            (self.partial_folder / LOG_FILE).open("ab") as log,
        ):
            return subprocess.Popen(
                [*self._command, str(self.partial_folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for the worker's end, then end what it left behind."""
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            signal_group(process.pid, signal.SIGKILL)
            self._process = None
            returncode = process.wait()
        self._gone.set()
        return returncode

    def _tell_secrets(self) -> None:
        if self._secrets:
            self._say(f"{SECRETS}{json.dumps(self._secrets)}")
            self._secrets = {}

    def _say(self, line: str) -> None:
        """One line on the worker's stdin; a worker that is gone hears nothing."""
        with self._lock, contextlib.suppress(OSError):
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            if self._process is not None:
                signal_group(self._process.pid, number)

    def _stop(self) -> None:
        self._say(CANCEL)
        if not self._gone.wait(CANCEL_GRACE):
            self._signal(signal.SIGTERM)
        if not self._gone.wait(TERMINATE_GRACE):
            self._signal(signal.SIGKILL)

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE):
                try:
                    event = event_from_json(line)
                except ValueError:
                    self._log(b"This is no event: " + line[:200])
                else:
                    self._take(event)

    def _take(self, event: Event) -> None:
        if self._last is not None:
            return
        if isinstance(event, LastEvent):
            self._last = event
            threading.Thread(target=self._hurry, daemon=True).start()
            return
        if isinstance(event, Step):
            self._step = event.title
        self._deliver(event)

    def _hurry(self) -> None:
        """A worker that has said all and does not end (native libraries) is ended."""
        if not self._gone.wait(EXIT_GRACE):
            self._signal(signal.SIGKILL)

    def _log(self, line: bytes) -> None:
        with contextlib.suppress(OSError), (self.partial_folder / LOG_FILE).open("ab") as log:
            log.write(line.rstrip() + b"\n")

    def _deliver(self, event: Event) -> None:
        self._events.append(event)
        try:
            self._listener(event)
        except Exception:  # a listener's fault must not cost the job
            _LOGGER.exception("A listener failed on %s", event.type)


def run_job(
    kind: str,
    request: Data,
    folder: Path,
    listener: Listener | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Data:
    """Do a job and return its outcome, of the kind's outcome type.

    Raises what the last event says: WorkerDied, GoalNotMet, InputError, JobCancelled. A keyboard
    interrupt cancels the job first.
    """
    job = Job(kind, request, folder, secrets=secrets)
    job.start(listener)
    return outcome_of(job)


def outcome_of(job: Job) -> Data:
    """Wait for a started job and return its outcome; raises like `run_job`."""
    try:
        last = job.wait()
    except KeyboardInterrupt:
        job.cancel()
        last = job.wait()
    match last:
        case Finished():
            return value_of(kind_called(job.kind).outcome_type, last.outcome)
        case Cancelled():
            raise JobCancelled
        case Failed():
            raise error_of(last)


def _ignore(event: Event) -> None:
    pass
