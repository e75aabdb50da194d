"""What is read from an ONNX model: layers, their weights, shapes, costs, scopes and details."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.formats import read_graph
from core.model.graph import Layer, ModelGraph

Write = Callable[..., Path]
node = helper.make_node
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def weight(name: str, *shape: int, dtype: type = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ones(shape, dtype), name)


def only(graph: ModelGraph) -> Layer:
    [layer] = graph.layers
    return layer


def test_that_the_tiny_model_is_read_whole(tiny_model: Path) -> None:
    graph = read_graph(tiny_model)
    assert graph.format == "onnx"
    assert graph.version == "ONNX opset 18"
    assert graph.file_bytes == tiny_model.stat().st_size
    assert [layer.operator for layer in graph.layers] == [
        "Conv", "Relu", "Conv", "Relu", "GlobalAveragePool", "Flatten", "Gemm",
    ]  # fmt: skip
    assert graph.parameters == 8 * 27 + 8 + 8 * 9 + 8 + 8 * 4 + 4
    assert graph.edges == tuple((i, i + 1) for i in range(6))
    assert graph.inputs[0].shape == (1, 3, 16, 16)


def test_that_convolutions_cost_twice_their_multiplications(tiny_model: Path) -> None:
    stem, _, body, *_, head = read_graph(tiny_model).layers
    assert stem.operations == 2 * 8 * 16 * 16 * 27
    assert body.operations == 2 * 8 * 16 * 16 * 9
    assert head.operations == 2 * 8 * 4
    assert [layer.detail for layer in (stem, body, head)] == ["3×3 8×3", "3×3 dw 8", "8×4"]


@pytest.mark.parametrize(
    ("name", "parameters", "multiplications"),
    [("vgg19", 143_667_240, 19.6e9), ("resnet50", 25_557_032, 3.9e9)],
)
def test_that_known_networks_have_their_published_size(
    name: str, parameters: int, multiplications: float
) -> None:
    """Figures of torchvision's documentation; ResNet-50 here counts its running means too."""
    graph = read_graph(LIGHT / f"light_{name}.onnx")
    assert graph.parameters == pytest.approx(parameters, rel=0.003)
    assert graph.operations == pytest.approx(2 * multiplications, rel=0.06)


def test_that_a_free_batch_counts_as_one_and_keeps_its_name(write_model: Write) -> None:
    nodes = [
        node("Reshape", ["x", "shape"], ["h"]),
        node("MatMul", ["h", "w"], ["y"]),
    ]
    shape = numpy_helper.from_array(np.array([-1, 12]), "shape")
    path = write_model(nodes, x=("batch", 3, 4), weights=[shape, weight("w", 12, 5)])
    graph = read_graph(path)
    assert graph.inputs[0].shape == ("batch", 3, 4)
    assert graph.layers[1].operations == 2 * 12 * 5
    assert graph.layers[0].parameters == 0


def test_that_other_free_sizes_leave_the_costs_unknown(write_model: Write) -> None:
    path = write_model([node("Relu", ["x"], ["y"])], x=(1, "length"))
    assert only(read_graph(path)).operations is None
    assert read_graph(path).operations == 0


def test_that_a_shared_weight_is_counted_once(write_model: Write) -> None:
    nodes = [node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "w"], ["y"])]
    graph = read_graph(write_model(nodes, weights=[weight("w", 4, 4)]))
    assert graph.parameters == 16
    assert all(layer.weights == ("w",) for layer in graph.layers)


def test_that_constant_nodes_are_weights_and_no_layers(write_model: Write) -> None:
    nodes = [
        node("Constant", [], ["w"], value=weight("", 4, 4)),
        node("MatMul", ["x", "w"], ["y"], "multiply"),
    ]
    layer = only(read_graph(write_model(nodes)))
    assert (layer.parameters, layer.weight_bytes, layer.weights) == (16, 64, ("w",))


def test_that_stored_integers_belong_to_the_layer_that_uses_them(write_model: Write) -> None:
    nodes = [
        node("DequantizeLinear", ["w8", "scale", "zero"], ["w"], "dq", axis=1),
        node("MatMul", ["x", "w"], ["y"], "multiply"),
    ]
    stored = [weight("w8", 4, 4, dtype=np.int8), weight("scale", 4)]
    stored.append(weight("zero", 4, dtype=np.int8))
    layer = only(read_graph(write_model(nodes, weights=stored)))
    assert layer.id == "multiply"
    assert (layer.parameters, layer.weight_bytes) == (16, 16 + 16 + 4)
    assert layer.detail == "4×4"


def test_that_shapes_and_switches_are_no_parameters(write_model: Write) -> None:
    nodes = [
        node("Reshape", ["x", "shape"], ["h"]),
        node("Clip", ["h", "low", "high"], ["y"]),
    ]
    low, high = (numpy_helper.from_array(np.float32(value), "") for value in (0, 6))
    low.name, high.name = "low", "high"
    shape = numpy_helper.from_array(np.array([2, 2]), "shape")
    graph = read_graph(write_model(nodes, weights=[low, high, shape]))
    assert graph.parameters == 0
    assert graph.layers[0].weight_bytes == 16


def test_that_weights_in_a_branch_belong_to_the_branching_layer(write_model: Write) -> None:
    def branch(name: str) -> onnx.GraphProto:
        output = helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4])
        inner = [node("MatMul", ["h", "w"], [name])]
        return helper.make_graph(inner, name, [], [output], [weight("w", 4, 4)])

    nodes = [
        node("Relu", ["x"], ["h"], "relu"),
        node("ReduceMax", ["x"], ["peak"], "peak", keepdims=0),
        node("Cast", ["peak"], ["condition"], "cast", to=TensorProto.BOOL),
        node("If", ["condition"], ["y"], "if", then_branch=branch("a"), else_branch=branch("b")),
    ]
    graph = read_graph(write_model(nodes))
    layer = graph.by_id["if"]
    assert layer.weights == ("y/else_branch/w", "y/then_branch/w")
    assert layer.parameters == 32
    assert layer.operations is None
    assert set(layer.inputs) == {"condition", "h"}


def test_that_layers_are_in_running_order(write_model: Write) -> None:
    nodes = [node("Relu", ["h"], ["y"], "last"), node("Abs", ["x"], ["h"], "first")]
    assert [layer.id for layer in read_graph(write_model(nodes)).layers] == ["first", "last"]


def test_that_custom_operators_are_drawn_with_unknown_cost(write_model: Write) -> None:
    layer = only(read_graph(write_model([node("Magic", ["x"], ["y"], domain="wizards")])))
    assert (layer.operator, layer.domain, layer.operations) == ("Magic", "wizards", None)


def test_that_attributes_are_short_text(write_model: Write) -> None:
    attributes = {"axis": -1, "alpha": 0.5, "name": "x" * 1000, "pads": list(range(100))}
    layer = only(read_graph(write_model([node("Any", ["x"], ["y"], **attributes)])))
    assert layer.attributes["axis"] == "-1"
    assert layer.attributes["alpha"] == "0.5"
    assert layer.attributes["pads"].endswith("14, 15, … (100 in all)")
    assert all(len(text) <= 120 for text in layer.attributes.values())


@pytest.mark.parametrize("file", sorted(LIGHT.glob("*.onnx")), ids=lambda path: path.stem)
def test_that_every_light_model_is_read_without_faults(file: Path) -> None:
    graph = read_graph(file)
    assert graph.warnings == ()
    assert len(graph.by_id) == len(graph.layers)
    assert graph.operations > 0
    assert all(layer.output_shape is not None for layer in graph.layers)
