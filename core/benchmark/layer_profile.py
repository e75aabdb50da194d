"""Where a model's time goes: which kernel ran how long, in which precision, for which layers.

Times come from the runtime's own counters, in a session of their own: counting costs time, so it
never touches a latency. Beside them stands the latency without counters, from the same processes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from core.benchmark.contender_process import Contender, Launch, launch_contender
from core.benchmark.lineup import Lineup, Pace, Runner
from core.benchmark.load import RoundWatch, Watch
from core.benchmark.messages import DEFAULT_INFERENCES, Reported
from core.benchmark.results import BenchmarkResult, Estimate
from core.benchmark.samples import Samples, TimedBlock
from core.benchmark.sampling import Progress
from core.benchmark.statistics import latency
from core.model.graph import LayerId
from core.model.onnx_file import sha256_of
from core.plan.plan import RuntimeChoice
from core.runtimes.base import ExecutedLayer

PROCESSES = 3
INFERENCES = 30
_CLEAN_BLOCKS = 6
"""In each process."""
_PACE = Pace(block_seconds=0.15, warm_blocks=4)
_FEWEST_INFERENCES = 5
_COUNTING_SECONDS = 5.0
"""About so long each process counts at most, as far as the fewest inferences allow."""
_COUNTER_STEP_MS = 0.001
"""Counters of both runtimes drop fractions of a microsecond."""
_NEGLIGIBLE = 0.01
"""Of the latency; smaller differences are not explained."""

Role = Literal["layer", "conversion", "other"]


def in_ms(value: float) -> str:
    """“180 ms”, “12.3 ms”, “0.25 ms”, “0.004 ms”."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:.{digits}f} ms"


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class Kernel(_Figures):
    """One kernel of a runtime, timed by the runtime's own counter."""

    name: str
    kind: str
    """The runtime's own operation type."""
    kernel: str
    """Which of its implementations ran; empty when the runtime does not say."""
    precision: str
    """What it computed in, or converted to: f32, bf16, i8, u8 …"""
    source_precision: str = ""
    """What a conversion converted from; empty for everything else."""
    milliseconds: float
    """Median over inferences and processes."""
    layers: tuple[LayerId, ...]
    """The layers of the model that were fused into it, or that a conversion was made for."""
    of_weight: bool = False
    """Whether it converts a stored weight, in every inference anew."""
    role: Role
    """A conversion is a change of precision or layout between layers, such as a reorder; other
    is what belongs to no layer."""


class LayerGroup(_Figures):
    """Layers that a runtime executed together, and the time of all kernels that did it."""

    layers: tuple[LayerId, ...]
    milliseconds: float
    precision: str
    """Of the kernel that took most of the time."""
    kernels: tuple[str, ...]
    """Names of implementations, longest first, each once."""


class LayerProfile(_Figures):
    """One contender's time, kernel by kernel, in the order of execution."""

    label: str
    model_sha256: str
    choice: RuntimeChoice
    threads: int
    inferences: int
    """Counted in each process, after those that warmed up."""
    processes: int
    kernels: tuple[Kernel, ...]
    with_counters_ms: float | None
    """Median latency of the inferences that were counted; None where it was not taken."""
    clean_ms: Estimate | None = None
    """Latency without counters, in the same processes."""
    disturbed: bool = False
    """Other programs kept the computer busy meanwhile."""

    @computed_field
    @cached_property
    def counted_ms(self) -> float:
        """Sum of all counters."""
        return sum(kernel.milliseconds for kernel in self.kernels)

    @property
    def conversions_ms(self) -> float:
        return self._in_role("conversion")

    @property
    def unattributed_ms(self) -> float:
        """Counted time that belongs to no layer and no conversion."""
        return self._in_role("other")

    def _in_role(self, role: Role) -> float:
        return sum(kernel.milliseconds for kernel in self.kernels if kernel.role == role)

    @property
    def difference(self) -> str:
        """How the sum of the counters compares with the clean latency, and why."""
        return " ".join(_difference(self))

    def groups(self) -> tuple[LayerGroup, ...]:
        """Every executed layer in exactly one group, in the order of execution."""
        return self._groups

    def by_layer(self) -> Mapping[LayerId, LayerGroup]:
        return self._by_layer

    @cached_property
    def _by_layer(self) -> Mapping[LayerId, LayerGroup]:
        return {layer: group for group in self._groups for layer in group.layers}

    @cached_property
    def _groups(self) -> tuple[LayerGroup, ...]:
        parts: list[list[Kernel]] = []
        for kernel in self.kernels:
            if kernel.role != "layer":
                continue
            shared = set(kernel.layers)
            together = [part for part in parts if any(shared & set(one.layers) for one in part)]
            for part in together:
                parts.remove(part)
            parts.append([*(one for part in together for one in part), kernel])
        return tuple(_group(part) for part in parts)


def _group(kernels: list[Kernel]) -> LayerGroup:
    longest = sorted(kernels, key=lambda kernel: -kernel.milliseconds)
    return LayerGroup(
        layers=tuple(dict.fromkeys(layer for one in kernels for layer in one.layers)),
        milliseconds=sum(kernel.milliseconds for kernel in kernels),
        precision=longest[0].precision,
        kernels=tuple(dict.fromkeys(kernel.kernel or kernel.kind for kernel in longest)),
    )


