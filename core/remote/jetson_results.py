"""Turns what was timed on a Jetson into the results that every benchmark gives."""

from collections.abc import Sequence
from statistics import median

from core.benchmark.energy import energy_of
from core.benchmark.protocol import rounds_in_words
from core.benchmark.provenance import bytes_on_disk, library_versions, now_in_words
from core.benchmark.results import BenchmarkResult, Energy, Provenance
from core.benchmark.statistics import (
    SAMPLES_FOR_P90,
    SAMPLES_FOR_P99,
    latency,
    percentile_ms,
    throughput,
)
from core.devices.base import DeviceState
from core.devices.power.reading import PowerTrace
from core.plan.plan import RuntimeChoice
from core.remote.board import Board
from core.remote.jetson_identity import Jetson, JetsonMode
from core.remote.jetson_timing import EngineTimes, TimedEngine
from core.runtimes.base import ExecutedLayer

_MOST_READINGS = 600
"""Kept with a result, for its plot."""


class Conversion:
    """Makes the results of one benchmark on one board."""

    def __init__(
        self, board: Board, jetson: Jetson, mode: JetsonMode | None, times: EngineTimes
    ) -> None:
        self._board = board
        self._jetson = jetson
        self._mode = mode
        self._times = times
        self._trace = times.trace.thinned(_MOST_READINGS)

    def result(
        self, engine: TimedEngine, choice: RuntimeChoice, layers: Sequence[ExecutedLayer] = ()
    ) -> BenchmarkResult:
        """`choice` is what was asked for, `layers` what the engine consists of."""
        contender = engine.contender
        blocks = self._times.samples.of(contender.id)
        rate = throughput(blocks, choice.batch)
        warnings = [warning for verdict in engine.verdicts for warning in verdict.warnings]
        return BenchmarkResult(
            contender=contender.id,
            latency_ms=latency(blocks),
            p90_ms=percentile_ms(blocks, 0.9, SAMPLES_FOR_P90),
            p99_ms=percentile_ms(blocks, 0.99, SAMPLES_FOR_P99),
            samples=sum(len(block.samples_ms) for block in blocks),
            blocks=len(blocks),
            compile_ms=contender.record.build_seconds * 1000,
            first_ms=None,
            throughput=None if rate is None else rate.value,
            throughput_interval=rate,
            peak_memory_bytes=round(median(engine.memory_bytes)) if engine.memory_bytes else None,
            file_bytes=bytes_on_disk(contender.model),
            steady=all(warning.kind != "unstable" for warning in warnings),
            warnings=(
                *dict.fromkeys(f"TensorRT: {warning.text}" for warning in warnings),
                *self._sentences(engine),
            ),
            provenance=self._provenance(engine, choice),
            layers=tuple(layers),
            energy=self._energy(engine, choice.batch),
        )

    def _sentences(self, engine: TimedEngine) -> list[str]:
        record = engine.contender.record
        found = [*self._times.notes, *rounds_in_words(self._times.samples)]
        if self._times.slowed:
            found.append("The board was slowed down for its heat or power meanwhile.")
        if record.on_gpu:
            found.append(
                f"{len(record.on_gpu)} layers of the engine run on the GPU, because the DLA cannot "
                f"take them; {len(record.on_dla)} run on the DLA."
            )
        return found

    def _energy(self, engine: TimedEngine, batch: int) -> Energy:
        times = self._times
        measured = energy_of(
            times.samples.of(engine.contender.id),
            batch,
            covers=times.trace.covers,
            missing=times.trace.missing,
            celsius_before=times.idle.typical(lambda one: one.hottest_celsius),
            throttled=times.slowed,
        )
        return measured.model_copy(
            update={
                "idle_watts": times.idle.typical(lambda one: one.watts),
                "power_mode": self._mode.name if self._mode else "",
                "unread": times.trace.unread,
                "trace": self._trace if self._trace.readings else None,
            }
        )

    def _provenance(self, engine: TimedEngine, choice: RuntimeChoice) -> Provenance:
        jetson = self._jetson
        known = {
            "TensorRT": str(jetson.tensorrt or ""),
            "JetPack": jetson.jetpack,
            "Jetson Linux": jetson.l4t,
        }
        own = library_versions().get("edgewright")
        return Provenance(
            device=jetson.facts(self._board),
            before=_state(jetson, self._times.idle),
            after=_state(jetson, self._times.trace, throttled=self._times.slowed),
            model_sha256=engine.contender.record.model_sha256,
            runtime=choice,
            runtime_version=str(jetson.tensorrt or ""),
            threads=0,
            versions={
                **({"edgewright": own} if own else {}),
                **{name: version for name, version in known.items() if version},
            },
            taken_at=now_in_words(),
        )


def _state(jetson: Jetson, trace: PowerTrace, *, throttled: bool | None = None) -> DeviceState:
    last = trace.readings[-1] if trace.readings else None
    return jetson.state().model_copy(
        update={
            "clock_mhz": last and last.gpu_mhz,
            "temperature_celsius": last and last.hottest_celsius,
            "throttled": throttled,
        }
    )
