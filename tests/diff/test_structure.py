"""What differs between two files: layers, precision, weights, interfaces."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.diff.merging import REMOVED, merged_graph, merged_ids
from core.diff.structure import compare_structure
from core.formats import read_graph
from tests.diff.conftest import chain, model_of

KERNELS = {"Conv", "Gemm", "MatMul"}


def names(layers):
    return [layer.name for layer in layers]


def conv(source, target, weight, **attributes):
    return helper.make_node("Conv", [source, weight], [target], f"conv_{target}", **attributes)


def test_that_a_model_is_like_itself(sample_model):
    diff = compare_structure(*[read_graph(sample_model)] * 2).diff
    assert diff.same
    assert diff.alike == diff.a.layers
    assert (diff.added, diff.removed, diff.changed) == ((), (), ())


def test_that_every_layer_that_int8_treats_is_named_with_its_precision(quantized):
    """Against the files themselves: a kernel with integer weights, or a layer behind a pair."""
    diff = compare_structure(read_graph(quantized.original), read_graph(quantized.int8)).diff
    model = onnx.load(quantized.int8)
    dequantized = {n.output[0] for n in model.graph.node if n.op_type == "DequantizeLinear"}
    pair = {"QuantizeLinear", "DequantizeLinear"}
    expected = {
        node.name
        for node in model.graph.node
        if node.op_type not in pair and dequantized.intersection(node.input)
    }
    assert {layer.a.id for layer in diff.precision_changes} == expected
    assert {layer.precision.before for layer in diff.precision_changes} == {"float32"}
    assert {layer.precision.after for layer in diff.precision_changes} == {"int8"}
    kernels = [layer for layer in diff.precision_changes if layer.a.operator in KERNELS]
    assert all("weights int8 per channel" in layer.precision.details[0] for layer in kernels)


def test_that_pairs_around_a_layer_belong_to_its_precision_and_are_no_layers_added(quantized):
    diff = compare_structure(read_graph(quantized.original), read_graph(quantized.int8)).diff
    assert (diff.added, diff.removed) == ((), ())
    told = {name for layer in diff.changed for name in layer.conversions}
    pairs = [node for node in onnx.load(quantized.int8).graph.node if "quantize" in node.name]
    assert diff.b.conversions == len(told) > len(pairs)


def test_that_a_pair_where_nothing_is_wrapped_counts_as_added(compared):
    a = chain(["Relu"])
    scale = {"s": np.array(0.1, np.float32), "z": np.array(0, np.int8)}
    nodes = [
        *chain(["Relu"]).graph.node,
        helper.make_node("Identity", ["image"], ["other"], "beside"),
    ]
    b = model_of(nodes, "Relu_of_image", scale)
    assert names(compared(a, b).diff.added) == ["beside"]


def test_that_layers_of_another_name_are_recognized_by_their_place(compared):
    found = compared(chain(["Relu", "Tanh", "Exp"]), chain(["Relu", "Tanh", "Exp"], named=False))
    assert (found.diff.added, found.diff.removed, found.diff.changed) == ((), (), ())
    assert len(found.diff.renamed) == 3


def test_that_a_layer_that_was_put_in_and_one_that_was_taken_out_are_named(compared):
    a = chain(["Relu", "Tanh", "Exp", "Abs", "Neg", "Sqrt"], named=False)
    b = chain(["Relu", "Sigmoid", "Tanh", "Exp", "Neg", "Sqrt"], named=False)
    diff = compared(a, b).diff
    assert [layer.operator for layer in diff.added] == ["Sigmoid"]
    assert [layer.operator for layer in diff.removed] == ["Abs"]
    assert diff.alike == 5


def test_that_a_changed_attribute_is_told_with_its_old_and_new_value(compared):
    weights = {"w": np.ones((4, 4, 3, 3), np.float32)}
    a = model_of([conv("image", "y", "w", pads=[1] * 4)], "y", weights)
    b = model_of([conv("image", "y", "w", pads=[0] * 4, dilations=[2, 2])], "y", weights)
    [layer] = compared(a, b).diff.changed
    told = {change.what: (change.before, change.after) for change in layer.changes}
    assert told["attribute pads"] == ("1, 1, 1, 1", "0, 0, 0, 0")
    assert told["attribute dilations"][1] == "2, 2"
    assert told["result shape"] == ("1×4×8×8", "1×4×4×4")


def test_that_writing_out_a_default_is_no_change(compared):
    a = model_of([helper.make_node("LeakyRelu", ["image"], ["y"], "act")], "y")
    b = model_of([helper.make_node("LeakyRelu", ["image"], ["y"], "act", alpha=0.01)], "y")
    assert compared(a, b).diff.changed == ()


def test_that_a_weight_of_another_shape_is_a_change_of_its_layer(compared):
    a = model_of([conv("image", "y", "w")], "y", {"w": np.ones((4, 4, 1, 1), np.float32)})
    b = model_of([conv("image", "y", "w")], "y", {"w": np.ones((6, 4, 1, 1), np.float32)})
    diff = compared(a, b).diff
    assert [(each.before, each.after) for each in diff.weights] == [
        ("float32 4×4×1×1", "float32 6×4×1×1")
    ]
    assert diff.changed[0].a.id == "conv_y"


def test_that_half_precision_is_one_precision_change_for_each_layer(tiny_model, tmp_path):
    graph = read_graph(tiny_model)
    model = onnx.load(tiny_model)
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
    onnx.save(model, tmp_path / "half.onnx")
    diff = compare_structure(graph, read_graph(tmp_path / "half.onnx")).diff
    assert len(diff.precision_changes) == len(graph.layers)
    assert {layer.precision.after for layer in diff.precision_changes} == {"float16"}
    assert {change.what for change in diff.interface} == {"input image", "output scores"}


def test_that_a_result_that_goes_elsewhere_is_a_change(compared):
    def cross(first, second):
        return model_of(
            [
                helper.make_node("Relu", ["image"], ["r"], "relu"),
                helper.make_node("Tanh", ["image"], ["t"], "tanh"),
                helper.make_node("Sub", [first, second], ["y"], "sub"),
            ],
            "y",
        )

    [layer] = compared(cross("r", "t"), cross("t", "r")).diff.changed
    assert layer.changes[0].what == "input 1 comes from"
    assert (layer.changes[0].before, layer.changes[0].after) == ("relu", "tanh")


@pytest.mark.parametrize("half", [False, True])
def test_that_a_converted_model_has_the_same_layers(tiny_model, tmp_path, half):
    import openvino

    path = tmp_path / "converted.xml"
    openvino.save_model(openvino.convert_model(tiny_model), path, compress_to_fp16=half)
    diff = compare_structure(read_graph(tiny_model), read_graph(path)).diff
    assert (diff.added, diff.removed, diff.interface) == ((), (), ())
    kernels = {"stem/Conv", "body/Conv", "head/Gemm"}
    assert {layer.a.id for layer in diff.precision_changes} == (kernels if half else set())
    reshaped = next(layer for layer in diff.changed if layer.a.id == "head/Flatten")
    assert reshaped.changes[0].after == "Reshape"
    assert len(diff.changed) == 1 + (len(kernels) if half else 0)


def test_that_numbered_names_do_not_mislead_after_an_insertion(compared):
    """Exporters number nodes: Conv_1 of one release is Conv_0 of the one before."""

    def convs(weights, first):
        nodes, last = [], "image"
        for number, name in enumerate(weights):
            target = f"x{number + first}"
            nodes.append(helper.make_node("Conv", [last, name], [target], f"Conv_{number}"))
            last = target
        kernel = np.ones((4, 4, 1, 1), np.float32)
        return model_of(nodes, last, dict.fromkeys(weights, kernel))

    diff = compared(convs(["b", "c"], 10), convs(["a", "b", "c"], 20)).diff
    assert [layer.id for layer in diff.added] == ["Conv_0"]
    assert dict(diff.renamed) == {"Conv_0": "Conv_1", "Conv_1": "Conv_2"}


def test_that_the_merged_graph_holds_both_and_hangs_what_was_removed_in_its_place(compared):
    found = compared(chain(["Relu", "Abs", "Exp"]), chain(["Relu", "Exp"], named=False))
    merged = merged_graph(found)
    assert sorted(layer.operator for layer in merged.layers) == ["Abs", "Exp", "Relu"]
    ghost = merged.by_id[merged_ids(found)["Abs-0"]]
    assert ghost.inputs == ("t0",)
    assert ghost.outputs[0].endswith(REMOVED)
    last = next(layer for layer in merged.layers if layer.operator == "Exp")
    assert ghost.outputs[0] in last.inputs


@pytest.mark.parametrize("side", [0, 1])
def test_that_an_empty_model_can_be_compared(compared, side):
    models = [chain(["Relu", "Exp"]), model_of([], "image")]
    diff = compared(*(models if side else reversed(models))).diff
    assert len(diff.removed if side else diff.added) == 2
