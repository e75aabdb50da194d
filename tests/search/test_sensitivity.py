"""A scan finds what the plain loop finds: quantize one layer, run everything."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from core.errors import InputError, JobCancelled
from core.model.graph import LayerId
from core.plan.plan import Step
from core.plan.recipes import recipes
from core.search.answers import form_of
from core.search.sensitivity import LayerSensitivity, ScanWork, scan
from core.search.sensitivity.attention import LEAST, certainty, next_pieces
from core.search.sensitivity.figures import figures_of
from core.search.sensitivity.looking import KitPlace, Looked, Piece
from core.search.sensitivity.numbers import Numbers, Original
from core.search.sensitivity.report import NO_NOISE_DB
from core.search.sensitivity.scanning import INPUTS as PIECE
from core.search.sensitivity.trials import Trial
from tests.search.sensitivity_models import (
    INPUTS,
    Builder,
    Case,
    cases,
    plain_loop,
    work_for,
)

SETTINGS = ("int8", "int8-asymmetric", "int8-weights", "fp16")
FLOAT32_ENDS = 120.0
"""Decibels from which on runtimes differ by how they round float32."""
TOLERANCE = {"fp16": 0.3}
"""Decibels; 0.1 for the others. FP16 is nothing but rounding: where parts run alone, float32 may
end in another last bit, which puts some of a few hundred activations beyond a step."""
MIXED = Case(("residual", "swish", "shared", "side"), seed=3, free_batch=False)


def step_of(setting: str) -> Step:
    return next(recipe.plan.steps[0] for recipe in recipes() if recipe.id == setting)


@pytest.fixture
def work(tmp_path: Path) -> ScanWork:
    """A scan of a network with branches, a shared weight and two outputs."""
    return work_for(Builder(MIXED).model(), tmp_path, {"int8": step_of("int8")})


def assert_equals_plain_loop(work: ScanWork, setting: str, folder: Path) -> None:
    found = scan(work).of(setting)
    expected = plain_loop(work, step_of(setting), folder)
    assert found.keys() == expected.keys()
    near = TOLERANCE.get(setting, 0.1)
    for layer, numbers in expected.items():
        own, plain = found[layer], figures_of(layer, setting, numbers)
        level = min(plain.sqnr_db.value, FLOAT32_ENDS)
        assert min(own.sqnr_db.value, FLOAT32_ENDS) == pytest.approx(level, abs=near)
        assert own.images == work.count
        assert (own.kl is None) == (plain.kl is None)
        if own.kl is not None and plain.kl is not None:
            assert own.kl.value == pytest.approx(plain.kl.value, rel=0.03, abs=1e-9)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(), setting=st.sampled_from(SETTINGS))
def test_that_a_scan_equals_the_plain_loop(case: Case, setting: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        work = work_for(Builder(case).model(), Path(name), {setting: step_of(setting)})
        assert_equals_plain_loop(work, setting, Path(name))


def test_that_a_model_whose_inputs_must_go_one_by_one_gives_the_same(tmp_path: Path) -> None:
    """Its outputs depend on the whole batch, so that inputs must not be put together."""
    builder = Builder(Case(("residual", "conv"), seed=1, free_batch=True))
    builder.nodes[-1].output[0] = "raw"
    mean = builder.add("ReduceMean", ["raw", "axes"], keepdims=1)
    builder.weights.append(onnx.numpy_helper.from_array(np.array([0]), "axes"))
    builder.nodes.append(helper.make_node("Sub", ["raw", mean], ["centred"], "centred/node"))
    builder.nodes.append(helper.make_node("Add", ["centred", "raw"], ["scores"], "scores/sum"))
    work = work_for(builder.model(), tmp_path, {"int8": step_of("int8")})
    assert_equals_plain_loop(work, "int8", tmp_path)


@pytest.mark.parametrize("held", [1, 3000])
def test_that_too_little_memory_for_all_at_once_gives_the_same(
    held: int, work: ScanWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inputs and copies then go one by one, or in small groups."""
    monkeypatch.setattr("core.search.sensitivity.walk.HELD_BYTES", held)

    assert_equals_plain_loop(work, "int8", tmp_path)


