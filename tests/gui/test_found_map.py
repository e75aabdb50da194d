"""What a project's runs tell about plans, beside its map."""

from pathlib import Path

import pytest

from core.plan.plan import CompressionPlan, Step
from core.project.project import Project
from core.search.layer_map import ModelMap
from core.search.mapping import MAP_FILE
from gui.map.found_map import find_map
from tests.gui.made_project import ORT, made_project
from tests.gui.made_runs import accuracy, add_run, report


@pytest.fixture
def judged_twice(tiny_model: Path, tmp_path: Path) -> Path:
    """A mapped project in which a plan was judged by labels, then by agreement."""
    folder = made_project(tmp_path / "judged", tiny_model).folder
    (file,) = folder.glob(f"runs/*/{MAP_FILE}")
    made = ModelMap.model_validate_json(file.read_bytes())
    file.write_text(made.changed(metric="top1").model_dump_json())
    plan = CompressionPlan(steps=(Step(technique="int8", default={}),), runtime=ORT)
    for number, metric, drop in ((2, "top1", 5.0), (3, "agreement", 1.0)):
        told = report("INT8", 1.0, 2)
        (best,) = told.candidates
        best = best.model_copy(
            update={"plan": plan, "accuracy": accuracy("best", 0.9, drop, metric)}
        )
        told = told.model_copy(update={"candidates": (best,)})
        add_run(folder, f"{number:04}-optimize", told, tiny_model)
    return folder


@pytest.mark.parametrize(
    ("wanted", "known", "whole"),
    [("", [None, 1.0], None), ("top1", [5.0, None], 4.0), ("cosine", [None, None], None)],
    ids=("that of the newest run", "the one in force", "one that nothing was judged by"),
)
def test_that_points_of_one_metric_are_not_taken_for_those_of_another(
    judged_twice: Path, wanted: str, known: list[float | None], whole: float | None
) -> None:
    with Project.open(judged_twice) as opened:
        found = find_map(opened, wanted)
    assert [one.drop_points for one in found.past] == known
    assert all(one.latency_ms for one in found.past)
    assert found.map is not None
    wholes = {one.drop_points.value if one.drop_points else None for one in found.map.whole}
    assert wholes == ({None} if whole is None else {0.0, whole})
