"""Says why compressed candidates are slower than the original on the same runtime."""

from collections.abc import Iterator, Sequence

from core.benchmark.explanations import why_not_faster
from core.benchmark.layer_profile import profile_of_benchmark
from core.model.graph import ModelGraph
from core.search.report import Candidate

_SENTENCES = 2
"""For each candidate; the window tells all."""


def why_they_lost(candidates: Sequence[Candidate], graph: ModelGraph) -> tuple[str, ...]:
    """Sentences such as “INT8 · ONNX Runtime: INT8 is slower here because …”.

    Only candidates whose layers were timed are spoken of. `graph` is the original's.
    """
    return tuple(
        f"{loser.label}: {sentence}"
        for loser, original in _pairs(candidates)
        for sentence in _sentences(loser, original, graph)
    )


def _pairs(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Each compressed candidate that is slower than the original on its runtime, with that."""
    originals = [one for one in candidates if not one.plan.steps and _is_timed(one)]
    for candidate in candidates:
        if not candidate.plan.steps or not _is_timed(candidate):
            continue
        for original in originals:
            same = original.plan.runtime == candidate.plan.runtime
            if same and _latency(candidate) > _latency(original):
                yield candidate, original


def _sentences(loser: Candidate, original: Candidate, graph: ModelGraph) -> tuple[str, ...]:
    assert loser.benchmark is not None and original.benchmark is not None
    before = profile_of_benchmark(original.benchmark, original.label)
    after = profile_of_benchmark(loser.benchmark, loser.label)
    return why_not_faster(before, after, graph)[:_SENTENCES]


def _is_timed(candidate: Candidate) -> bool:
    result = candidate.benchmark
    return result is not None and any(layer.milliseconds for layer in result.layers)


def _latency(candidate: Candidate) -> float:
    assert candidate.benchmark is not None
    return candidate.benchmark.latency_ms.value
