"""How contenders are measured so that their figures can be compared.

Every contender runs in a process of its own. All are started afresh several times, because two
processes that run the same code can differ for as long as they live, by where their memory and
threads happen to lie. After a warm-up, the blocks of all contenders take turns in an order drawn
anew for every round; where times jump, rounds go on until intervals are narrow. Before each block
every other process must have gone quiet: ONNX Runtime's threads spin for some 50 ms after a call
and rob whoever is measured next. Nothing that was timed is thrown away; rounds under bad conditions
(core.benchmark.conditions) are marked, repeated, and left out of the figures where enough others
are. Where not, no verdict is given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from core.benchmark.conditions import CLOCK_CHANGE, DISTURBING_LOAD, LEAST_SHARE, Disturbance
from core.benchmark.contender_process import Contender, Launch, launch_contender
from core.benchmark.energy import energy_of
from core.benchmark.lineup import Lineup, Pace
from core.benchmark.load import RoundWatch, Watch
from core.benchmark.provenance import Place, bytes_on_disk
from core.benchmark.results import BenchmarkResult
from core.benchmark.samples import Samples
from core.benchmark.sampling import Notes, Progress, Sampling
from core.benchmark.statistics import (
    SAMPLES_FOR_P90,
    SAMPLES_FOR_P99,
    jumps,
    latency,
    percentile_ms,
    throughput,
)
from core.benchmark.team import Gather
from core.devices.base import DeviceState
from core.errors import UserError

PATIENCE = 120.0
"""Seconds that a benchmark goes on by default where times jump."""
PROCESSES = 5
"""Fresh starts of everybody; with fewer, intervals are too narrow (core.benchmark.statistics)."""


_JUMPY = 0.06
"""Ordinary is 0.01; where other virtual machines shared the processor, 0.1 to 0.2 was read."""
_DISTURBANCES: Mapping[Disturbance, str] = {
    "load": f"other programs used more than {100 * DISTURBING_LOAD:.0f} % of the processor",
    "stolen": "the host gave the processor to other virtual machines",
    "share": f"a model got less than {100 * LEAST_SHARE:.0f} % of its usual processor time",
    "clock": f"the processor’s clock moved by more than {100 * CLOCK_CHANGE:.0f} %",
    "heat": "the processor’s temperature moved, or slowed it down",
}


@dataclass(frozen=True)
class Screened:
    """A quick look at one contender."""

    contender: str
    latency_ms: float | None
    """Median of few blocks; None when it failed."""
    failure: UserError | None = None


def measure(
    contenders: Sequence[Contender],
    *,
    blocks: int = 20,
    block_seconds: float = 0.25,
    pause: float = 0.03,
    processes: int = PROCESSES,
    patience: float = 0.0,
    feeds: Path | None = None,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    launch: Launch = launch_contender,
    watch: Watch = RoundWatch,
    gather: Gather | None = None,
    place: Place | None = None,
) -> tuple[list[BenchmarkResult], Samples]:
    """The full protocol; takes about `blocks` × contenders × 0.3 s, and the starts.

    Where times jump so that intervals are wide after that, it goes on for up to `patience` seconds.

    `feeds` is a .npy file of inputs, shape (samples, …), for models with one input; None means
    made-up inputs. `gather` and `place` say where everybody runs, by default on this computer;
    `launch` and `watch` are for that. A contender that fails has no result and stands in `failures`
    of the samples; when all failed, the first failure is raised.
    """
    place = place or Place.here()
    work = Sampling(
        contenders=contenders,
        rounds=_shared(blocks, min(processes, blocks)),
        pace=Pace(block_seconds, pause),
        patience=patience,
        feeds=feeds,
        progress=progress,
        check_cancelled=check_cancelled,
        gather=gather or partial(Lineup, launch=launch, watch=watch),
    )
    samples = work.run(report=True)
    if len(work.failures) == len(contenders):
        raise next(iter(work.failures.values()))
    after = place.state()
    results = [
        _result(work.notes[contender.id], samples, place, after)
        for contender in contenders
        if contender.id not in work.failures
    ]
    return results, samples


def screen(
    contenders: Sequence[Contender],
    *,
    blocks: int = 3,
    block_seconds: float = 0.15,
    feeds: Path | None = None,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    launch: Launch = launch_contender,
    gather: Gather | None = None,
) -> list[Screened]:
    """A quick look at each contender, good enough to leave out the hopeless.

    One that fails raises nothing: its failure stands in its place. `launch` and `gather` as in
    `measure`.
    """
    work = Sampling(
        contenders=contenders,
        rounds=[blocks],
        pace=Pace(block_seconds, warm_blocks=3),
        feeds=feeds,
        progress=progress,
        check_cancelled=check_cancelled,
        gather=gather or partial(Lineup, launch=launch),
    )
    samples = work.run(report=False)
    return [
        Screened(contender.id, None, work.failures[contender.id])
        if contender.id in work.failures
        else Screened(contender.id, latency(samples.of(contender.id)).value)
        for contender in contenders
    ]


def conditions_in_words(samples: Samples, after: DeviceState) -> tuple[str, ...]:
    """What has to be said about the conditions under which all were timed."""
    found = list(rounds_in_words(samples))
    if not samples.disturbed and (jumped := jumps(samples)) > _JUMPY:
        found.append(
            f"Times jumped by some {100 * jumped:.0f} % from block to block though no other "
            "program was busy: the processor’s speed changes, or others share the machine. The "
            "intervals are wide for that."
        )
    if after.throttled:
        found.append("The processor was slowed down for its heat meanwhile.")
    return tuple(found)


def rounds_in_words(samples: Samples) -> tuple[str, ...]:
    """What has to be said about rounds that were void."""
    why = _disturbances_in_words(samples)
    if samples.disturbed:
        bad = f"{samples.rounds_disturbed} of {samples.rounds}"
        return (
            f"Conditions were bad in {bad} rounds ({why}), so the times are longer and less "
            "certain than in quiet ones.",
        )
    if count := samples.rounds_left_out:
        return (f"Rounds left out of the figures: {count} of {samples.rounds} ({why}).",)
    return ()


def _disturbances_in_words(samples: Samples) -> str:
    found = {reason for block in samples.blocks for reason in block.disturbances} or {"load"}
    return "; ".join(_DISTURBANCES[reason] for reason in _DISTURBANCES if reason in found)


def _shared(blocks: int, processes: int) -> list[int]:
    """How many blocks each process takes, as equal as can be."""
    return [len(range(first, blocks, processes)) for first in range(processes)]


def _result(notes: Notes, samples: Samples, place: Place, after: DeviceState) -> BenchmarkResult:
    contender = notes.contender
    blocks = samples.of(contender.id)
    first = notes.loaded[0]
    rate = throughput(blocks, contender.choice.batch)
    return BenchmarkResult(
        contender=contender.id,
        latency_ms=latency(blocks),
        p90_ms=percentile_ms(blocks, 0.9, SAMPLES_FOR_P90),
        p99_ms=percentile_ms(blocks, 0.99, SAMPLES_FOR_P99),
        samples=sum(len(block.samples_ms) for block in blocks),
        blocks=len(blocks),
        compile_ms=median(loaded.compile_ms for loaded in notes.loaded),
        first_ms=median(loaded.first_ms for loaded in notes.loaded),
        throughput=None if rate is None else rate.value,
        throughput_interval=rate,
        peak_memory_bytes=notes.peak_bytes,
        file_bytes=bytes_on_disk(contender.model),
        steady=notes.steady,
        warnings=(*notes.sentences(), *conditions_in_words(samples, after)),
        provenance=place.provenance(
            after, contender.model, contender.choice, first.version, first.threads
        ),
        layers=notes.layers,
        energy=energy_of(
            blocks,
            contender.choice.batch,
            covers=first.power_covers,
            missing=first.power_missing,
            celsius_before=place.before.temperature_celsius,
            throttled=after.throttled,
        ),
    )
