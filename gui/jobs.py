"""Brings jobs and other slow work to the window's thread as Qt signals."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import UserError
from core.jobs.events import Cancelled, Event, Failed, Finished, Progress, Started, Step
from core.jobs.failures import failure_of as failure_event
from core.jobs.runner import Job, Listener
from core.jobs.standby import Standby
from core.plain import Data, value_of

Prepare = Callable[[Any, Path], object]
"""Turns a job's outcome and run folder into what the window shows; runs off the window's thread."""

Launch = Callable[[Listener], Job]
"""Starts a job with this listener; runs off the window's thread and may raise UserError."""

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="errand")


class RunningJob(QObject):
    """A job as the window sees it. Signals arrive on the window's thread, in the job's order."""

    told = Signal(object)
    """Every event."""
    finished = Signal(object)
    """What `prepare` made of the outcome."""
    failed = Signal(object)
    """The Failed event."""
    cancelled = Signal()
    ended = Signal()
    """After the one of the three that came last."""
    _arrived = Signal(object, object)

    def __init__(self, kind: str, title: str, launch: Launch, prepare: Prepare) -> None:
        super().__init__()
        self.kind = kind
        self.title = title
        self.step = ""
        self.progress: Progress | None = None
        self.is_cancelling = False
        self._launch = launch
        self._prepare = prepare
        self._job: Job | None = None
        self._launched = threading.Event()
        self._arrived.connect(self._receive)

    def start(self, threads: Executor = _threads) -> None:
        """Launch on one of `threads`; call it once, after connecting."""
        threads.submit(self._start)

    def cancel(self) -> None:
        self.is_cancelling = True
        if self._job is not None:
            self._job.cancel()

    def _start(self) -> None:
        try:
            self._job = self._launch(self._listen)
        except Exception as error:  # the edge of the thread: the window must hear an end
            self._arrived.emit(failure_of(error), None)
        else:
            if self.is_cancelling:
                self._job.cancel()
        finally:
            self._launched.set()

    def _listen(self, event: Event) -> None:
        """Runs on the job's thread."""
        prepared: object = None
        if isinstance(event, Finished):
            try:
                prepared = self._prepared(event)
            except Exception as error:  # the edge of the job's thread
                event = failure_of(error)
        self._arrived.emit(event, prepared)

    def _prepared(self, event: Finished) -> object:
        from core.jobs.kinds import kind_called

        self._launched.wait()
        assert self._job is not None
        outcome = value_of(kind_called(self.kind).outcome_type, event.outcome)
        return self._prepare(outcome, self._job.folder)

    def _receive(self, event: Event, prepared: object) -> None:
        match event:
            case Started(steps=steps):
                self.step = steps[0] if steps else ""
            case Step(title=title):
                self.step = title
            case Progress():
                self.progress = event
            case _:
                pass
        self.told.emit(event)
        match event:
            case Finished():
                self.finished.emit(prepared)
            case Failed():
                self.failed.emit(event)
            case Cancelled():
                self.cancelled.emit()
            case _:
                return
        self.ended.emit()


class Jobs(QObject):
    """The jobs that run now."""

    started = Signal(object)
    """A RunningJob, before its first event."""
    changed = Signal()
    """One began, told something, or ended."""

    def __init__(self) -> None:
        super().__init__()
        self._running: list[RunningJob] = []

    @property
    def running(self) -> tuple[RunningJob, ...]:
        return tuple(self._running)

    def of_kind(self, kind: str) -> RunningJob | None:
        return next((job for job in self._running if job.kind == kind), None)

    def add(self, kind: str, title: str, launch: Launch, prepare: Prepare) -> RunningJob:
        """Take over a job; the caller connects to it, then calls its `start`."""
        job = RunningJob(kind, title, launch, prepare)
        self._running.append(job)
        job.told.connect(self.changed)
        job.ended.connect(lambda: self._forget(job))
        self.started.emit(job)
        return job

    def cancel_all(self) -> None:
        for job in self._running:
            job.cancel()

    def _forget(self, job: RunningJob) -> None:
        self._running.remove(job)
        self.changed.emit()


class Errand(QObject):
    """One slow call on another thread: reading a folder, copying a model."""

    done = Signal(object)
    failed = Signal(object)
    """A Failed event, as jobs have it."""
    _over = Signal()
    """Comes after every slot of the other two; then nobody needs the errand any more."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work = work
        self._over.connect(lambda: _errands.discard(self))

    def start(self, threads: Executor = _threads) -> None:
        _errands.add(self)
        threads.submit(self._run)

    def _run(self) -> None:
        try:
            self.done.emit(self._work())
        except Exception as error:  # the edge of the thread
            self.failed.emit(failure_of(error))
        finally:
            self._over.emit()


_errands: set[Errand] = set()
"""Keeps errands alive until they end."""


def job_launch(
    kind: str,
    request: Data,
    folder: Path,
    standby: Standby | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Launch:
    """For a job outside a project: in a folder of its own."""

    def launch(listener: Listener) -> Job:
        job = Job(kind, request, folder, standby=standby, secrets=secrets)
        job.start(listener)
        return job

    return launch


def failure_of(error: Exception) -> Failed:
    """What a job would have said, for an error on this side."""
    if isinstance(error, UserError):
        return failure_event(error)
    return Failed(
        what="Edgewright made a mistake.",
        why=f"{type(error).__name__}: {error}",
        remedy="Try again; if it happens again, report it with the log.",
        defect=True,
    )
