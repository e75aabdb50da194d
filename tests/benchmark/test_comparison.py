"""Two models side by side: whose answers are better, image by image."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, cast

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from core.benchmark.comparison import ComparisonReport
from core.errors import InputError
from core.jobs.kinds.compare import CompareRequest
from core.jobs.runner import run_job
from core.plan.plan import RuntimeChoice

Compare = Callable[..., ComparisonReport]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """Compare two models on ONNX Runtime with one thread, as short as can be."""

    def run(a: Path, b: Path, data: Path | None = None) -> ComparisonReport:
        choice = RuntimeChoice(runtime="onnxruntime", threads=1)
        request = CompareRequest(
            a=a, b=b, choice_a=choice, choice_b=choice, data=data, blocks=2, patience=0
        )
        return cast("ComparisonReport", run_job("compare", request, tmp_path / "compare"))

    return run


@pytest.fixture
def decided_model(tiny_model: Path, tmp_path: Path) -> Callable[[int], Path]:
    """The tiny model, changed so that it always gives the same class."""

    def build(answer: int) -> Path:
        model = onnx.load(tiny_model)
        for weight in model.graph.initializer:
            values = numpy_helper.to_array(weight).copy()
            if weight.name == "head.weight":
                values[:] = 0
            elif weight.name == "head.bias":
                values[:] = np.arange(len(values)) == answer
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
        path = tmp_path / f"always-{answer}.onnx"
        onnx.save(model, path)
        return path

    return build


def test_that_changed_answers_are_judged_by_the_labels(
    compare: Compare, decided_model: Callable[[int], Path], tiny_data: Path
) -> None:
    report = compare(decided_model(0), decided_model(2), tiny_data)
    answers = report.answers
    assert answers is not None
    assert answers.agreement.value == 0.0
    assert (answers.better, answers.worse) == (6, 6)
    effects: dict[str | None, Literal["better", "worse", "other"]] = {
        change.truth: change.effect for change in answers.changes
    }
    assert effects == {"blue": "worse", "green": "other", "grey": "better", "red": "other"}
    assert {(change.a, change.b) for change in answers.changes} == {("blue", "grey")}
    assert [result.scores[0].value for result in answers.accuracy] == [0.25, 0.25]


def test_that_without_images_only_speed_is_compared(compare: Compare, tiny_model: Path) -> None:
    report = compare(tiny_model, tiny_model)
    assert report.answers is None
    assert (report.ratio.a, report.ratio.b) == ("b", "a")


def test_that_models_of_different_tasks_are_not_compared_on_images(
    compare: Compare, tiny_model: Path, tiny_data: Path, tmp_path: Path
) -> None:
    model = onnx.load(tiny_model)
    for weight in model.graph.initializer:
        if weight.name.startswith("head."):
            values = numpy_helper.to_array(weight)[..., :3].copy()
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 3
    onnx.save(model, tmp_path / "three.onnx")
    with pytest.raises(InputError, match="cannot be compared on images"):
        compare(tiny_model, tmp_path / "three.onnx", tiny_data)
