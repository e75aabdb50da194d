"""What running work reports, turned into events; results are on disk before they are told."""

import math
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from core.errors import JobCancelled
from core.jobs.events import (
    Artifact,
    Event,
    Measured,
    Note,
    Progress,
    Step,
    event_from_json,
    json_from_event,
)
from core.jobs.folders import (
    RESULTS_FOLDER,
    SCRATCH_FOLDER,
    flush,
    storage_errors,
    write_atomically,
)
from core.jobs.kinds.base import JobContext
from core.plain import Data, plain_of

PROGRESS_INTERVAL = 0.1
"""Seconds between two progress events of one step."""

_GUESS_AFTER = 0.02
"""Share of the job that must be done before the time left is more than a guess."""


class WorkerContext(JobContext):
    """The context of a job in its worker process. Its methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        steps: Sequence[tuple[str, float]],
        send: Callable[[Event], None],
        cancelled: threading.Event,
    ) -> None:
        self.folder = folder
        self.secrets: Mapping[str, str] = {}
        self._steps = list(steps)
        self._send = send
        self._cancelled = cancelled
        self._began = time.monotonic()
        self._index = -1
        self._last_progress = -math.inf
        self._fraction = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the job started."""
        return time.monotonic() - self._began

    @property
    def current_step(self) -> str:
        return self._steps[self._index][0] if self._index >= 0 else ""

    def secret(self, purpose: str) -> str | None:
        return self.secrets.get(purpose)

    @property
    def scratch(self) -> Path:
        folder = self.folder / SCRATCH_FOLDER
        with storage_errors(folder):
            folder.mkdir(exist_ok=True)
        return folder

    def step(self, title: str, weight: float = 1.0) -> None:
        self.check_cancelled()
        self._index = self._index_of(title, weight)
        self._last_progress = -math.inf
        total = len(self._steps)
        self._send(Step(at=self.elapsed, index=self._index, total=total, title=title))

    def _index_of(self, title: str, weight: float) -> int:
        """Where an announced step to come lies; one that nobody announced is put in next."""
        following = self._index + 1
        for index in range(following, len(self._steps)):
            if self._steps[index][0] == title:
                return index
        self._steps.insert(following, (title, weight))
        return following

    def progress(self, done: float, total: float, text: str = "", unit: str = "") -> None:
        self.check_cancelled()
        now = self.elapsed
        if done < total and now - self._last_progress < PROGRESS_INTERVAL:
            return
        self._last_progress = now
        self._fraction = max(self._fraction, self._fraction_at(done, total))
        self._send(
            Progress(
                at=now,
                done=done,
                total=total,
                unit=unit,
                text=text,
                fraction=self._fraction,
                seconds_left=self._seconds_left(now),
            )
        )

    def _fraction_at(self, done: float, total: float) -> float:
        weights = [weight for _, weight in self._steps]
        index = max(self._index, 0)
        share = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
        whole = sum(weights)
        return (sum(weights[:index]) + share * weights[index]) / whole if whole > 0 else 0.0

    def _seconds_left(self, now: float) -> float | None:
        if self._fraction < _GUESS_AFTER:
            return None
        return now * (1 - self._fraction) / self._fraction

    def note(self, text: str, level: Literal["info", "warning"] = "info") -> None:
        self.check_cancelled()
        self._send(Note(at=self.elapsed, level=level, text=text))

    def artifact(self, name: str, path: Path) -> None:
        self.check_cancelled()
        with storage_errors(path):
            flush(path)
            flush(path.parent)
        relative = path.resolve().relative_to(self.folder.resolve())
        self._send(Artifact(at=self.elapsed, name=name, path=relative.as_posix()))

    def measured(self, what: str, result: Data, title: str = "") -> None:
        self.check_cancelled()
        content = plain_of(result)
        event = Measured(at=self.elapsed, what=what, result=content, title=title)
        results = self.folder / RESULTS_FOLDER
        with storage_errors(results):
            if not results.is_dir():
                results.mkdir(parents=True)
                flush(self.folder)
        write_atomically(results / f"{file_name_of(what)}.json", json_from_event(event).encode())
        self._send(event)

    def check_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise JobCancelled


def read_results(folder: Path) -> dict[str, Measured]:
    """The results that a run, whole or interrupted, has acknowledged, by their `what`.

    A file that cannot be read is left out: its result will be measured again.
    """
    found: dict[str, Measured] = {}
    for path in sorted((folder / RESULTS_FOLDER).glob("*.json")):
        try:
            event = event_from_json(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(event, Measured):
            found[event.what] = event
    return found


def file_name_of(what: str) -> str:
    """A file name for any text; different texts get different names."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda match: f"_{ord(match[0]):x}", what)
