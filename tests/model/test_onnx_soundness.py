"""The quick look for faults: never calls a model sound in which the long search finds one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from core.model.onnx_layers import OnnxLayers
from core.model.onnx_soundness import is_surely_sound
from core.model.onnx_table import opened

Write = Callable[..., Path]
node = helper.make_node


def says_sound(path: Path) -> bool:
    with opened(path) as table:
        return is_surely_sound(table, OnnxLayers(table))


def short_weight() -> onnx.TensorProto:
    weight = numpy_helper.from_array(np.ones(4, np.float32), "w")
    weight.dims[0] = 5
    return weight


def test_that_a_sound_model_needs_no_long_search(tiny_model: Path) -> None:
    assert says_sound(tiny_model)


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Relu", ["nothing"], ["y"])],
        [node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])],
        [node("Relu", ["x"], ["a"], "twin"), node("Relu", ["a"], ["y"], "twin")],
        [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Neg", ["b"], ["y"])],
        [node("Relu", ["x"], ["made"])],
        [node("Conv", ["x"], ["y"])],
        [node("Reluu", ["x"], ["y"])],
    ],
    ids=["missing", "made twice", "names", "circle", "output", "inputs", "operator"],
)
def test_that_a_fault_calls_for_the_long_search(
    write_model: Write, nodes: list[onnx.NodeProto]
) -> None:
    assert not says_sound(write_model(nodes))


def test_that_a_weight_of_another_size_than_it_says_calls_for_it(write_model: Write) -> None:
    path = write_model([node("Add", ["x", "w"], ["y"])], weights=[short_weight()])
    assert not says_sound(path)
