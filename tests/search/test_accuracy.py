"""Accuracy of other models than classifiers, from data on disk to a report, in real workers."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from core.benchmark.comparison import ComparisonReport
from core.errors import InputError
from core.jobs.kinds.compare import CompareRequest
from core.jobs.kinds.examine import Examination, ExamineRequest
from core.jobs.runner import run_job
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.search.report import OptimizationReport
from core.search.request import OptimizeRequest

CELLS, CELL = 8, 8
"""Squares along each side of an image, and pixels along each side of a square."""
SIDE = CELLS * CELL


def cell_scores() -> list[onnx.NodeProto]:
    """image → scores (1, 3, 8, 8): how red, green and blue each square is."""
    return [
        helper.make_node("Conv", ["image", "w", "b"], ["c"], "cells/Conv", strides=[CELL, CELL]),
        helper.make_node("Sigmoid", ["c"], ["maps"], "cells/Sigmoid"),
    ]


def weights() -> list[onnx.TensorProto]:
    # A colour counts as much as the others are missing; grey gives 0.
    contrast = np.full((3, 3), -6.0) + np.eye(3) * 18
    kernel = np.repeat(contrast, CELL * CELL).reshape(3, 3, CELL, CELL) / CELL**2
    return [
        numpy_helper.from_array(kernel.astype(np.float32), "w"),
        numpy_helper.from_array(np.full(3, -4, np.float32), "b"),
    ]


def save(
    path: Path,
    nodes: list[onnx.NodeProto],
    output: tuple[str, list[int]],
    constants: list[onnx.TensorProto],
) -> Path:
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    answer = helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])
    graph = helper.make_graph(nodes, "squares", [image], [answer], constants)
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finds coloured squares; one box a square, laid out as YOLOv8's: (1, 4 + 3, 64)."""
    middle = np.arange(CELLS) * CELL + CELL / 2
    across, down = np.meshgrid(middle, middle)
    size = np.full(CELLS * CELLS, CELL)
    boxes = np.stack([across.ravel(), down.ravel(), size, size])[None].astype(np.float32)
    nodes = [
        *cell_scores(),
        helper.make_node("Reshape", ["maps", "flat"], ["scores"], "head/Reshape"),
        helper.make_node("Concat", ["boxes", "scores"], ["output0"], "head/Concat", axis=1),
    ]
    constants = [
        *weights(),
        numpy_helper.from_array(np.array([1, 3, CELLS * CELLS]), "flat"),
        numpy_helper.from_array(boxes, "boxes"),
    ]
    path = tmp_path_factory.mktemp("detector") / "detector.onnx"
    return save(path, nodes, ("output0", [1, 7, CELLS * CELLS]), constants)


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class of each square: (1, 3, 8, 8)."""
    path = tmp_path_factory.mktemp("segmenter") / "segmenter.onnx"
    return save(path, cell_scores(), ("maps", [1, 3, CELLS, CELLS]), weights())


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen images with coloured squares on grey, their boxes (YOLO), and a list of names."""
    folder = tmp_path_factory.mktemp("squares")
    random = np.random.default_rng(0)
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    (folder / "classes.txt").write_text("red\ngreen\nblue\n")
    for number in range(16):
        pixels = random.normal(120, 8, (SIDE, SIDE, 3))
        lines: list[str] = []
        for place in random.choice(CELLS * CELLS, 5, replace=False):
            row, column, label = place // CELLS, place % CELLS, int(random.integers(3))
            square = pixels[row * CELL :, column * CELL :][:CELL, :CELL]
            square[:] = 20
            square[..., label] = 230
            x, y = (column + 0.5) / CELLS, (row + 0.5) / CELLS
            lines.append(f"{label} {x} {y} {1 / CELLS} {1 / CELLS}")
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        picture.save(folder / "images" / f"{number:02d}.png")
        (folder / "labels" / f"{number:02d}.txt").write_text("\n".join(lines))
    return folder


QUANTIZED = CompressionPlan(
    name="INT8",
    steps=(Step(technique="int8", default={}),),
    runtime=RuntimeChoice(runtime="onnxruntime"),
)


def test_that_a_detector_is_judged_by_the_average_precision_of_its_boxes(
    detector: Path, squares: Path, tmp_path: Path
) -> None:
    request = OptimizeRequest(model=detector, data=squares, effort="quick", plans=(QUANTIZED,))
    report = run_job("optimize", request, tmp_path / "run", lambda event: None)
    assert isinstance(report, OptimizationReport)
    original = report.candidates[0].accuracy
    assert original is not None
    assert original.task == "object detection"
    names = [score.metric for score in original.scores]
    assert names[:3] == ["map50-95", "map50", "box-agreement"]
    assert original.scores[0].value > 0.95
    assert original.evaluated_on == "12 of 16 images; 4 others calibrated the ranges"
    mine = next(c for c in report.candidates if c.label.startswith("INT8"))
    assert mine.accuracy is not None and mine.accuracy.drop is not None
    lost = original.scores[0].value - mine.accuracy.scores[0].value
    assert mine.accuracy.drop.value == pytest.approx(100 * lost)
    assert any("mAP 50-95" in sentence for sentence in report.why)


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
    assert found.origin == "best of 7 presets by mAP 50-95 on 16 images"
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
    request = CompareRequest(a=segmenter, b=other, data=images, blocks=2)
    report = run_job("compare", request, tmp_path / "run", lambda event: None)
    assert isinstance(report, ComparisonReport)
    assert report.answers is not None
    assert report.answers.task == "segmentation"
    assert report.answers.agreement.metric == "mask-agreement"
    assert report.answers.agreement.value < 0.5
    assert report.answers.accuracy == ()


@pytest.fixture(scope="module")
def two_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ids → Gather → × mask → MatMul → Relu → MatMul: a model that no image fits."""
    random = np.random.default_rng(0)
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["words"], "embed/Gather"),
        helper.make_node("Mul", ["words", "mask"], ["masked"], "embed/Mul"),
        helper.make_node("MatMul", ["masked", "first"], ["hidden"], "body/MatMul"),
        helper.make_node("Relu", ["hidden"], ["active"], "body/Relu"),
        helper.make_node("MatMul", ["active", "second"], ["logits"], "head/MatMul"),
    ]
    graph = helper.make_graph(
        nodes,
        "words",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, [1, 6]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 6, 1]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 6, 10])],
        [
            numpy_helper.from_array(random.normal(size=shape).astype(np.float32), name)
            for name, shape in (("table", (10, 16)), ("first", (16, 32)), ("second", (32, 10)))
        ],
    )
    path = tmp_path_factory.mktemp("words") / "words.onnx"
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen .npz files with both inputs."""
    folder = tmp_path_factory.mktemp("words-data")
    random = np.random.default_rng(1)
    for number in range(16):
        mask = (random.random((1, 6, 1)) < 0.8).astype(np.float32)
        np.savez(folder / f"{number:02d}.npz", ids=random.integers(0, 10, (1, 6)), mask=mask)
    return folder


def test_that_a_model_with_several_inputs_is_optimized_on_tensors(
    two_inputs: Path, words: Path, tmp_path: Path
) -> None:
    request = OptimizeRequest(model=two_inputs, data=words, effort="quick", plans=(QUANTIZED,))
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
