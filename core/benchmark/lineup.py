"""Contenders that are started together and take turns, each in a process of its own."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from core.benchmark.contender_process import (
    Contender,
    ContenderProcess,
    Launch,
    launch_contender,
)
from core.benchmark.load import RoundWatch, Watch, fastest_clock_mhz
from core.benchmark.messages import Loaded, Timed
from core.benchmark.samples import TimedBlock
from core.errors import UserError

_STEADY_DIFFERENCE = 0.02
_LONGEST_WAIT_SECONDS = 0.5
"""ONNX Runtime's threads spin for some 50 ms; who is not quiet after this never will be."""
_LONGEST_IMPORT_SECONDS = 5.0
_LISTEN_SECONDS = 0.004
_QUIET_SHARE = 0.05


@dataclass(frozen=True)
class Pace:
    """How long things take in a benchmark."""

    block_seconds: float = 0.25
    pause_seconds: float = 0.03
    """Every process rests at least so long before the next block of any."""
    warm_blocks: int = 8
    """A contender is warmed up until two blocks agree within 2 %, but no longer than this."""


@dataclass
class Runner:
    """One live contender."""

    process: ContenderProcess
    loaded: Loaded
    steady: bool = False

    @property
    def id(self) -> str:
        return self.process.contender.id


class Lineup:
    """Some contenders, started together. Who fails leaves it; `failures` says why.

    Use as a context manager: leaving ends all processes.
    """

    def __init__(
        self,
        pace: Pace,
        check_cancelled: Callable[[], None],
        launch: Launch = launch_contender,
        watch: Watch = RoundWatch,
    ) -> None:
        self.runners: list[Runner] = []
        self.failures: dict[str, UserError] = {}
        self._prepared: dict[str, ContenderProcess] = {}
        self._pace = pace
        self._check_cancelled = check_cancelled
        self._launch = launch
        self._watch = watch
        self._stack = ExitStack()

    def __enter__(self) -> "Lineup":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def prepare(self, contenders: Sequence[Contender]) -> None:
        """Start processes at once; what they import takes longer than what is then measured."""
        for contender in contenders:
            process = ContenderProcess(contender, self._check_cancelled, self._launch)
            self._stack.callback(process.close)
            self._prepared[contender.id] = process
        _wait_until_quiet(list(self._prepared.values()), _LONGEST_IMPORT_SECONDS)

    def start(self, contender: Contender, feeds: Path | None) -> None:
        """Load a contender's model in its process and warm it up until it is steady."""
        if contender.id not in self._prepared:
            self.prepare([contender])
        process = self._prepared.pop(contender.id)
        try:
            runner = Runner(process, process.load(feeds))
            self.runners.append(runner)
            self._warm_up(runner)
        except UserError as failure:
            self._drop(contender.id, failure)

    def _warm_up(self, runner: Runner) -> None:
        last = None
        for _ in range(self._pace.warm_blocks):
            now = median(self._block(runner).samples_ms)
            if last is not None and abs(now - last) < _STEADY_DIFFERENCE * last:
                runner.steady = True
                return
            last = now

    def round(
        self, process: int, number: int, on_turn: Callable[[Contender], None]
    ) -> list[TimedBlock]:
        """One block of everybody, in an order drawn at random."""
        watch = self._watch(self._own_seconds)
        taken: dict[str, tuple[Timed, float | None]] = {}
        for runner in random.sample(self.runners, len(self.runners)):
            on_turn(runner.process.contender)
            try:
                taken[runner.id] = self._block(runner), fastest_clock_mhz()
            except UserError as failure:
                self._drop(runner.id, failure)
        shared = watch.conditions()
        return [
            TimedBlock(
                contender=contender,
                process=process,
                round=number,
                samples_ms=timed.samples_ms,
                rate=timed.rate,
                watts=timed.watts,
                conditions=shared.model_copy(update={"cores": timed.cores, "clock_mhz": clock}),
            )
            for contender, (timed, clock) in taken.items()
        ]

    def _block(self, runner: Runner) -> Timed:
        time.sleep(self._pace.pause_seconds)
        self.wait_until_quiet(runner)
        return runner.process.timed(self._pace.block_seconds)

    def wait_until_quiet(self, next_one: Runner) -> None:
        """Wait until the processes of all others neither use nor want the processor."""
        others = [runner.process for runner in self.runners if runner is not next_one]
        _wait_until_quiet(others, _LONGEST_WAIT_SECONDS)

    def _own_seconds(self) -> float:
        return time.process_time() + _cpu_seconds([runner.process for runner in self.runners])

    def _drop(self, contender: str, failure: UserError) -> None:
        self.failures[contender] = failure
        self.runners = [runner for runner in self.runners if runner.id != contender]


def _wait_until_quiet(processes: Sequence[ContenderProcess], longest: float) -> None:
    end = time.monotonic() + longest
    while processes and time.monotonic() < end:
        used, since = _cpu_seconds(processes), time.monotonic()
        time.sleep(_LISTEN_SECONDS)
        idle = _cpu_seconds(processes) - used < _QUIET_SHARE * (time.monotonic() - since)
        if idle and not any(process.wants_processor() for process in processes):
            return


def _cpu_seconds(processes: Sequence[ContenderProcess]) -> float:
    return sum(process.cpu_seconds() for process in processes)
