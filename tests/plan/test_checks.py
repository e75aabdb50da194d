"""A plan's problems are found all at once, each with its place and a remedy."""

from dataclasses import replace

import pytest

from core.errors import InputError
from core.model.graph import ModelGraph
from core.plan.checks import check_plan, require_valid
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.plan.recipes import recipes


def problems(graph: ModelGraph, *steps: Step, images=True, runtime=None, runtimes=None):
    plan = CompressionPlan(steps=steps, runtime=runtime)
    return check_plan(plan, graph, has_calibration=images, runtimes=runtimes)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.id)
def test_that_no_recipe_is_wrong_for_the_tiny_model(graph, recipe):
    found = check_plan(recipe.plan, graph, has_calibration=True, runtimes=None)
    assert all(problem.level == "warning" for problem in found)
    assert not found or "treats no layer" in found[0].what


def test_that_all_problems_are_reported_together(graph):
    found = problems(
        graph,
        Step(technique="magic", default={}),
        Step(
            technique="int8",
            default={"method": "guess", "volume": 3},
            layers={"stem/Conv": {"symmetric": 7}, "nowhere": {}},
        ),
        Step(technique="int8-dynamic", layers={"body/Conv": {}}),
        images=False,
        runtime=RuntimeChoice(runtime="abacus", precision="f8", threads=-1),
        runtimes={"onnxruntime"},
    )
    places = {(problem.step, problem.layer, problem.field) for problem in found}
    assert places == {
        (None, None, "runtime"),
        (None, None, "precision"),
        (None, None, "threads"),
        (0, None, "technique"),
        (1, None, "method"),
        (1, None, "volume"),
        (1, None, "technique"),
        (1, "stem/Conv", "symmetric"),
        (1, "nowhere", None),
        (2, "body/Conv", "technique"),
    }
    assert all(problem.what.endswith(".") and problem.remedy.endswith(".") for problem in found)


def test_that_int8_needs_images_and_keeping_does_not(graph):
    assert problems(graph, Step(technique="int8", default={}), images=False)
    assert not problems(graph, Step(technique="int8-weights", default={}), images=False)
    assert not problems(graph, Step(technique="int8"), images=False)


def test_that_one_layer_cannot_have_two_number_formats(graph):
    found = problems(
        graph,
        Step(technique="fp16", layers={"stem/Conv": {}}),
        Step(technique="int8", layers={"stem/Conv": {}, "body/Conv": {}}),
    )
    assert [(problem.step, problem.layer) for problem in found] == [(1, "stem/Conv")]


def test_that_a_second_default_takes_only_what_is_left(graph):
    int8 = Step(technique="int8", default={}, layers={"head/Gemm": None})
    assert problems(graph, int8, Step(technique="fp16", default={})) == ()


def test_that_a_step_without_effect_is_a_warning(graph):
    found = problems(
        graph, Step(technique="fp16", default={}), Step(technique="int8-weights", default={})
    )
    assert [(problem.step, problem.level) for problem in found] == [(1, "warning")]
    assert "earlier steps" in found[0].what


def test_that_an_invalid_plan_is_refused_with_every_error(graph):
    plan = CompressionPlan(name="Mine", steps=(Step(technique="fp16", layers={"a": {}, "b": {}}),))
    with pytest.raises(InputError) as caught:
        require_valid(plan, graph, has_calibration=False)
    assert "Mine" in caught.value.what
    assert "a: " in caught.value.why and "b: " in caught.value.why
    assert caught.value.remedy.count("Remove the layer") == 1


def test_that_warnings_do_not_stop_a_plan(graph):
    plan = CompressionPlan(
        steps=(Step(technique="fp16", default={}), Step(technique="int8-weights", default={}))
    )
    require_valid(plan, graph, has_calibration=False)


def test_that_a_preparation_without_work_matters_only_where_nothing_follows(graph):
    prepare = Step(technique="simplify", default={})
    alone = check_plan(
        CompressionPlan(steps=(prepare,)), graph, has_calibration=True, runtimes=None
    )
    assert [problem.level for problem in alone] == ["warning"]
    followed = CompressionPlan(steps=(prepare, Step(technique="int8", default={})))
    assert check_plan(followed, graph, has_calibration=True, runtimes=None) == ()


def test_that_a_preparation_is_no_choice_for_a_layer(graph):
    plan = CompressionPlan(
        steps=(Step(technique="simplify", default={}), Step(technique="int8", default={}))
    )
    layer = graph.layers[0].id
    assert plan.choice(layer) == ("int8", {})
    kept = plan.with_choice(layer, None, {})
    assert kept.choice(layer) is None
    assert kept.steps[0] == plan.steps[0]


def test_that_an_npu_names_the_free_sizes_but_not_the_batch(graph):
    (image,) = graph.inputs
    free = replace(graph, inputs=(replace(image, shape=("N", 3, "height", None)),))
    npu = RuntimeChoice(runtime="openvino-npu")

    (problem,) = problems(free, runtime=npu, runtimes={"openvino-npu"})
    assert "free in image: “height”, one without a name." in problem.what
    assert "--set-shape" in problem.remedy

    batch = replace(graph, inputs=(replace(image, shape=("N", 3, 16, 16)),))
    assert not problems(batch, runtime=npu, runtimes={"openvino-npu"})
    assert not problems(free, runtime=RuntimeChoice(runtime="openvino"), runtimes={"openvino"})
