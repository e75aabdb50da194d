"""Tries fewer threads: on a tiny model they wait for each other longer than they compute."""

from collections.abc import Iterator

from core.runtimes.base import Runtime
from core.search.choice import latency_of, order_of_merit, within_limit
from core.search.quick_look import look_beside
from core.search.report import Candidate
from core.search.setting import Setting

TRIED = 2
"""So many of the best candidates are tried with fewer threads."""
WORTHWHILE = 0.97
"""Of the latency with the runtime's own choice; what gains less is left out again."""
_LONG_MS = 50.0
"""Above this an inference has enough work for every thread."""


def try_fewer_threads(setting: Setting) -> None:
    """Add the best candidates with fewer threads where that is faster.

    Nothing is tried where the request names the number of threads; a GPU or NPU has none of them.
    """
    if setting.request.threads or setting.device.cores < 2:
        return
    able = [c for c in setting.candidates.values() if c.standing != "failed"]
    on_cpu = [c for c in able if _runtime_of(setting, c).device_kind == "local"]
    sound = [c for c in on_cpu if within_limit(c, setting.request.goal) and c.screened_ms]
    for candidate in order_of_merit(sound, setting.request.goal)[:TRIED]:
        if latency_of(candidate) < _LONG_MS:
            added = list(_with_fewer(candidate, setting.device.cores))
            for one in added:
                setting.candidates[one.id] = one
            look_beside(setting, candidate, added)
            _keep_what_gains(setting, candidate, added)


def _runtime_of(setting: Setting, candidate: Candidate) -> Runtime:
    assert candidate.plan.runtime is not None
    return setting.runtimes[candidate.plan.runtime.runtime]


def _with_fewer(candidate: Candidate, cores: int) -> Iterator[Candidate]:
    """The same model with 1, 2, 4 … threads, below the number of cores."""
    assert candidate.plan.runtime is not None
    threads = 1
    while threads < cores:
        runtime = candidate.plan.runtime.model_copy(update={"threads": threads})
        id = f"{candidate.id}.t{threads}"
        yield candidate.model_copy(
            update={
                "id": id,
                "label": f"{candidate.label}, {threads} thread{'s' if threads > 1 else ''}",
                "plan": candidate.plan.model_copy(update={"runtime": runtime}),
                "screened_ms": None,
                "accuracy": candidate.accuracy
                and candidate.accuracy.model_copy(update={"contender": id}),
                "standing": "left out",
            }
        )
        threads *= 2


def _keep_what_gains(setting: Setting, candidate: Candidate, added: list[Candidate]) -> None:
    for one in added:
        now = setting.candidates[one.id]
        if now.standing == "failed" or latency_of(now) > WORTHWHILE * latency_of(candidate):
            del setting.candidates[one.id]