def take_profile(
    contender: Contender,
    *,
    feeds: Path | None = None,
    inferences: int = INFERENCES,
    processes: int = PROCESSES,
    clean: bool = True,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    launch: Launch = launch_contender,
    watch: Watch = RoundWatch,
) -> LayerProfile:
    """Start the contender afresh several times, and each time measure it clean, then count.

    `feeds` is what InputSet reads; None means made-up inputs. `inferences` are counted in each
    process, fewer where they take long; with several streams, those of one of them. Raises
    UserError when the contender cannot be run, WorkerDied when it dies.
    """
    reports: list[Reported] = []
    blocks: list[TimedBlock] = []
    threads = 0
    for process in range(processes):
        progress(process, processes, f"Timing the layers of {contender.label}")
        with Lineup(_PACE, check_cancelled, launch, watch) as lineup:
            lineup.start(contender, feeds)
            for number in range(_CLEAN_BLOCKS if clean else 0):
                blocks += lineup.round(process, number, lambda contender: None)
            for failure in lineup.failures.values():
                raise failure
            (runner,) = lineup.runners
            threads = runner.loaded.threads
            reports.append(runner.process.report(_affordable(inferences, runner)))
    samples = Samples.judged(blocks, {})
    return LayerProfile(
        label=contender.label,
        model_sha256=sha256_of(contender.model),
        choice=contender.choice,
        threads=threads,
        inferences=inferences,
        processes=processes,
        kernels=_kernels([report.layers for report in reports]),
        with_counters_ms=median(report.latency_ms for report in reports),
        clean_ms=latency(samples.of(contender.id)) if clean else None,
        disturbed=samples.disturbed,
    )


def profile_of_benchmark(result: BenchmarkResult, label: str) -> LayerProfile:
    """What a benchmark's own report tells: few inferences, counted in one process."""
    return LayerProfile(
        label=label,
        model_sha256=result.provenance.model_sha256,
        choice=result.provenance.runtime,
        threads=result.provenance.threads,
        inferences=DEFAULT_INFERENCES,
        processes=1,
        kernels=_kernels([result.layers]),
        with_counters_ms=None,
        clean_ms=result.latency_ms,
    )


def _affordable(inferences: int, runner: Runner) -> int:
    affordable = int(_COUNTING_SECONDS * 1000 / max(runner.loaded.first_ms, _COUNTER_STEP_MS))
    return min(inferences, max(_FEWEST_INFERENCES, affordable))


def _kernels(runs: Sequence[Sequence[ExecutedLayer]]) -> tuple[Kernel, ...]:
    """The kernels of the first process, with the median of all processes that ran them too."""
    times: dict[str, list[float]] = {}
    for run in runs:
        for kernel in run:
            times.setdefault(kernel.name, []).append(kernel.milliseconds or 0.0)
    return tuple(
        _kernel(kernel, median(times[kernel.name]))
        for kernel in runs[0]
        if kernel.layers or any(times[kernel.name])
    )


def _kernel(ran: ExecutedLayer, milliseconds: float) -> Kernel:
    layers = ran.layers or ran.serves
    role: Role = "conversion" if ran.converts else "layer" if layers else "other"
    return Kernel(
        name=ran.name,
        kind=ran.kind,
        kernel=ran.kernel,
        precision=ran.precision,
        source_precision=ran.source_precision,
        milliseconds=milliseconds,
        layers=layers,
        of_weight=ran.of_weight,
        role=role,
    )


def _difference(profile: LayerProfile) -> Iterator[str]:
    counted, clean = profile.counted_ms, profile.clean_ms
    if clean is None:
        yield f"The counters add up to {in_ms(counted)}."
    else:
        off = counted - clean.value
        yield (
            f"The counters add up to {in_ms(counted)}, {in_ms(abs(off))} "
            f"({100 * abs(off) / clean.value:.0f} %) {'more' if off > 0 else 'less'} than the "
            f"{in_ms(clean.value)} that an inference takes without them."
        )
    if profile.with_counters_ms is not None:
        yield from _causes(profile, profile.with_counters_ms)
    if profile.disturbed:
        yield "Other programs kept the computer busy: the latencies hold their share as well."


def _causes(profile: LayerProfile, with_counters: float) -> Iterator[str]:
    """What lies between the clean latency and the sum: the cost of counting, gaps, rounding."""
    clean = with_counters if profile.clean_ms is None else profile.clean_ms.value
    between = with_counters - profile.counted_ms
    dropped = len(profile.kernels) * _COUNTER_STEP_MS
    least = _NEGLIGIBLE * clean
    if with_counters - clean > least:
        yield f"Counting itself makes an inference {in_ms(with_counters - clean)} longer."
    if clean - with_counters > least:
        yield (
            f"With counters the inferences happened to be {in_ms(clean - with_counters)} shorter: "
            "the computer was not steady."
        )
    if between > least:
        yield (
            f"Of the {in_ms(with_counters)} that an inference took with counters, {in_ms(between)} "
            "lay between the kernels, where values are handed over and threads wait for each other."
        )
    if dropped > least:
        yield f"Counters drop fractions of a microsecond, up to {in_ms(dropped)} over all kernels."