def test_that_several_inputs_are_fed_by_name(tmp_path: Path) -> None:
    builder = Builder(Case((), seed=2, free_batch=True))
    builder.nodes[-1].output[0] = "raw"
    builder.nodes.append(helper.make_node("Add", ["raw", "offset"], ["scores"], "scores/sum"))
    model = builder.model()
    offset = helper.make_tensor_value_info("offset", TensorProto.FLOAT, ["batch", 3])
    model.graph.input.append(offset)
    work = work_for(model, tmp_path, {"int8-weights": step_of("int8-weights")})
    np.save(tmp_path / "offsets.npy", np.eye(INPUTS, 3, dtype=np.float32))
    with pytest.raises(InputError, match="offset"):
        scan(work)
    both = {"image": tmp_path / "inputs.npy", "offset": tmp_path / "offsets.npy"}
    assert_equals_plain_loop(replace(work, inputs=both), "int8-weights", tmp_path)


def test_that_one_scan_takes_several_settings(work: ScanWork) -> None:
    steps = {name: step_of(name) for name in ("int8", "fp16")}
    report = scan(replace(work, settings=steps))
    assert {entry.setting for entry in report.entries} == {"int8", "fp16"}
    kernel = LayerId("Conv0/node")
    assert report.of("fp16")[kernel].sqnr_db.value > report.of("int8")[kernel].sqnr_db.value
    assert all(one.refused and one.reason for one in report.skipped)


def test_that_a_layer_without_effect_of_its_own_changes_nothing(work: ScanWork) -> None:
    """A Relu belongs to the layer before: treated alone it stays what it is."""
    relu = scan(work).of("int8")[LayerId("Relu1/node")]
    assert relu.sqnr_db.value == NO_NOISE_DB
    assert relu.kl is not None
    assert relu.kl.value == 0


def test_that_drops_are_there_with_labels(work: ScanWork) -> None:
    labels = np.zeros(INPUTS, np.int64)
    layer = scan(replace(work, labels=labels)).entries[0]
    assert layer.drop is not None
    assert layer.drop.low <= layer.drop.value <= layer.drop.high
    assert scan(work).entries[0].drop is None


def test_that_a_stopped_scan_goes_on_where_it_was(work: ScanWork, tmp_path: Path) -> None:
    work = replace(work, cache=tmp_path / "cache")
    whole = scan(replace(work, cache=None))
    tried: list[float] = []

    def stop_at_the_first_result(done: float, total: float, text: str) -> None:
        if text.startswith("Trying"):
            tried.append(done)
            raise JobCancelled

    with pytest.raises(JobCancelled):
        scan(work, progress=stop_at_the_first_result)
    remaining: list[float] = []

    def note(done: float, total: float, text: str) -> None:
        if text.startswith("Trying"):
            remaining.append(done)

    assert scan(work, progress=note).entries == whole.entries
    assert remaining[-1] + tried[-1] == len(whole.entries) * 2  # two pieces of inputs


def test_that_figures_are_used_again_as_long_as_nothing_changed(
    work: ScanWork, tmp_path: Path
) -> None:
    work = replace(work, cache=tmp_path / "cache")
    first, again = scan(work), scan(work)
    assert first.cpu_seconds > 0
    assert again.cpu_seconds == 0
    assert again.entries == first.entries
    others = np.load(tmp_path / "inputs.npy") + np.float32(1)
    np.save(tmp_path / "others.npy", others)
    assert scan(replace(work, inputs=tmp_path / "others.npy")).cpu_seconds > 0
    percentile = {"int8": Step(technique="int8", default={"method": "percentile"})}
    assert scan(replace(work, settings=percentile)).cpu_seconds > 0


def test_that_another_model_takes_nothing_from_the_same_cache(
    work: ScanWork, tmp_path: Path
) -> None:
    scan(replace(work, cache=tmp_path / "cache"))
    (tmp_path / "other").mkdir()
    model = Builder(replace(MIXED, seed=4)).model()
    other = work_for(model, tmp_path / "other", {"int8": step_of("int8")})
    report = scan(replace(other, cache=tmp_path / "cache"))
    assert report.cpu_seconds > 0
    assert report.entries == scan(other).entries


