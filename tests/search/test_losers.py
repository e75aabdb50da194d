"""Why compressed candidates lost is told from the layers that were timed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.formats import format_of
from core.model.graph import LayerId, ModelGraph
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.runtimes.base import ExecutedLayer
from core.search.losers import why_they_lost
from core.search.report import Candidate

Make = Callable[..., Candidate]
CONV = LayerId("stem/Conv")


@pytest.fixture(scope="module")
def graph(tiny_model: Path) -> ModelGraph:
    return format_of(tiny_model).read_graph(tiny_model)


def timed(candidate: Candidate, *layers: ExecutedLayer, steps: tuple[Step, ...] = ()) -> Candidate:
    assert candidate.benchmark is not None
    plan = CompressionPlan(steps=steps, runtime=RuntimeChoice(runtime="onnxruntime"))
    benchmark = candidate.benchmark.model_copy(update={"layers": layers})
    return candidate.model_copy(update={"plan": plan, "benchmark": benchmark})


def ran(milliseconds: float, precision: str, **more: object) -> ExecutedLayer:
    facts = {"name": precision, "kind": "Conv", "precision": precision, "layers": (CONV,), **more}
    return ExecutedLayer.model_validate({**facts, "milliseconds": milliseconds})


INT8 = (Step(technique="int8", default={}),)
REORDER = {"name": "Q", "layers": (), "converts": True, "source_precision": "f32"}


def test_that_a_slower_candidate_is_told_with_its_cause(
    make_candidate: Make, graph: ModelGraph
) -> None:
    candidates = [
        timed(make_candidate("original", 5, standing="baseline"), ran(5, "f32")),
        timed(make_candidate("INT8", 9), ran(2, "u8"), ran(7, "u8", **REORDER), steps=INT8),
    ]

    (said,) = why_they_lost(candidates, graph)
    assert "INT8 is slower here because converting precisions and layouts" in said
    assert "1 conversion," in said
    assert "f32 → u8 (7.00 ms)" in said


def test_that_a_faster_candidate_is_not_spoken_of(make_candidate: Make, graph: ModelGraph) -> None:
    candidates = [
        timed(make_candidate("original", 5, standing="baseline"), ran(5, "f32")),
        timed(make_candidate("INT8", 2), ran(2, "u8"), steps=INT8),
    ]

    assert why_they_lost(candidates, graph) == ()


def test_that_a_candidate_whose_layers_were_not_timed_is_not_spoken_of(
    make_candidate: Make, graph: ModelGraph
) -> None:
    candidates = [
        timed(make_candidate("original", 5, standing="baseline"), ran(5, "f32")),
        timed(make_candidate("INT8", 9), steps=INT8),
    ]

    assert why_they_lost(candidates, graph) == ()
