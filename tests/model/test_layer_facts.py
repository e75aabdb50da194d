"""What a layer takes, gives and is told, by the formal names of its operator."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.formats import read_graph
from core.model.graph import Layer, ModelGraph
from core.model.graph_file import read_graph_file, write_graph
from core.model.layer_facts import (
    attributes_of,
    facts_text,
    inputs_of,
    operator_of_layer,
    outputs_of,
)


def quantized_model() -> onnx.ModelProto:
    """A Conv with stored integers, a Clip without a minimum, a tensor that two layers take."""
    nodes = [
        helper.make_node("DequantizeLinear", ["wq", "ws", "wz"], ["w"], "dq", axis=0),
        helper.make_node("Conv", ["x", "w"], ["y"], "conv", group=2, pads=[1, 1, 1, 1]),
        helper.make_node("Clip", ["y", "", "top"], ["z"], "clip"),
        helper.make_node("Relu", ["z"], ["a"], "left"),
        helper.make_node("Concat", ["z", "a", "z"], ["out"], "join", axis=1),
    ]
    weights = [
        numpy_helper.from_array(np.ones((4, 1, 3, 3), np.int8), "wq"),
        numpy_helper.from_array(np.ones(4, np.float32), "ws"),
        numpy_helper.from_array(np.zeros(4, np.int8), "wz"),
        numpy_helper.from_array(np.array(6, np.float32), "top"),
    ]
    graph = helper.make_graph(
        nodes,
        "quantized",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 8, 8])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 12, 8, 8])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> ModelGraph:
    path = tmp_path_factory.mktemp("facts") / "quantized.onnx"
    onnx.save(quantized_model(), path)
    return read_graph(path)


def layer(graph: ModelGraph, name: str) -> Layer:
    return next(each for each in graph.layers if each.name == name)


def test_that_inputs_have_the_operators_names_and_lead_to_where_they_come_from(
    graph: ModelGraph,
) -> None:
    clip = layer(graph, "clip")

    data, top = inputs_of(clip, graph, operator_of_layer(clip, graph))

    assert (data.name, top.name) == ("input", "max")
    assert data.tensor is not None and data.tensor.name == "y"
    assert [graph.by_id[each].name for each in data.layers] == ["conv"]
    assert [weight.name for weight in top.weights] == ["top"]


def test_that_stored_integers_stand_at_their_place_with_scale_and_zero_point(
    graph: ModelGraph,
) -> None:
    conv = layer(graph, "conv")

    x, w = inputs_of(conv, graph, operator_of_layer(conv, graph))

    assert (x.name, w.name) == ("X", "W")
    assert x.outside and not x.layers
    assert [weight.name for weight in w.weights] == ["wq", "ws", "wz"]
    assert "weight tensor" in w.text


def test_that_outputs_lead_to_everybody_who_takes_them(graph: ModelGraph) -> None:
    clip, join = layer(graph, "clip"), layer(graph, "join")

    [port] = outputs_of(clip, graph, operator_of_layer(clip, graph))
    [last] = outputs_of(join, graph, None)

    assert [graph.by_id[each].name for each in port.layers] == ["left", "join"]
    assert port.layer_count == 2 and not port.outside
    assert last.outside and last.name == ""


def test_that_the_parts_of_a_variadic_input_are_counted(graph: ModelGraph) -> None:
    join = layer(graph, "join")

    ports = inputs_of(join, graph, operator_of_layer(join, graph))

    assert [port.name for port in ports] == ["inputs 0", "inputs 1", "inputs 2"]


def test_that_attributes_come_with_the_defaults_of_what_is_left_out(graph: ModelGraph) -> None:
    conv = layer(graph, "conv")

    facts = {each.name: each for each in attributes_of(conv, operator_of_layer(conv, graph))}

    assert facts["group"].given and facts["group"].value == "2"
    assert not facts["auto_pad"].given and facts["auto_pad"].value == "NOTSET"
    assert "strides" not in facts, "its default follows from the input, so there is none to show"


def test_that_a_graph_without_opsets_has_no_operators_of_onnx(graph: ModelGraph) -> None:
    foreign = replace(graph, opsets={})

    assert operator_of_layer(layer(graph, "conv"), foreign) is None


def test_that_all_facts_can_be_copied_as_text(graph: ModelGraph) -> None:
    text = facts_text(layer(graph, "conv"), graph)

    assert "operator: Conv since opset 11" in text
    assert "input X: x float32 1×2×8×8" in text
    assert "wq int8 4×1×3×3, ws float32 4" in text
    assert "attribute group: 2" in text


def test_that_the_file_of_a_graph_keeps_places_opsets_and_properties(
    graph: ModelGraph, tmp_path: Path
) -> None:
    write_graph(graph, tmp_path / "graph")

    read = read_graph_file(tmp_path / "graph")
    assert read.opsets == {"": 17}
    assert read.properties["IR version"] == "8"
    assert dict(read.prepared) == {"w": ("wq", "ws", "wz")}
    assert layer(read, "clip").slots == ("y", "", "top")
