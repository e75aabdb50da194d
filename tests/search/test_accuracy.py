"""Accuracy of other models than classifiers, from data on disk to a report, in real workers."""

from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import numpy_helper

from core.benchmark.comparison import ComparisonReport
from core.errors import InputError
from core.jobs.kinds.compare import CompareRequest
from core.jobs.kinds.examine import Examination, ExamineRequest
from core.jobs.runner import run_job
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.search.report import OptimizationReport
from core.search.request import MapRequest, OptimizeRequest

QUANTIZED = CompressionPlan(
    name="INT8",
    steps=(Step(technique="int8", default={}),),
    runtime=RuntimeChoice(runtime="onnxruntime"),
)
QUICKLY: dict[str, Any] = {"effort": "quick", "runtimes": ("onnxruntime",)}
"""Answers are judged alike on every runtime."""


def test_that_a_detector_is_judged_by_the_average_precision_of_its_boxes(
    detector: Path, squares: Path, tmp_path: Path
) -> None:
    request = OptimizeRequest(model=detector, data=squares, plans=(QUANTIZED,), **QUICKLY)
    report = run_job("optimize", request, tmp_path / "run", lambda event: None)
    assert isinstance(report, OptimizationReport)
    original = report.candidates[0].accuracy
    assert original is not None
    assert original.task == "object detection"
    names = [score.metric for score in original.scores]
    assert names[:4] == ["map50-95", "map50", "ap50-original", "box-agreement"]
    assert original.scores[0].value > 0.95
    assert original.evaluated_on == "12 of 16 images; 4 others calibrated the ranges"
    mine = next(c for c in report.candidates if c.label.startswith("INT8"))
    assert mine.accuracy is not None and mine.accuracy.drop is not None
    lost = original.scores[0].value - mine.accuracy.scores[0].value
    assert mine.accuracy.drop.value == pytest.approx(100 * lost)
    assert any("mAP 50-95" in sentence for sentence in report.why)


@pytest.mark.parametrize("kind", ["map", "optimize"])
def test_that_a_metric_that_does_not_fit_is_refused(
    tiny_model: Path, tiny_data: Path, tmp_path: Path, kind: str
) -> None:
    asked = {"model": tiny_model, "data": tiny_data, "metric": "map50"}
    request = (
        MapRequest(**asked, runtimes=("onnxruntime",))
        if kind == "map"
        else OptimizeRequest(**asked, plans=(QUANTIZED,), **QUICKLY)
    )
    with pytest.raises(InputError, match="“mAP 50” cannot judge this model on this data"):
        run_job(kind, request, tmp_path / "run", lambda event: None)


def test_that_a_detectors_images_are_examined_with_its_preparation(
    detector: Path, squares: Path, tmp_path: Path
) -> None:
    found = run_job(
        "examine", ExamineRequest(data=squares, model=detector), tmp_path / "run", lambda e: None
    )
    assert isinstance(found, Examination)
    assert found.sentence == "16 images with boxes of 3 classes (YOLO)"
    assert found.judged == "Object detection, judged by mAP 50-95."
    assert found.contract is not None and found.contract.name == "YOLO, letterboxed"
    assert found.origin.startswith("best of 7 presets by mAP 50-95 on 16 images; ")
    assert found.table[0].accuracy is not None and found.table[0].accuracy > 0.95


def test_that_a_segmenter_without_masks_is_compared_pixel_by_pixel(
    segmenter: Path, squares: Path, tmp_path: Path
) -> None:
    other = tmp_path / "inverted.onnx"
    model = onnx.load(segmenter)
    turned = -numpy_helper.to_array(model.graph.initializer[0])
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(turned, "w"))
    onnx.save(model, other)
    images = tmp_path / "images"
    images.mkdir()
    for path in sorted((squares / "images").iterdir())[:4]:
        (images / path.name).write_bytes(path.read_bytes())
    request = CompareRequest(a=segmenter, b=other, data=images, blocks=2, patience=0)
    report = run_job("compare", request, tmp_path / "run", lambda event: None)
    assert isinstance(report, ComparisonReport)
    assert report.answers is not None
    assert report.answers.task == "segmentation"
    assert report.answers.agreement.metric == "mask-agreement"
    assert report.answers.agreement.value < 0.5
    assert report.answers.accuracy == ()


def test_that_a_model_with_several_inputs_is_optimized_on_tensors(
    two_inputs: Path, words: Path, tmp_path: Path
) -> None:
    request = OptimizeRequest(model=two_inputs, data=words, plans=(QUANTIZED,), **QUICKLY)
    report = run_job("optimize", request, tmp_path / "run", lambda event: None)
    assert isinstance(report, OptimizationReport)
    assert report.contract is None
    assert report.accuracy_checked
    accuracy = report.candidates[0].accuracy
    assert accuracy is not None
    assert accuracy.task == "any model"
    assert [score.metric for score in accuracy.scores] == ["cosine", "sqnr", "best-entries"]
    mine = next(c for c in report.candidates if c.label.startswith("INT8"))
    assert mine.accuracy is not None and mine.accuracy.drop is not None
    assert 0 < mine.accuracy.drop.value < 5


def test_that_tensors_that_do_not_fit_are_refused_before_anything_runs(
    detector: Path, words: Path, tmp_path: Path
) -> None:
    request = OptimizeRequest(model=detector, data=words, effort="quick")
    with pytest.raises(InputError) as caught:
        run_job("optimize", request, tmp_path / "run", lambda event: None)
    assert "the input “image” is missing (it holds ids, mask)" in caught.value.why
