"""Times TensorRT engines on a Jetson so that their figures can be compared.

Every run of trtexec is a fresh process and one block of a contender. In each round all contenders
run once, in an order drawn anew, because boards warm up. Before and after each run the board is
asked whether it was started anew or slowed down, and meanwhile its sensors are read; rounds under
bad conditions are repeated and left out of the figures (core.benchmark.conditions).
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from core.benchmark.conditions import Conditions, disturbances
from core.benchmark.samples import Samples, TimedBlock
from core.benchmark.sampling import Progress
from core.devices.power.reading import PowerTrace
from core.errors import BoardError, UserError
from core.remote.board_files import make_folder, remove
from core.remote.connection import Connection
from core.remote.jetson_conditions import BoardConditions, check_same_boot, conditions_of
from core.remote.jetson_identity import Jetson
from core.remote.jetson_watch import PowerWatch
from core.tensorrt.commands import timing_command
from core.tensorrt.ledger import EngineRecord
from core.tensorrt.log import Verdict, verdict_of
from core.tensorrt.outputs import InferenceTime, times_of
from core.tensorrt.settings import ResultFiles, TimingSettings

ROUNDS = 5
"""Fewer runs of each make intervals too narrow (core.benchmark.statistics)."""
_EXTRA_ROUNDS = 1.0
"""Void rounds are repeated, up to this share of all."""
_IDLE_READINGS = 8
_IDLE_SECONDS = 1.0
_LAST_READING_SECONDS = 0.5
_OWN_CORES = 1.2
"""trtexec waits for the GPU by spinning on one core."""
_BEGINS = "Starting inference"
_ENDS = "=== Trace details ==="


@dataclass(frozen=True)
class EngineContender:
    """An engine to be timed."""

    id: str
    label: str
    model: Path
    """The ONNX file that it was built from."""
    record: EngineRecord


@dataclass
class TimedEngine:
    """What is learnt about one contender."""

    contender: EngineContender
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    memory_bytes: list[int] = field(default_factory=list[int])
    """What the board's memory grew by in each run, where it was read."""


@dataclass(frozen=True)
class EngineTimes:
    """All that was timed, and under which conditions."""

    samples: Samples
    engines: dict[str, TimedEngine]
    """Those that could be timed."""
    trace: PowerTrace
    idle: PowerTrace
    """Its part before anything ran."""
    slowed: bool | None
    """Whether heat or power slowed the board down; None where it cannot tell."""
    notes: tuple[str, ...]


