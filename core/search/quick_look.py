"""A quick look at new candidates beside one that was looked at before, so that looks compare."""

from collections.abc import Sequence
from typing import Any

from core.benchmark.protocol import screen
from core.search.accuracy import contender_of
from core.search.report import Candidate
from core.search.setting import ScreenedLatency, Setting

QUICK: dict[str, Any] = {"blocks": 2, "block_seconds": 0.05}
"""The settings for a quick effort."""
THOROUGH: dict[str, Any] = {"blocks": 5, "block_seconds": 0.15}


def look_beside(setting: Setting, anchor: Candidate, added: Sequence[Candidate]) -> None:
    """Give `added` a first latency on the scale of `anchor`'s; who cannot run is failed.

    A computer's pace drifts over minutes. Measured in turns with the anchor, what drifts falls out.
    """
    pending: list[Candidate] = []
    for candidate in added:
        known = setting.acknowledged(_what(candidate), ScreenedLatency)
        if known is not None:
            setting.replace(candidate, screened_ms=known.milliseconds)
        elif candidate.standing != "failed":
            pending.append(candidate)
    if not pending:
        return
    with setting.ground.stay():
        first, *looks = screen(
            [contender_of(setting, candidate) for candidate in (anchor, *pending)],
            check_cancelled=setting.context.check_cancelled,
            gather=setting.ground.gather(setting.context.progress),
            **(QUICK if setting.request.effort == "quick" else THOROUGH),
        )
    scale = 1.0
    if first.latency_ms is not None and anchor.screened_ms is not None:
        scale = anchor.screened_ms / first.latency_ms
    for candidate, look in zip(pending, looks, strict=True):
        if look.latency_ms is None:
            failure = look.failure
            setting.fail(candidate, f"{failure.what} {failure.why}" if failure else "")
            continue
        result = ScreenedLatency(milliseconds=look.latency_ms * scale)
        setting.acknowledge(_what(candidate), result, f"Quick look, {candidate.label}")
        setting.replace(candidate, screened_ms=result.milliseconds)


def _what(candidate: Candidate) -> str:
    return f"quick look at {candidate.id}"