@pytest.mark.parametrize("in_workers", [False, True])
def test_that_a_scan_without_time_sees_every_layer_on_few_inputs(
    work: ScanWork, tmp_path: Path, in_workers: bool
) -> None:
    few, count = LEAST * PIECE, LEAST * PIECE + 6
    random = np.random.default_rng(1)
    shape = np.load(tmp_path / "inputs.npy").shape[1:]
    np.save(tmp_path / "many.npy", random.normal(0, 1, (count, *shape)).astype(np.float32))
    work = replace(work, inputs=tmp_path / "many.npy", images=count, cache=tmp_path / "cache")
    work = replace(work, every_input=True)
    executor = FarAway() if in_workers else None
    hurried = scan(replace(work, seconds=0.0, executor=executor))
    whole = scan(work)
    assert {entry.layer for entry in hurried.entries} == {entry.layer for entry in whole.entries}
    assert all(few <= entry.images <= count for entry in hurried.entries)
    assert in_workers or {entry.images for entry in hurried.entries} == {few}
    assert {entry.images for entry in whole.entries} == {count}
    assert whole.entries == scan(replace(work, cache=None)).entries


def test_that_figures_are_told_as_they_come(work: ScanWork) -> None:
    told: list[LayerSensitivity] = []
    report = scan(work, found=told.append)
    assert sorted(told, key=str) == sorted(report.entries, key=str)


class FarAway(Executor):
    """Workers that do not see this computer's files."""

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, fn: Any, /, place: KitPlace, piece: Piece) -> "Future[Looked]":  # type: ignore[override]
        self.calls += 1
        future: Future[Looked] = Future()
        try:
            future.set_result(fn(replace(place, folder=Path("elsewhere")), piece))
        except Exception as error:
            future.set_exception(error)
        return future


def test_that_workers_far_away_get_the_files_sent(work: ScanWork) -> None:
    executor = FarAway()
    report = scan(replace(work, executor=executor))
    assert report.entries == scan(work).entries
    assert executor.calls > 2  # each piece once without the files, then with them


def test_that_a_setting_that_learns_asks_for_calibration_inputs(work: ScanWork) -> None:
    with pytest.raises(InputError, match="learns from images"):
        scan(replace(work, calibration=None))


def trial(name: str) -> Trial:
    return Trial("int8", LayerId(name), name, {})


def numbers(values: "np.ndarray") -> Numbers:
    ones = [1.0] * len(values)
    return Numbers(signal=ones, noise=ones, kl=values.tolist())


@pytest.fixture
def crowd() -> dict[Trial, list[Numbers]]:
    """Two layers far from all others, and ten that are hard to tell apart."""
    random = np.random.default_rng(0)
    levels = {"worst": 100.0, "second": 10.0, **{f"alike{i}": 1.0 for i in range(10)}}
    return {
        trial(name): [numbers(level * random.exponential(1, 4)) for _ in range(8)]
        for name, level in levels.items()
    }


def test_that_inputs_are_added_where_the_order_is_open(crowd: dict[Trial, list[Numbers]]) -> None:
    costs = {one.layer: 1.0 for one in crowd}
    asked = {one for trials in next_pieces(crowd, 50, costs).values() for one in trials}
    assert asked
    assert not asked & {trial("worst"), trial("second")}
    assert certainty(crowd) < 0.9


def test_that_nothing_is_added_once_the_order_is_clear() -> None:
    random = np.random.default_rng(0)
    clear = {
        trial(str(i)): [numbers(10.0**i * random.uniform(0.9, 1.1, 4)) for _ in range(8)]
        for i in range(6)
    }
    costs = {one.layer: 1.0 for one in clear}
    assert next_pieces(clear, 50, costs) == {}
    assert certainty(clear) == pytest.approx(1)
    rest = next_pieces(clear, 50, costs, all_of_them=True)
    assert sorted(rest) == list(range(8, 50))


