"""Chooses among measured candidates, and says why in sentences an engineer would say."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.search.report import Candidate, Goal

SAME_SIZE = 1.05
"""Files within 5 % count as equally small; then the faster one is better."""
SAME_LATENCY = 1.02
"""Plans within 2 % of the fastest count as equally fast; then the more accurate one is better."""
SAME_SIZE_WORDS = f"within {100 * (SAME_SIZE - 1):.0f} %"


@dataclass(frozen=True)
class Verdict:
    """The candidates with their final standing, and the chosen one's id (None without any)."""

    candidates: tuple[Candidate, ...]
    chosen: str | None
    met: bool


def within_limit(candidate: Candidate, goal: Goal) -> bool:
    """Whether nothing that is known about a candidate exceeds what the goal allows."""
    return not any(
        figure > limit + 1e-9 for figure, limit in _limited(candidate, goal) if limit is not None
    )


def accurate_enough(candidate: Candidate, goal: Goal) -> bool:
    """Whether the accuracy was not checked, or fell by no more than the goal allows."""
    return _drop_of(candidate) <= goal.max_drop + 1e-9


def _limited(candidate: Candidate, goal: Goal) -> tuple[tuple[float, float | None], ...]:
    """Figures and their limits; what is not known exceeds nothing."""
    latency, memory = latency_of(candidate), _memory_of(candidate)
    return (
        (_drop_of(candidate), goal.max_drop),
        (latency if latency != float("inf") else 0.0, goal.max_latency_ms),
        (candidate.file_bytes or 0, goal.max_bytes),
        (memory if memory != float("inf") else 0.0, goal.max_memory_bytes),
    )


def _drop_of(candidate: Candidate) -> float:
    known = candidate.accuracy.drop if candidate.accuracy else None
    return known.value if known else 0.0


def latency_of(candidate: Candidate) -> float:
    """The best knowledge of the latency in ms; infinite when there is none."""
    if candidate.benchmark is not None:
        return candidate.benchmark.latency_ms.value
    return candidate.screened_ms if candidate.screened_ms is not None else float("inf")


def _memory_of(candidate: Candidate) -> float:
    """Largest resident memory in bytes; infinite when it was not measured."""
    known = candidate.benchmark and candidate.benchmark.peak_memory_bytes
    return float("inf") if known is None else known


def order_of_merit(candidates: Sequence[Candidate], goal: Goal) -> list[Candidate]:
    """Best first by what the goal aims at; accuracy is not considered."""
    if goal.aim == "latency":
        return sorted(candidates, key=latency_of)
    smallest = min((c.file_bytes for c in candidates if c.file_bytes), default=1)

    def by_size(candidate: Candidate) -> tuple[float, float]:
        size = candidate.file_bytes or float("inf")
        return (1.0 if size <= smallest * SAME_SIZE else size / smallest), latency_of(candidate)

    if goal.aim == "memory":
        return sorted(candidates, key=lambda c: (_memory_of(c), by_size(c)))
    return sorted(candidates, key=by_size)


def choose(candidates: Sequence[Candidate], goal: Goal, reference: str) -> Verdict:
    """Pick the best measured candidate within the limit, baselines included.

    So the answer is never worse than the best simple choice. `reference` is the id of the
    original that every ratio is against. The goal is met when the chosen one is better than it.
    """
    measured = [c for c in candidates if c.benchmark is not None and within_limit(c, goal)]
    ranked = order_of_merit(measured, goal)
    best = _most_accurate_of_the_fastest(ranked) if goal.aim == "latency" else _first(ranked)
    original = next(c for c in candidates if c.id == reference)
    better = best is not None and (
        _better(best, original, goal) or not within_limit(original, goal)
    )
    met = best is not None and best.id != reference and better
    chosen = best.id if best is not None and met else None
    is_slower = best is not None and best is not ranked[0]
    judged = tuple(
        _with_standing(c, chosen, best, goal, reference, is_slower=is_slower) for c in candidates
    )
    return Verdict(judged, chosen, met)


def _first(ranked: Sequence[Candidate]) -> Candidate | None:
    return ranked[0] if ranked else None


def _most_accurate_of_the_fastest(ranked: Sequence[Candidate]) -> Candidate | None:
    """The fastest, unless a plan that is as good as equally fast loses less.

    It must not be slower than the fastest of the simple choices.
    """
    best = _first(ranked)
    if best is None or best.standing == "baseline":
        return best
    simple = (latency_of(c) for c in ranked if c.standing == "baseline")
    longest = min(SAME_LATENCY * latency_of(best), min(simple, default=float("inf")))
    alike = [c for c in ranked if c.standing != "baseline" and latency_of(c) <= longest]
    return min(alike, key=lambda c: (max(0.0, _drop_of(c)), latency_of(c)), default=best)


