"""Says why the chosen candidate was chosen, from the figures alone."""

from collections.abc import Iterable, Sequence

from core.devices.base import DeviceFacts
from core.search.choice import SAME_SIZE_WORDS, further_limits, in_points, latency_of, megabytes
from core.search.report import Candidate, Goal


def reasons(
    candidates: Sequence[Candidate],
    chosen: str | None,
    goal: Goal,
    device: DeviceFacts,
    reference: str,
) -> tuple[str, ...]:
    """Sentences for the report's `why`, most important first."""
    by_id = {candidate.id: candidate for candidate in candidates}
    original = by_id[reference]
    if chosen is None:
        return tuple(_nothing_better(candidates, goal, device))
    best = by_id[chosen]
    return tuple(
        sentence
        for sentence in (
            _headline(best, original, goal),
            _accuracy(best, goal),
            _really_ran(best),
            *_rivals(candidates, best, goal),
            device.boost_detail,
            _method(best),
        )
        if sentence
    )


def _headline(best: Candidate, original: Candidate, goal: Goal) -> str:
    assert best.benchmark is not None
    time = f"{best.benchmark.latency_ms.value:.2f} ms"
    speed = best.against_original.words if best.against_original else "speed not compared"
    size = ""
    if best.file_bytes and original.file_bytes:
        size = f", its file {best.file_bytes / original.file_bytes:.2f} of the original's"
    peak = best.benchmark.peak_memory_bytes
    aim = {
        "latency": "fastest",
        "size": f"fastest of the smallest (sizes {SAME_SIZE_WORDS})",
        "memory": f"one with the least memory ({'not known' if peak is None else megabytes(peak)})",
    }[goal.aim]
    return f"“{best.label}” is the {aim} within the limit: {time}, {speed}{size}."


def _accuracy(best: Candidate, goal: Goal) -> str:
    if best.accuracy is None:
        return "Accuracy was not checked: no images were given."
    score = best.accuracy.scores[0]
    text = f"{score.title} {score.words} on {best.accuracy.evaluated_on}"
    drop = best.accuracy.drop
    if drop is None:
        return f"{text}."
    lost = f"{abs(drop.value):.1f} points {'lost' if drop.value > 0 else 'gained'}"
    if drop.value == 0:
        lost = "nothing lost"
    doubt = ""
    if drop.low <= goal.max_drop < drop.high:
        doubt = " More images would be needed to be sure that the limit holds in general."
    interval = f"({drop.low:.1f} to {drop.high:.1f})"
    return f"{text}: {lost} {interval}, limit {in_points(goal.max_drop)}.{doubt}"


def _really_ran(best: Candidate) -> str:
    """Which precisions the chosen model really computed in, by the runtime's own word."""
    if best.benchmark is None:
        return ""
    counts: dict[str, int] = {}
    for layer in best.benchmark.layers:
        if layer.layers and layer.precision:
            counts[layer.precision] = counts.get(layer.precision, 0) + 1
    if not counts:
        return ""
    parts = [f"{count} in {name}" for name, count in sorted(counts.items(), key=lambda c: -c[1])]
    return f"By the runtime's own word its kernels ran: {', '.join(parts)}."


def _rivals(candidates: Sequence[Candidate], best: Candidate, goal: Goal) -> Iterable[str]:
    over = [c for c in candidates if c.standing == "over limit"]
    tempting = sorted((c for c in over if latency_of(c) < latency_of(best)), key=latency_of)
    if goal.aim == "latency" and tempting:
        first = tempting[0]
        assert first.accuracy is not None and first.accuracy.drop is not None
        yield (
            f"“{first.label}” would be faster still ({latency_of(first):.2f} ms) but loses "
            f"{first.accuracy.drop.value:.1f} points."
        )
    elif over:
        yield f"{len(over)} of {len(candidates)} candidates lost more accuracy than the limit."
    failed = [c for c in candidates if c.standing == "failed"]
    if failed:
        yield f"{len(failed)} could not be made or run; the table says why."


def _method(best: Candidate) -> str:
    if best.benchmark is None:
        return ""
    steady = "" if best.benchmark.steady else " The machine did not settle during warm-up."
    return (
        f"{best.benchmark.blocks} interleaved blocks per contender, each in a process of its own, "
        f"batch 1; medians with 95 % intervals.{steady}"
    )


def _judged_by(candidates: Sequence[Candidate]) -> Iterable[str]:
    """Which metric the limit is about, in case nothing was chosen that would say so."""
    for candidate in candidates:
        if candidate.accuracy is not None:
            yield f"The limit is about {candidate.accuracy.scores[0].label}."
            return


def _nothing_better(
    candidates: Sequence[Candidate], goal: Goal, device: DeviceFacts
) -> Iterable[str]:
    better = {"latency": "faster", "size": "smaller", "memory": "smaller in memory"}
    aim = better[goal.aim]
    if goal.aim == "latency" and (doubt := _doubt(candidates)):
        yield (
            f"Whether anything is faster than the original {doubt}. "
            "Close other programs and measure again."
        )
        yield from _judged_by(candidates)
        yield device.boost_detail
        return
    limits = f"{in_points(goal.max_drop)}{further_limits(goal)}"
    yield f"Nothing {aim} than the original loses at most {limits}."
    yield from _judged_by(candidates)
    over = [c for c in candidates if c.accuracy and c.accuracy.drop and c.standing == "over limit"]
    if over:
        nearest = min(
            over, key=lambda c: c.accuracy.drop.value if c.accuracy and c.accuracy.drop else 0
        )
        assert nearest.accuracy is not None and nearest.accuracy.drop is not None
        yield (
            f"Nearest is “{nearest.label}” with {nearest.accuracy.drop.value:.1f} points lost: "
            "allow that drop, or keep its most sensitive layers as they are and measure again."
        )
    yield device.boost_detail


def _doubt(candidates: Sequence[Candidate]) -> str:
    """“cannot tell: the machine was busy”, of the fastest within the limit; empty when sure."""
    able = [c for c in candidates if c.standing == "within limit" and c.against_original]
    best = min(able, key=latency_of, default=None)
    if best is None or best.against_original is None:
        return ""
    against = best.against_original
    if against.verdict != "cannot tell":
        return ""
    return against.words.replace("cannot tell", "cannot be told", 1)
