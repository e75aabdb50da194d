"""The race, from a model and images to a report, in a real worker with real runtimes."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.jobs.context import read_results
from core.jobs.events import Event
from core.jobs.runner import Job, run_job
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.search.report import Goal, OptimizationReport
from core.search.request import OptimizeRequest

ONE = ("onnxruntime",)
"""Where what is tested has nothing to do with the runtime."""

PLAN = CompressionPlan(name="W8", steps=(Step(technique="int8-weights", default={}),))
"""Where what is tested has nothing to do with which recipes there are."""

Race = tuple[OptimizationReport, Path, list[Event]]


def race(folder: Path, **request: object) -> Race:
    events: list[Event] = []
    asked = OptimizeRequest.model_validate({"effort": "quick", **request})
    report = run_job("optimize", asked, folder, events.append)
    assert isinstance(report, OptimizationReport)
    return report, folder, events


@pytest.fixture(scope="module")
def sample_race(
    sample_model: Path, sample_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Race:
    """The sample, for size: INT8 of every layer loses too much there, so layers must be kept."""
    folder = tmp_path_factory.mktemp("race") / "run"
    return race(folder, model=sample_model, data=sample_data, goal=Goal(aim="size", max_drop=1))


def test_that_every_recipe_ran_on_every_runtime(sample_race: Race) -> None:
    report, _, _ = sample_race
    ids = {candidate.id for candidate in report.candidates}
    assert {"original.onnxruntime", "original.openvino"} <= ids
    assert {"int8-weights.onnxruntime", "int8-weights.openvino", "fp16.openvino"} <= ids


def test_that_the_chosen_one_is_smaller_and_within_the_limit(sample_race: Race) -> None:
    report, _, _ = sample_race
    chosen = next(c for c in report.candidates if c.id == report.chosen)
    assert report.met
    assert chosen.standing == "chosen"
    assert chosen.accuracy is not None and chosen.accuracy.drop is not None
    assert chosen.accuracy.drop.value <= 1
    original = report.candidates[0]
    assert (chosen.file_bytes or 0) < 0.4 * (original.file_bytes or 0)


def test_that_the_sample_shows_a_real_trade(sample_race: Race) -> None:
    report, _, _ = sample_race
    over = [c for c in report.candidates if c.standing == "over limit"]
    assert any(c.id.startswith("int8") for c in over)


def test_that_calibration_images_do_not_judge(sample_race: Race) -> None:
    report, _, _ = sample_race
    accuracy = report.candidates[0].accuracy
    assert accuracy is not None
    assert accuracy.evaluated_on == "300 of 400 images; 100 others calibrated the ranges"
    assert accuracy.scores[0].samples == 300


def test_that_every_measured_figure_has_its_interval_and_provenance(sample_race: Race) -> None:
    report, _, _ = sample_race
    measured = [c.benchmark for c in report.candidates if c.benchmark is not None]
    assert len(measured) >= 3
    for result in measured:
        assert result.latency_ms.low <= result.latency_ms.value <= result.latency_ms.high
        assert result.provenance.versions["onnxruntime"]
        assert len(result.provenance.model_sha256) == 64


def test_that_every_candidate_says_why_it_stands_where_it_stands(sample_race: Race) -> None:
    report, _, _ = sample_race
    assert [c.id for c in report.candidates if not c.reason] == []
    assert len(report.why) >= 3


def test_that_results_are_on_disk_by_the_name_they_were_told(sample_race: Race) -> None:
    _, folder, events = sample_race
    told = {event.what for event in events if event.type == "measured"}
    assert told == set(read_results(folder))


def test_that_a_given_plan_is_measured_beside_the_original(
    tiny_model: Path, tiny_data: Path, tmp_path: Path
) -> None:
    plan = CompressionPlan(
        name="My plan",
        steps=(Step(technique="int8-weights", layers={"stem/Conv": {}}),),
        runtime=RuntimeChoice(runtime="onnxruntime"),
    )
    asked = {"model": tiny_model, "data": tiny_data, "plans": (plan,), "runtimes": ONE}
    report, folder, _ = race(tmp_path / "run", **asked)
    mine = next(c for c in report.candidates if c.label.startswith("My plan"))
    assert mine.benchmark is not None
    assert mine.against_original is not None
    assert (folder / str(mine.model)).is_file()


def test_that_without_images_only_speed_is_measured(tiny_model: Path, tmp_path: Path) -> None:
    report, _, events = race(tmp_path / "run", model=tiny_model, runtimes=ONE)
    assert not report.accuracy_checked
    assert report.contract is None
    assert all(candidate.accuracy is None for candidate in report.candidates)
    assert not any(c.id.startswith("int8.") for c in report.candidates)
    notes = " ".join(event.text for event in events if event.type == "note")
    assert "accuracy is not checked" in notes


def test_that_every_fault_of_a_plan_is_told(tiny_model: Path, tmp_path: Path) -> None:
    plan = CompressionPlan(
        steps=(Step(technique="int8-weights", layers={"nothing": {}, "stem/Relu": {}}),)
    )
    report, _, _ = race(tmp_path / "run", model=tiny_model, plans=(plan,), runtimes=ONE)
    failed = [c for c in report.candidates if c.standing == "failed"]
    assert failed
    assert "nothing" in failed[0].reason and "stem/Relu" in failed[0].reason


def test_that_unlabelled_images_are_judged_by_agreement(tiny_model: Path, tmp_path: Path) -> None:
    from PIL import Image

    images = tmp_path / "images"
    images.mkdir()
    random = np.random.default_rng(0)
    for number in range(16):
        pixels = random.integers(0, 255, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(images / f"{number}.png")
    asked = {"model": tiny_model, "data": images, "runtimes": ONE, "plans": (PLAN,)}
    report, _, _ = race(tmp_path / "run", **asked)
    accuracy = report.candidates[0].accuracy
    assert accuracy is not None
    assert accuracy.scores[0].metric == "agreement"
    assert accuracy.scores[0].value == 1.0


def test_that_an_unknown_device_is_refused_by_name(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="local"):
        race(tmp_path / "run", model=tiny_model, device="nowhere")


def test_that_an_interrupted_race_uses_what_it_had_acknowledged(
    tiny_model: Path, tiny_data: Path, tmp_path: Path
) -> None:
    request = OptimizeRequest(
        model=tiny_model, data=tiny_data, effort="quick", runtimes=ONE, plans=(PLAN,)
    )
    first = Job("optimize", request, tmp_path / "run")
    kill_when(first, lambda event: event.type == "measured" and event.what.startswith("accuracy"))
    kept = read_results(first.partial_folder)
    assert any(what.startswith("quick look") for what in kept)
    again = request.model_copy(update={"resume": first.partial_folder})
    report, folder, events = race(tmp_path / "run", **dict(again))
    told = {event.what for event in events if event.type == "measured"}
    assert not told & {what for what in kept if not what.startswith("benchmark")}
    assert set(kept) <= set(read_results(folder))
    assert report.accuracy_checked
    assert json.loads((folder / "outcome.json").read_text())["model_name"] == tiny_model.name


def kill_when(job: Job, reached: Callable[[Event], bool]) -> None:
    import os
    import signal

    pid: list[int] = []

    def listen(event: Event) -> None:
        if event.type == "started":
            pid.append(event.pid)
        if reached(event):
            os.killpg(pid[0], signal.SIGKILL)

    job.start(listen)
    assert job.wait().type == "failed"
