"""Mapping and solving a real small model in a real worker with real runtimes."""

from pathlib import Path

import pytest

from core.formats import read_graph
from core.jobs.events import Event, Note
from core.jobs.runner import run_job
from core.plan.plan import CompressionPlan
from core.search.choice import SAME_SIZE
from core.search.layer_map import KEEP, ModelMap, runtime_label
from core.search.prediction import predict
from core.search.report import Goal, OptimizationReport
from core.search.request import OptimizeRequest

RUNTIME = "onnxruntime"
"""One is enough here, and starts quickly."""

Solved = tuple[OptimizationReport, Path, list[Event]]


@pytest.fixture(scope="module")
def solved(tiny_model: Path, tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Solved:
    folder, events = tmp_path_factory.mktemp("solved") / "run", []
    request = OptimizeRequest(
        model=tiny_model,
        data=tiny_data,
        effort="quick",
        solve=True,
        goal=Goal(aim="size", max_drop=100),
        runtimes=(RUNTIME,),
    )
    report = run_job("optimize", request, folder, events.append)
    assert isinstance(report, OptimizationReport)
    return report, folder, events


@pytest.fixture(scope="module")
def made(solved: Solved) -> ModelMap:
    return ModelMap.model_validate_json((solved[1] / "map.json").read_bytes())


def test_that_every_layer_has_a_time_on_every_runtime_under_every_option(
    made: ModelMap, tiny_model: Path
) -> None:
    layers = {layer.id for layer in read_graph(tiny_model).layers}
    assert set(made.runtimes) == {RUNTIME}
    for label in made.runtimes:
        for option in made.options:
            known = {layer for layer, name in made.by_runtime[label] if name == option}
            assert known == layers


def test_that_times_of_layers_add_up_to_the_latency_of_the_whole(made: ModelMap) -> None:
    for whole in made.whole:
        entries = made.by_runtime[runtime_label(whole.runtime)].items()
        total = sum(entry.milliseconds or 0 for (_, name), entry in entries if name == whole.option)
        assert total == pytest.approx(whole.latency_ms.value)


def test_that_treated_layers_have_a_loss_and_fewer_bytes(made: ModelMap) -> None:
    for entries in made.by_runtime.values():
        for layer in made.options["int8"].treats:
            kept, treated = entries[layer, KEEP], entries[layer, "int8"]
            assert treated.bytes <= kept.bytes
        assert sum(
            made.loss_of(entries[layer, "int8"]) or 0 for layer in made.options["int8"].treats
        )


def test_that_wholly_treated_models_are_predicted_in_size_as_they_were_made(
    made: ModelMap, tiny_model: Path
) -> None:
    graph = read_graph(tiny_model)
    for whole in made.whole:
        plan = CompressionPlan(steps=made.options[whole.option].steps, runtime=whole.runtime)
        predicted = predict(plan, graph, made)
        assert predicted.latency_ms is not None
        assert predicted.file_bytes.value == pytest.approx(whole.file_bytes, rel=0.01)


def test_that_the_front_names_the_candidates_that_were_made_of_it(solved: Solved) -> None:
    report = solved[0]
    assert report.front
    made_of = [point.candidate for point in report.front if point.candidate]
    assert set(made_of) <= {candidate.id for candidate in report.candidates}
    assert report.front[0].candidate in made_of or report.front[0].label == "FP32"


def test_that_the_chosen_one_is_as_small_as_any_that_was_measured(solved: Solved) -> None:
    report = solved[0]
    sizes = {c.id: c.file_bytes for c in report.candidates if c.benchmark and c.file_bytes}
    if report.chosen is not None:
        assert sizes[report.chosen] <= SAME_SIZE * min(sizes.values())


def test_that_a_search_out_of_time_still_ends_with_a_plan_within_the_goal(
    solved: Solved, tiny_model: Path, tiny_data: Path, tmp_path: Path
) -> None:
    events: list[Event] = []
    request = OptimizeRequest(
        model=tiny_model,
        data=tiny_data,
        effort="quick",
        solve=True,
        search_minutes=1e-6,
        goal=Goal(aim="size", max_drop=100),
        runtimes=(RUNTIME,),
        resume=solved[1],
    )
    report = run_job("optimize", request, tmp_path / "run", events.append)
    assert isinstance(report, OptimizationReport)
    assert report.met
    assert report.chosen is not None
    made = ModelMap.model_validate_json((tmp_path / "run" / "map.json").read_bytes())
    assert made.images
    assert any(
        "search for the best mix" in event.text for event in events if isinstance(event, Note)
    )
