"""Batch × streams: what each combination gives in throughput and costs in latency."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.benchmark.contender_process import Contender, Launch, launch_contender
from core.benchmark.load import RoundWatch, Watch
from core.benchmark.protocol import conditions_in_words, measure
from core.benchmark.results import BenchmarkResult, Estimate, rate_words
from core.benchmark.samples import Samples
from core.benchmark.sampling import Progress
from core.errors import UserError
from core.plan.plan import RuntimeChoice

AS_GOOD = 0.98
"""Of the best throughput; who gives so much with less latency is the better choice."""
_BLOCKS = 9
_PROCESSES = 3


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class SweepCell(_Part):
    """One combination, measured with all its streams busy."""

    batch: int
    streams: int
    latency_ms: Estimate | None = None
    """Median time of one inference of the whole batch."""
    p90_ms: float | None = None
    throughput: Estimate | None = None
    """Inputs a second."""
    peak_memory_bytes: int | None = None
    failure: str = ""
    """Why there are no figures."""


class Sweep(_Part):
    """All combinations of one model on one runtime."""

    model: str
    runtime: RuntimeChoice
    cells: tuple[SweepCell, ...]
    latency_limit_ms: float | None
    sweet_spot: tuple[int, int] | None
    """Batch and streams of the best within the limit; None when nothing is."""
    words: str
    """“Sweet spot: batch 4 on 2 streams gives 120 a second, 2.1 times as many as …”."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SweepWork:
    """What to measure."""

    name: str
    """Of the model, for people."""
    models: Mapping[int, Path | UserError]
    """By batch; an error where the model cannot be made."""
    choice: RuntimeChoice
    streams: Sequence[int]
    latency_limit_ms: float | None = None


def sweep(
    work: SweepWork,
    *,
    blocks: int = _BLOCKS,
    processes: int = _PROCESSES,
    block_seconds: float = 0.2,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    launch: Launch = launch_contender,
    watch: Watch = RoundWatch,
) -> Sweep:
    """Measure every combination, interleaved. Raises the first failure when all failed."""
    contenders = {
        (batch, streams): _contender(work, model, batch, streams)
        for batch, model in work.models.items()
        if not isinstance(model, UserError)
        for streams in work.streams
    }
    if not contenders:
        raise next(error for error in work.models.values() if isinstance(error, UserError))
    results, samples = measure(
        tuple(contenders.values()),
        blocks=blocks,
        processes=processes,
        block_seconds=block_seconds,
        progress=progress,
        check_cancelled=check_cancelled,
        launch=launch,
        watch=watch,
    )
    by_id = {result.contender: result for result in results}
    cells = tuple(
        _cell(work, batch, streams, by_id, samples)
        for batch in work.models
        for streams in work.streams
    )
    best = sweet_spot(cells, work.latency_limit_ms)
    return Sweep(
        model=work.name,
        runtime=work.choice,
        cells=cells,
        latency_limit_ms=work.latency_limit_ms,
        sweet_spot=None if best is None else (best.batch, best.streams),
        words=_words(cells, best, work.latency_limit_ms),
        warnings=conditions_in_words(samples, results[0].provenance.after),
    )


def sweet_spot(cells: Sequence[SweepCell], latency_limit_ms: float | None) -> SweepCell | None:
    """The quickest to answer among those with about the best throughput within the limit.

    The whole interval of the latency must lie within it. None when no combination keeps to it.
    """
    able = [
        (cell.throughput.value, cell.latency_ms.value, cell)
        for cell in cells
        if cell.throughput is not None
        and cell.latency_ms is not None
        and (latency_limit_ms is None or cell.latency_ms.high <= latency_limit_ms)
    ]
    best = max((rate for rate, _, _ in able), default=0.0)
    good = [(latency, cell) for rate, latency, cell in able if rate >= AS_GOOD * best]
    return min(good, key=lambda pair: pair[0])[1] if good else None


def _contender(work: SweepWork, model: Path, batch: int, streams: int) -> Contender:
    return Contender(
        id=_id(batch, streams),
        label=f"batch {batch}, {streams} stream{'s' if streams > 1 else ''}",
        model=model,
        choice=work.choice.model_copy(update={"batch": batch, "streams": streams}),
    )


def _id(batch: int, streams: int) -> str:
    return f"{batch}x{streams}"


def _cell(
    work: SweepWork,
    batch: int,
    streams: int,
    results: Mapping[str, BenchmarkResult],
    samples: Samples,
) -> SweepCell:
    result = results.get(_id(batch, streams))
    if result is not None:
        return SweepCell(
            batch=batch,
            streams=streams,
            latency_ms=result.latency_ms,
            p90_ms=result.p90_ms,
            throughput=result.throughput_interval,
            peak_memory_bytes=result.peak_memory_bytes,
        )
    model = work.models[batch]
    failed = str(model) if isinstance(model, UserError) else samples.failures[_id(batch, streams)]
    return SweepCell(batch=batch, streams=streams, failure=failed)


def _words(cells: Sequence[SweepCell], best: SweepCell | None, limit: float | None) -> str:
    within = "" if limit is None else f" within {limit:g} ms"
    if best is None or best.throughput is None or best.latency_ms is None:
        return f"No combination answers{within}."
    rate = rate_words(best.throughput.value)
    said = (
        f"Sweet spot{within}: batch {best.batch} on {best.streams} "
        f"stream{'s' if best.streams > 1 else ''}, {rate} inputs a second at "
        f"{best.latency_ms.value:.3g} ms"
    )
    single = next((c.throughput for c in cells if (c.batch, c.streams) == (1, 1)), None)
    if single is None or (best.batch, best.streams) == (1, 1):
        return f"{said}."
    return f"{said}; batch 1 on 1 stream gives {rate_words(single.value)}."
