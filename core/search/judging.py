"""The two cheap looks at candidates before the full protocol: latency, then accuracy."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from core.benchmark.protocol import screen
from core.search.accuracy import check_accuracy, contender_of
from core.search.choice import latency_of, order_of_merit, within_limit
from core.search.report import Candidate
from core.search.setting import ScreenedLatency, Setting

PATIENCE_SECONDS = 40.0
"""So long every candidate is checked; then only until ENOUGH are within the limit."""
ENOUGH = 4
"""Candidates within the limit after which worse ones need not be checked."""

QUICK: dict[str, Any] = {"blocks": 1, "block_seconds": 0.05}
"""The quick look's settings for a quick effort."""

Progress = Callable[[float, float, str], None]


def screen_all(setting: Setting, candidates: Sequence[Candidate]) -> None:
    """Give every candidate that has a model a first latency; who cannot run is marked as failed."""
    pending: list[Candidate] = []
    for candidate in candidates:
        if candidate.standing == "failed" or candidate.screened_ms is not None:
            continue
        known = setting.acknowledged(_what(candidate), ScreenedLatency)
        if known is not None:
            setting.replace(candidate, screened_ms=known.milliseconds)
        else:
            pending.append(candidate)
    if not pending:
        return
    with setting.ground.stay():
        looks = screen(
            [contender_of(setting, candidate) for candidate in pending],
            progress=setting.context.progress,
            check_cancelled=setting.context.check_cancelled,
            gather=setting.ground.gather(setting.context.progress),
            **(QUICK if setting.request.effort == "quick" else {}),
        )
    for candidate, look in zip(pending, looks, strict=True):
        if look.latency_ms is not None:
            result = ScreenedLatency(milliseconds=look.latency_ms)
            setting.acknowledge(_what(candidate), result, f"Quick look, {candidate.label}")
            setting.replace(candidate, screened_ms=look.latency_ms)
        elif look.failure is not None:
            setting.fail(candidate, f"{look.failure.what} {look.failure.why}")


def check_promising(setting: Setting, progress: Progress) -> None:
    """Score the baselines, then the others by merit, until it takes long and enough are sound."""
    check_accuracy(setting, setting.reference)
    able = [c for c in setting.candidates.values() if c.standing != "failed"]
    ranked = order_of_merit(able, setting.request.goal)
    ranked.sort(key=lambda candidate: candidate.standing != "baseline")
    sound = 0
    began = time.monotonic()
    for index, candidate in enumerate(ranked):
        progress(index, len(ranked), candidate.label)
        impatient = time.monotonic() - began > PATIENCE_SECONDS
        if candidate.standing != "baseline" and sound >= ENOUGH and impatient:
            setting.replace(candidate, reason=_reason_left_out(setting, candidate))
            continue
        judged = candidate if candidate.accuracy else check_accuracy(setting, candidate)
        sound += judged.accuracy is not None and within_limit(judged, setting.request.goal)


def _reason_left_out(setting: Setting, candidate: Candidate) -> str:
    if setting.request.goal.aim == "size":
        return f"Left out unmeasured: {ENOUGH} others within the limit are smaller."
    return (
        f"Left out: a quick look showed {latency_of(candidate):.2f} ms, and {ENOUGH} others within "
        "the limit were faster."
    )


def _what(candidate: Candidate) -> str:
    return f"quick look at {candidate.id}"
