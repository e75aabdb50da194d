"""The numbers of weights: compared block by block, and shown as changes of their layers."""

import math

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from core.diff import stored
from core.diff.stored import StoredNumbers, difference
from core.diff.structure import Knowledge, compare_structure
from core.formats import read_graph
from core.model.external_data import LackingData


@pytest.fixture
def retrained(tiny_model, tmp_path):
    """The tiny model with one kernel 10 % larger, and its weights in a file beside it."""
    model = onnx.load(tiny_model)
    tensor = next(t for t in model.graph.initializer if t.name == "body.weight")
    value = numpy_helper.to_array(tensor) * np.float32(1.1)
    tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    path = tmp_path / "retrained.onnx"
    onnx.save(model, path, save_as_external_data=True, location="retrained.data", size_threshold=0)
    return path


def test_that_weights_that_were_trained_on_are_found_and_measured(tiny_model, retrained):
    a, b = StoredNumbers(tiny_model), StoredNumbers(retrained)
    knowledge = Knowledge(difference=lambda one, other: difference(a, b, one, other))
    diff = compare_structure(read_graph(tiny_model), read_graph(retrained), knowledge).diff
    assert not diff.same
    [weight] = diff.weights
    assert (weight.a, weight.layer) == ("body.weight", "body/Conv")
    assert weight.relative == pytest.approx(0.1, rel=1e-4)
    assert [layer.a.id for layer in diff.changed] == ["body/Conv"]


def test_that_small_blocks_give_the_same_distance(tiny_model, retrained, monkeypatch):
    monkeypatch.setattr(stored, "_BLOCK", 64)
    a, b = StoredNumbers(tiny_model), StoredNumbers(retrained)
    assert difference(a, b, "body.weight", "body.weight") == pytest.approx(0.1, rel=1e-4)
    assert difference(a, b, "stem.weight", "stem.weight") == 0.0
    assert difference(a, b, "stem.weight", "nowhere") is None


def test_that_zeros_that_became_something_else_are_infinitely_far(tmp_path):
    models = []
    for name, value in (("a", 0.0), ("b", 1.0)):
        tensor = numpy_helper.from_array(np.full(3, value, np.float32), "w")
        graph = onnx.helper.make_graph([], "g", [], [], [tensor])
        onnx.save(onnx.helper.make_model(graph), tmp_path / f"{name}.onnx")
        models.append(StoredNumbers(tmp_path / f"{name}.onnx"))
    assert difference(*models, "w", "w") == math.inf


def test_that_zero_points_say_whether_a_scheme_is_symmetric(quantized):
    shifted = StoredNumbers(quantized.int8).shifted()
    points = {name: value for name, value in shifted.items() if name.endswith("zero_point")}
    assert points
    assert set(points.values()) == {False}
    graph = read_graph(quantized.original), read_graph(quantized.int8)
    diff = compare_structure(*graph, Knowledge(shifted_b=shifted)).diff
    details = [detail for layer in diff.changed for detail in layer.precision.details]
    assert all(detail.endswith(", symmetric") for detail in details)


def test_that_missing_data_is_told_before_anything_is_compared(retrained):
    retrained.with_name("retrained.data").unlink()
    with pytest.raises(LackingData):
        StoredNumbers(retrained)