def time_engines(
    connection: Connection,
    jetson: Jetson,
    contenders: Sequence[EngineContender],
    settings: TimingSettings,
    *,
    rounds: int = ROUNDS,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> EngineTimes:
    """Time all engines in turns; takes about rounds × engines × (seconds of `settings` + 5) s.

    A contender that fails is left out from then on and stands in `failures` of the samples.
    Raises BoardRestarted and other kinds of BoardError when the board fails, and the first
    failure when every contender failed.
    """
    with PowerWatch(connection) as watch:
        work = _Timing(connection, jetson, settings, watch, check_cancelled)
        return work.run(contenders, rounds, progress)


class _Timing:
    """One benchmark in the making."""

    def __init__(
        self,
        connection: Connection,
        jetson: Jetson,
        settings: TimingSettings,
        watch: PowerWatch,
        check_cancelled: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._version, self._trtexec = jetson.ready()
        self._settings = settings
        self._watch = watch
        self._check_cancelled = check_cancelled
        self._failures: dict[str, UserError] = {}
        self._slowed: list[bool] = []
        self._folder = f"{connection.folder}/runs"

    def run(
        self, contenders: Sequence[EngineContender], rounds: int, progress: Progress
    ) -> EngineTimes:
        make_folder(self._connection, self._folder)
        first = conditions_of(self._connection)
        idle = self._idle()
        engines = {one.id: TimedEngine(one) for one in contenders}
        blocks: list[TimedBlock] = []
        turns = rounds + int(rounds * _EXTRA_ROUNDS)
        for turn in range(turns):
            void = len(disturbances(blocks))
            hopeless = turn >= rounds and (turn - void) * 2 < turn
            left = [one for one in engines.values() if one.contender.id not in self._failures]
            if turn - void >= rounds or hopeless or not left:
                break
            for number, engine in enumerate(random.sample(left, len(left))):
                done = min(turn, rounds) * len(left) + number
                text = f"Timing {engine.contender.label}"
                progress(min(done, rounds * len(left)), rounds * len(left), text)
                blocks += self._block(engine, turn, first)
        if len(self._failures) == len(contenders):
            raise next(iter(self._failures.values()))
        return EngineTimes(
            samples=Samples.judged(
                [block for block in blocks if block.contender not in self._failures],
                {id: str(failure) for id, failure in self._failures.items()},
            ),
            engines={id: one for id, one in engines.items() if id not in self._failures},
            trace=self._watch.trace(),
            idle=idle,
            slowed=any(self._slowed) if self._slowed else None,
            notes=tuple(filter(None, (first.mismatch,))),
        )

    def _idle(self) -> PowerTrace:
        """The readings of a moment in which nothing of ours runs."""
        end = time.monotonic() + _IDLE_SECONDS
        while time.monotonic() < end and len(self._watch.trace().readings) < _IDLE_READINGS:
            self._check_cancelled()
            time.sleep(0.02)
        return self._watch.trace()

    def _block(self, engine: TimedEngine, turn: int, first: BoardConditions) -> list[TimedBlock]:
        """One run; empty when it failed."""
        run = _Run(self._connection, f"{self._folder}/{engine.contender.record.id}.times.json")
        before = conditions_of(self._connection)
        check_same_boot(first, before, self._connection.board.name)
        try:
            times = run.take(self._command(engine, run), self._check_cancelled)
        except BoardError:
            raise
        except UserError as failure:
            self._failures[engine.contender.id] = failure
            return []
        after = conditions_of(self._connection)
        check_same_boot(first, after, self._connection.board.name)
        slowed = after.slowed_since(before)
        self._slowed += [] if slowed is None else [slowed]
        trace = self._readings(run)
        engine.verdicts.append(run.verdict)
        engine.memory_bytes += run.memory_grown(trace)
        return [run.block(engine.contender.id, turn, times, trace, slowed=bool(slowed))]

    def _command(self, engine: TimedEngine, run: "_Run") -> list[str]:
        record = engine.contender.record
        shapes = {name: sizes.best for name, sizes in record.settings.shapes.items()}
        settings = self._settings.model_copy(update={"shapes": shapes, "dla": record.settings.dla})
        files = ResultFiles(times=run.file)
        return timing_command(self._version, record.file, settings, files, trtexec=self._trtexec)

    def _readings(self, run: "_Run") -> PowerTrace:
        """The trace, once it reaches beyond the run; sensors are slower than the network."""
        end = time.monotonic() + _LAST_READING_SECONDS
        while time.monotonic() < end:
            readings = self._watch.trace().readings
            if readings and readings[-1].at > run.ended:
                break
            time.sleep(0.01)
        return self._watch.trace()


class _Run:
    """One run of trtexec, with the moments at which it said how far it is."""

    def __init__(self, connection: Connection, file: str) -> None:
        self._connection = connection
        self._log: list[str] = []
        self._started = time.monotonic()
        self.began = self.ended = self._started
        """Of the inferences, with those that warm up."""
        self.file = file
        self.verdict: Verdict

    def take(
        self, command: Sequence[str], check_cancelled: Callable[[], None]
    ) -> tuple[InferenceTime, ...]:
        """Raises UserError when trtexec fails, BoardError when the board does."""
        process = self._connection.start(command, self._hear)
        code = process.wait(check_cancelled)
        if self.ended <= self.began:
            self.ended = time.monotonic()
        self.verdict = verdict_of(self._log, "time", code)
        if not self.verdict.passed:
            raise UserError(
                "TensorRT could not run this engine.",
                " ".join(self.verdict.problems)[:600] or "It gives no reason.",
                "Build the engine anew on this board.",
            )
        text = self._connection.read(self.file)
        remove(self._connection, self.file)
        times = times_of(text or "")
        if not times:
            raise UserError(
                "TensorRT timed nothing.",
                "trtexec wrote no times although it says that it passed.",
                "Measure again; if it happens again, start the board anew.",
            )
        return times

    def _hear(self, line: str) -> None:
        self._log.append(line)
        if _BEGINS in line:
            self.began = time.monotonic()
        elif _ENDS in line:
            self.ended = time.monotonic()

    def block(
        self,
        contender: str,
        turn: int,
        times: Sequence[InferenceTime],
        trace: PowerTrace,
        *,
        slowed: bool,
    ) -> TimedBlock:
        seconds = (times[-1].end_compute_ms - times[0].start_compute_ms) / 1000
        # The timed part is the last of the run.
        start = max(self.began, self.ended - seconds)
        joules = trace.joules(start, self.ended)
        during = trace.between(start, self.ended)
        return TimedBlock(
            contender=contender,
            process=turn,
            round=0,
            samples_ms=tuple(each.latency_ms for each in times),
            rate=len(times) / seconds if seconds > 0 else None,
            watts=None if joules is None else joules / (self.ended - start),
            conditions=Conditions(
                clock_mhz=during.typical(lambda one: one.gpu_mhz or None),
                other_load=self._others(trace, during),
                temperature_celsius=during.typical(lambda one: one.hottest_celsius),
                throttled=slowed,
            ),
        )

    def _others(self, trace: PowerTrace, during: PowerTrace) -> float:
        """How busy others kept the board: its GPU before ours began, its processors meanwhile."""
        before = [
            one.gpu_load
            for one in trace.between(self._started, self.began).readings
            if one.gpu_load is not None
        ]
        cores = [
            max(0.0, one.cpu_load * one.cores_on - _OWN_CORES) / one.cores_on
            for one in during.readings
            if one.cpu_load is not None and one.cores_on
        ]
        return max(min(before, default=0.0), median(cores) if cores else 0.0)

    def memory_grown(self, trace: PowerTrace) -> list[int]:
        """Bytes of the board's memory that the run took, at most; empty where it was not read."""
        used = [one for one in trace.readings if one.memory_used_bytes is not None]
        before = [one.memory_used_bytes for one in used if one.at <= self._started]
        during = [one.memory_used_bytes for one in used if self._started < one.at <= self.ended]
        known = [bytes for bytes in during if bytes is not None]
        if not before or not known or before[-1] is None:
            return []
        return [max(0, max(known) - before[-1])]
