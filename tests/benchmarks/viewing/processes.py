"""Processor time and memory of a program with all its children."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from core.processes import cpu_seconds

SAMPLED = 0.25
"""Seconds between two looks at the memory."""


def tree_of(pid: int) -> list[psutil.Process]:
    """A process with its living descendants."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def processor_seconds(pids: Sequence[int]) -> float:
    """User and system time of these programs so far, ended children included."""
    total = 0.0
    for pid in pids:
        for process in tree_of(pid):
            try:
                times = process.cpu_times()
                total += cpu_seconds(process.pid)
            except (OSError, psutil.NoSuchProcess):
                continue
            total += times.children_user + times.children_system
    return total


def memory_mb(pids: Sequence[int]) -> float:
    """Proportional set size of these programs now, in MiB: shared pages are shared out."""
    found = 0
    for pid in pids:
        for process in tree_of(pid):
            try:
                text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            except OSError:
                continue
            found += int(text.split("\nPss:")[1].split()[0])
    return found / 1024


class Watch:
    """Counts what programs use from its beginning on; `with Watch(pids) as watch:`."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.peak_mb = 0.0

    def __enter__(self) -> Self:
        self.peak_mb = memory_mb(self._pids)
        self._cpu = processor_seconds(self._pids)
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def cpu(self) -> float:
        return processor_seconds(self._pids) - self._cpu

    def _sample(self) -> None:
        while not self._over.wait(SAMPLED):
            self.peak_mb = max(self.peak_mb, memory_mb(self._pids))


def end_tree(pid: int) -> None:
    """Kill a program with all its children."""
    for process in reversed(tree_of(pid)):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Look again and again; False when the time is over first."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if condition():
            return True
        time.sleep(pause)
    return condition()