def test_that_a_scan_ends_when_there_are_no_more_inputs(crowd: dict[Trial, list[Numbers]]) -> None:
    assert next_pieces(crowd, 8, {one.layer: 1.0 for one in crowd}) == {}


def rows(*values: list[float]) -> "Iterator[dict[str, np.ndarray]]":
    for row in values:
        yield {"scores": np.array([row], np.float32)}


def test_that_probabilities_and_their_logarithms_diverge_alike() -> None:
    before, after = rows([0.7, 0.2, 0.1], [0.6, 0.3, 0.1])
    plain = Original(before, ["scores"], form_of([before["scores"]]), 1).numbers(after)
    logits = [{"scores": np.log(lot["scores"]) + 5} for lot in (before, after)]
    form = form_of([logits[0]["scores"]])
    shifted = Original(logits[0], ["scores"], form, 1).numbers(logits[1])
    expected = 0.7 * np.log(7 / 6) + 0.2 * np.log(2 / 3)
    assert plain.kl == pytest.approx([expected], rel=1e-5)
    assert shifted.kl == pytest.approx([expected], rel=1e-5)


def test_that_answers_that_are_no_numbers_count_as_lost() -> None:
    before, after = rows([1, 2, 3], [1, float("nan"), 3])
    found = Original(before, ["scores"], "scores", 1).numbers(after)
    assert found.flipped == [True]
    figures = figures_of(LayerId("x"), "fp16", found)
    assert figures.kl is not None
    assert figures.kl.value > 100
    assert figures.sqnr_db.value < 0


def test_that_maps_have_noise_and_no_divergence() -> None:
    image = np.full((1, 2, 4, 4), 3, np.float32)
    assert form_of([image]) == "other"
    found = Original({"map": image}, ["map"], "other", 1).numbers({"map": image * 1.1})
    figures = figures_of(LayerId("x"), "int8", found)
    assert figures.sqnr_db.value == pytest.approx(20, abs=1e-3)
    assert figures.kl is None
    assert figures.flips is None


def test_that_a_list_of_boxes_is_one_answer() -> None:
    """Without a batch axis, and of another length when another number of boxes is found."""
    before, after = {"boxes": np.ones((5, 4), np.float32)}, {"boxes": np.ones((6, 4), np.float32)}
    found = Original(before, ["boxes"], "other", 1).numbers(after)
    assert (found.signal, found.noise) == ([20.0], [20.0])


def test_that_a_map_of_chances_diverges_by_what_each_says() -> None:
    wanted = np.full((2, 1, 4, 4), 0.5, np.float32)
    got = wanted.copy()
    got[1] = 0.25
    form = form_of([wanted, np.zeros_like(wanted)])
    found = Original({"map": wanted}, ["map"], form, 2).numbers({"map": got})
    by_hand = (0.5 * np.log(2) + 0.5 * np.log(0.5 / 0.75)) * 16 / 8
    assert found.kl == pytest.approx([0, by_hand], abs=1e-9)
    assert found.flipped == []


@pytest.mark.parametrize("turned", [False, True])
def test_that_objects_diverge_where_something_is_seen(turned: bool) -> None:
    """Boxes of places without an object say nothing, whatever becomes of them."""
    chance = np.random.default_rng(0)
    wanted = chance.uniform(20, 300, (1, 40, 6)).astype(np.float32)
    wanted[..., 4:] = 0
    wanted[0, 7, 4] = 0.9
    empty, moved, unsure = wanted.copy(), wanted.copy(), wanted.copy()
    empty[0, 8, :4] += 30
    moved[0, 7, :4] += 30
    unsure[0, 7, 4] = 0.5

    def loss(got: "np.ndarray") -> float:
        one, other = (v.swapaxes(1, 2) if turned else v for v in (wanted, got))
        form = form_of([one])
        assert form == "objects"
        return Original({"y": one}, ["y"], form, 1).numbers({"y": other}).kl[0]

    assert loss(empty) == pytest.approx(0, abs=1e-9)
    assert loss(moved) > 1
    assert loss(unsure) == pytest.approx(0.9 * np.log(9 / 5) + 0.1 * np.log(1 / 5), rel=1e-3)
