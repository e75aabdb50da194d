"""Applying a plan runs its steps in order and leaves one file, or nothing."""

import numpy as np
import onnx
import onnxruntime
import pytest

from core.errors import InputError, JobCancelled
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan, Step
from core.plan.recipes import KEEP, recipes
from core.plan.size import predicted_bytes


def outputs(model, feeds):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, dict(feed))[0] for feed in feeds()])


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.id)
def test_that_every_recipe_gives_a_model_close_to_the_original(
    source, graph, feeds, tmp_path, recipe
):
    target = tmp_path / "out" / "made.onnx"
    target.parent.mkdir()
    done = apply_plan(recipe.plan, source, target, graph, feeds, calibration_count=4)
    assert done.file_bytes == target.stat().st_size
    assert [path.name for path in target.parent.iterdir()] == ["made.onnx"]
    original, made = outputs(source, feeds), outputs(target, feeds)
    assert np.linalg.norm(made - original) < 0.06 * np.linalg.norm(original)


def test_that_keeping_copies_the_model(source, graph, tmp_path):
    plan = next(recipe.plan for recipe in recipes() if recipe.id == KEEP)
    done = apply_plan(plan, source, tmp_path / "kept.onnx", graph)
    assert (tmp_path / "kept.onnx").read_bytes() == source.read_bytes()
    assert done.treated == {}
    assert source.exists()


def test_that_steps_build_on_each_other(source, graph, feeds, tmp_path):
    plan = CompressionPlan(
        steps=(
            Step(technique="int8", default={}, layers={"head/Gemm": None}),
            Step(technique="fp16", default={}),
        )
    )
    target = tmp_path / "both.onnx"
    done = apply_plan(plan, source, target, graph, feeds, calibration_count=4)
    assert done.treated["stem/Conv"] == ("int8",)
    assert done.treated["head/Gemm"] == ("fp16",)
    weights = {tensor.name: tensor.data_type for tensor in onnx.load(target).graph.initializer}
    assert weights["stem.weight/int8"] == onnx.TensorProto.INT8
    assert weights["head.weight/float16"] == onnx.TensorProto.FLOAT16
    original = outputs(source, feeds)
    assert np.linalg.norm(outputs(target, feeds) - original) < 0.06 * np.linalg.norm(original)


def test_that_the_order_of_steps_does_not_matter_for_the_result(source, graph, feeds, tmp_path):
    steps = (
        Step(technique="fp16", layers={"body/Conv": {}}),
        Step(technique="int8", layers={"stem/Conv": {}, "stem/Relu": {}, "head/Gemm": {}}),
    )
    made = []
    for number, order in enumerate((steps, steps[::-1])):
        target = tmp_path / f"{number}.onnx"
        plan = CompressionPlan(steps=order)
        apply_plan(plan, source, target, graph, feeds, calibration_count=4)
        made.append(outputs(target, feeds))
    np.testing.assert_allclose(made[0], made[1], atol=0.02 * np.abs(made[0]).max())


def test_that_a_stopped_plan_leaves_nothing(source, graph, feeds, tmp_path):
    def stop(done, total, text):
        if done >= 1:
            raise JobCancelled

    folder = tmp_path / "out"
    folder.mkdir()
    plan = CompressionPlan(
        steps=(
            Step(technique="int8-weights", layers={"head/Gemm": {}}),
            Step(technique="int8", default={}),
        )
    )
    with pytest.raises(JobCancelled):
        apply_plan(plan, source, folder / "m.onnx", graph, feeds, progress=stop)
    assert list(folder.iterdir()) == []


def test_that_progress_runs_once_from_start_to_end(source, graph, feeds, tmp_path):
    seen = []
    plan = CompressionPlan(
        steps=(
            Step(technique="int8", layers={"stem/Conv": {}}),
            Step(technique="fp16", default={}),
        )
    )
    apply_plan(
        plan, source, tmp_path / "m.onnx", graph, feeds, calibration_count=4,
        progress=lambda done, total, text: seen.append(done / total),
    )  # fmt: skip
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_that_a_plan_with_errors_is_not_begun(source, graph, tmp_path):
    plan = CompressionPlan(steps=(Step(technique="int8", default={}),))
    with pytest.raises(InputError, match="learns from images"):
        apply_plan(plan, source, tmp_path / "m.onnx", graph)
    assert not (tmp_path / "m.onnx").exists()


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.id)
def test_that_the_size_is_predicted_for_the_sample(recipe, sample_model, tmp_path, feeds):
    from core.formats import read_graph
    from core.model.identity import stamp

    stamp(sample_model, tmp_path / "sample.onnx")
    sample = read_graph(tmp_path / "sample.onnx")

    def images():
        for seed in range(2):
            random = np.random.default_rng(seed)
            yield {sample.inputs[0].name: random.random((1, 1, 28, 28), np.float32)}

    target = tmp_path / "m.onnx"
    done = apply_plan(
        recipe.plan, tmp_path / "sample.onnx", target, sample, images, calibration_count=2
    )
    assert predicted_bytes(recipe.plan, sample) == pytest.approx(done.file_bytes, rel=0.2)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.id)
def test_that_weights_beside_the_model_come_along(
    source, graph, feeds, tmp_path, recipe, monkeypatch
):
    monkeypatch.setattr("core.techniques.editing.ONE_FILE_LIMIT", 0)
    large = tmp_path / "large" / "working.onnx"
    made = tmp_path / "made" / "small.onnx"
    for path in (large, made):
        path.parent.mkdir()
    onnx.save(
        onnx.load(source), large, save_as_external_data=True, size_threshold=0,
        location="working.onnx.data",
    )  # fmt: skip
    done = apply_plan(recipe.plan, large, made, graph, feeds, calibration_count=4)
    assert done.file_bytes == sum(path.stat().st_size for path in made.parent.iterdir())
    original = outputs(source, feeds)
    assert np.linalg.norm(outputs(made, feeds) - original) < 0.06 * np.linalg.norm(original)
