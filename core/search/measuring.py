"""The full protocol for those that may win, together with the baselines."""

from collections.abc import Callable
from typing import Any

from core.benchmark.protocol import PATIENCE, conditions_in_words, measure
from core.benchmark.results import BenchmarkResult, Ratio
from core.benchmark.samples import Samples
from core.benchmark.statistics import ratio
from core.search.accuracy import contender_of
from core.search.choice import order_of_merit, within_limit
from core.search.report import Candidate
from core.search.setting import Setting

FINALISTS = 4
"""Candidates that are measured beside the baselines."""
TEMPTING = 1
"""Of which so many are over the limit, so that people see what more accuracy lost would buy."""

QUICK: dict[str, Any] = {"blocks": 6, "block_seconds": 0.05, "processes": 2}
"""The protocol's settings for a quick effort."""
THOROUGH: dict[str, Any] = {"patience": PATIENCE}

Progress = Callable[[float, float, str], None]


def finalists(setting: Setting) -> list[Candidate]:
    """The baselines and the most promising of the others, by the quick look."""
    able = [c for c in setting.candidates.values() if c.standing != "failed"]
    first = [c for c in able if c.standing == "baseline"]
    others = [c for c in able if c.standing != "baseline"]
    if setting.request.plans:
        return [*first, *others]
    goal = setting.request.goal
    looked_at = [c for c in others if c.screened_ms is not None]
    judged = [c for c in looked_at if setting.images is None or c.accuracy is not None]
    ranked = order_of_merit(judged, goal)
    sound = [c for c in ranked if within_limit(c, goal)]
    over = [c for c in ranked if not within_limit(c, goal)][:TEMPTING]
    return [*first, *sound[: FINALISTS - len(over)], *over]


def measure_finalists(setting: Setting, progress: Progress) -> Samples:
    """Measure them, interleaved, and enter the figures. Returns every sample that was taken."""
    field = finalists(setting)
    ground = setting.ground
    with ground.stay():
        results, samples = measure(
            [contender_of(setting, candidate) for candidate in field],
            feeds=None if setting.images is None else setting.images.evaluation,
            progress=progress,
            check_cancelled=setting.context.check_cancelled,
            gather=ground.gather(progress),
            place=ground.place(),
            **(QUICK if setting.request.effort == "quick" else THOROUGH),
        )
    reference = setting.reference.id
    by_id = {result.contender: result for result in results}
    for candidate in field:
        result = by_id.get(candidate.id)
        if result is None:
            setting.fail(candidate, samples.failures[candidate.id])
            continue
        _enter(setting, candidate, result, ratio(samples, candidate.id, reference))
    for sentence in conditions_in_words(samples, results[0].provenance.after):
        setting.context.note(sentence, "warning")
    _leave_out_the_rest(setting, {candidate.id for candidate in field})
    return samples


def ratios_of_chosen(setting: Setting, samples: Samples, chosen: str | None) -> tuple[Ratio, ...]:
    """The chosen one against each baseline that was measured."""
    if chosen is None:
        return ()
    return tuple(
        ratio(samples, chosen, candidate.id)
        for candidate in setting.candidates.values()
        if candidate.model == setting.reference.model
        and candidate.plan.runtime is not None
        and candidate.plan.runtime.precision == "auto"
        and candidate.benchmark is not None
        and candidate.id != chosen
    )


def _enter(setting: Setting, candidate: Candidate, result: BenchmarkResult, against: Ratio) -> None:
    setting.acknowledge(f"benchmark of {candidate.id}", result, f"Latency, {candidate.label}")
    is_reference = candidate.id == setting.reference.id
    setting.replace(
        candidate,
        benchmark=result,
        against_original=None if is_reference else against,
        file_bytes=candidate.file_bytes or result.file_bytes,
    )


def _leave_out_the_rest(setting: Setting, measured: set[str]) -> None:
    for candidate in list(setting.candidates.values()):
        if candidate.id in measured or candidate.standing == "failed" or candidate.reason:
            continue
        setting.replace(candidate, reason="Left out: others did better in a quick look.")
