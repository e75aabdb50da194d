"""What a project's runs tell about plans, beside its map."""

from pathlib import Path

import pytest

from core.benchmark.results import AccuracyResult, Estimate
from core.data.metrics.base import Score
from core.plan.plan import CompressionPlan, Step
from core.project.project import Project
from gui.map.found_map import find_map
from tests.gui.made_project import ORT, made_project
from tests.gui.made_runs import add_run, report


def judged(metric: str, drop: float) -> AccuracyResult:
    score = Score(metric=metric, label=metric, value=0.9, low=0.8, high=0.95, samples=100)
    lost = Estimate(value=drop, low=drop - 1, high=drop + 1)
    return AccuracyResult(
        contender="best",
        scores=(score,),
        drop=lost,
        reference="original",
        evaluated_on="100 images",
    )


@pytest.fixture
def judged_twice(tiny_model: Path, tmp_path: Path) -> Path:
    """A mapped project in which a plan was judged by labels, then by agreement."""
    folder = made_project(tmp_path / "judged", tiny_model).folder
    plan = CompressionPlan(steps=(Step(technique="int8", default={}),), runtime=ORT)
    for number, metric, drop in ((2, "top1", 5.0), (3, "agreement", 1.0)):
        made = report("INT8", 1.0, 2)
        (best,) = made.candidates
        best = best.model_copy(update={"plan": plan, "accuracy": judged(metric, drop)})
        made = made.model_copy(update={"candidates": (best,)})
        add_run(folder, f"{number:04}-optimize", made, tiny_model)
    return folder


@pytest.mark.parametrize(
    ("chosen", "known"),
    [("", [None, 1.0]), ("top1", [5.0, None]), ("cosine", [None, None])],
    ids=("that of the newest run", "the chosen one", "one that nothing was judged by"),
)
def test_that_points_of_one_metric_are_not_taken_for_those_of_another(
    judged_twice: Path, chosen: str, known: list[float | None]
) -> None:
    with Project.open(judged_twice) as opened:
        opened.update(metric=chosen)
        past = find_map(opened).past
    assert [one.drop_points for one in past] == known
    assert all(one.latency_ms for one in past)
