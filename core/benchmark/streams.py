"""Inferences of one model, timed one by one while all its streams are busy."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from core.benchmark.messages import Timed

Inference = Callable[[int], None]
"""Runs once; the number says which input to take."""

LEAD_SHARE = 0.2
"""Part of a block, before its timed part, in which caches fill and threads wake up again."""


@dataclass(frozen=True)
class _Lane:
    """What one stream did."""

    samples_ms: list[float]
    seconds: float
    """From the common start to the end of its last inference."""
    cores: float
    """Processor seconds that the whole process used in each of these."""

    @property
    def rate(self) -> float:
        return len(self.samples_ms) / self.seconds


class Streams:
    """Streams of one contender; with several, each has a thread of its own."""

    def __init__(self, inferences: Sequence[Inference]) -> None:
        self._inferences = inferences
        self._barrier = threading.Barrier(len(inferences))
        self._threads = ThreadPoolExecutor(len(inferences)) if len(inferences) > 1 else None

    def run(self, seconds: float) -> Timed:
        """At least one inference of each, however long it takes.

        The rate is the sum of what each stream did in its own time: none of them is counted
        while it waits for a slower one to end.
        """
        lanes = self._run_all(seconds)
        return Timed(
            samples_ms=tuple(sample for lane in lanes for sample in lane.samples_ms),
            rate=sum(lane.rate for lane in lanes),
            cores=lanes[0].cores,
        )

    def _run_all(self, seconds: float) -> list[_Lane]:
        if self._threads is None:
            return [self._lane(0, seconds)]
        numbers = range(len(self._inferences))
        work = [self._threads.submit(self._lane, number, seconds) for number in numbers]
        wait(work)
        for lane in work:
            error = lane.exception()
            if error is not None and not isinstance(error, threading.BrokenBarrierError):
                raise error  # the others only waited in vain for this one
        return [lane.result() for lane in work]

    def _lane(self, number: int, seconds: float) -> _Lane:
        try:
            self._repeat(number, seconds * LEAD_SHARE)
        except BaseException:
            self._barrier.abort()
            raise
        self._barrier.wait()
        used, start = time.process_time(), time.perf_counter()
        samples = self._repeat(number, seconds)
        wall = time.perf_counter() - start
        return _Lane(samples, wall, (time.process_time() - used) / wall)

    def _repeat(self, number: int, seconds: float) -> list[float]:
        infer = self._inferences[number]
        samples: list[float] = []
        end = time.perf_counter() + seconds
        while not samples or time.perf_counter() < end:
            start = time.perf_counter_ns()
            infer(len(samples))
            samples.append((time.perf_counter_ns() - start) / 1e6)
        return samples