def _better(best: Candidate, original: Candidate, goal: Goal) -> bool:
    if goal.aim == "size":
        return (best.file_bytes or 0) < (original.file_bytes or 0)
    if goal.aim == "memory":
        return _memory_of(best) < _memory_of(original)
    return best.against_original is not None and best.against_original.verdict == "faster"


def _with_standing(
    candidate: Candidate,
    chosen: str | None,
    best: Candidate | None,
    goal: Goal,
    reference: str,
    *,
    is_slower: bool,
) -> Candidate:
    if candidate.standing == "failed":
        return candidate
    if candidate.id == chosen:
        standing, reason = "chosen", _chosen_reason(goal, is_slower=is_slower)
    elif not _baseline_stays(candidate, goal) and not within_limit(candidate, goal):
        standing, reason = "over limit", _over_limit_reason(candidate, goal)
    elif candidate.standing == "baseline":
        standing, reason = "baseline", _baseline_reason(candidate, reference)
    elif candidate.benchmark is None:
        standing, reason = "left out", candidate.reason
    else:
        standing, reason = "within limit", _behind_reason(candidate, best, goal)
    return candidate.model_copy(update={"standing": standing, "reason": reason})


def _baseline_stays(candidate: Candidate, goal: Goal) -> bool:
    """A baseline is what others are compared with, even where it is too slow or too large."""
    return candidate.standing == "baseline" and accurate_enough(candidate, goal)


def _chosen_reason(goal: Goal, *, is_slower: bool) -> str:
    """`is_slower` says that another one was faster, by next to nothing."""
    best = {
        "latency": f"Loses least of the fastest, within {100 * (SAME_LATENCY - 1):.0f} %,"
        if is_slower
        else "Fastest of all",
        "size": f"Fastest of the smallest, {SAME_SIZE_WORDS},",
        "memory": "Least memory of all",
    }[goal.aim]
    return f"{best} that lose at most {in_points(goal.max_drop)}{further_limits(goal)}."


def further_limits(goal: Goal) -> str:
    """“, within 5 ms”; empty where accuracy alone is limited."""
    parts: list[str] = []
    if goal.max_latency_ms is not None:
        parts.append(f"{goal.max_latency_ms:g} ms")
    if goal.max_bytes is not None:
        parts.append(f"a file of {megabytes(goal.max_bytes)}")
    if goal.max_memory_bytes is not None:
        parts.append(f"{megabytes(goal.max_memory_bytes)} of memory")
    return "".join(f", within {part}" for part in parts)


def _over_limit_reason(candidate: Candidate, goal: Goal) -> str:
    lost = candidate.accuracy.drop if candidate.accuracy else None
    if lost is not None and not accurate_enough(candidate, goal):
        return (
            f"Loses {in_points(lost.value)} ({lost.low:.1f} to {lost.high:.1f}); "
            f"the limit is {in_points(goal.max_drop)}."
        )
    if goal.max_latency_ms is not None and latency_of(candidate) > goal.max_latency_ms:
        return f"Takes {latency_of(candidate):.2f} ms; the limit is {goal.max_latency_ms:g} ms."
    if goal.max_bytes is not None and (candidate.file_bytes or 0) > goal.max_bytes:
        size = megabytes(candidate.file_bytes or 0)
        return f"Its file has {size}; the limit is {megabytes(goal.max_bytes)}."
    assert goal.max_memory_bytes is not None
    needed = megabytes(_memory_of(candidate))
    return f"Needs {needed} of memory; the limit is {megabytes(goal.max_memory_bytes)}."


def _baseline_reason(candidate: Candidate, reference: str) -> str:
    if candidate.id == reference:
        return "The original as it is; every comparison is with this one."
    return "The original as it is, on another runtime."


def _behind_reason(candidate: Candidate, best: Candidate | None, goal: Goal) -> str:
    if best is None:
        return "Within the limit."
    if goal.aim == "size" and (candidate.file_bytes or 0) > (best.file_bytes or 0) * SAME_SIZE:
        times = (candidate.file_bytes or 0) / (best.file_bytes or 1)
        return f"Within the limit, but {times:.1f}× as large as the smallest."
    times = latency_of(candidate) / latency_of(best)
    if times < 1:
        faster = 100 * (1 - times)
        return f"Within the limit and faster by {faster:.1f} %, but loses more than “{best.label}”."
    return f"Within the limit, but takes {times:.2f}× as long as “{best.label}”."


def in_points(value: float) -> str:
    """“1.0 point”, “2.5 points”."""
    return f"{value:.1f} point{'' if abs(value) == 1 else 's'}".replace("-", "−")


def megabytes(count: float) -> str:
    """“12.3 MB”, of a million bytes each."""
    return f"{count / 1e6:.1f} MB"
