"""FP16: half the size, float32 at the borders, layer by layer."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.techniques import techniques


@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
def test_that_the_outputs_stay_very_close(tiny, engine):
    model, _ = tiny.treat("fp16")
    assert 0 < tiny.difference(model, engine) < 0.003


def test_that_inputs_and_outputs_stay_float32(tiny):
    model, _ = tiny.treat("fp16")
    graph = onnx.load(model).graph
    kinds = {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output)}
    assert kinds == {TensorProto.FLOAT}


def test_that_weights_take_half_the_bytes(tiny):
    model, _ = tiny.treat("fp16")
    arrays = [numpy_helper.to_array(t) for t in onnx.load(model).graph.initializer]
    assert {array.dtype for array in arrays} == {np.dtype(np.float16)}
    assert 2 * sum(a.nbytes for a in arrays) == sum(w.bytes for w in tiny.graph.weights.values())


def test_that_a_layer_left_alone_stays_float32(tiny, nodes_of):
    model, outcome = tiny.treat("fp16", {"body/Conv": None})
    assert "body/Conv" not in outcome.treated
    assert list(nodes_of(model)["body/Conv"].input) == ["stem_act", "body.weight", "body.bias"]
    assert tiny.difference(model) < 0.003


def test_that_neighbours_pass_float16_without_converting(tiny):
    model, _ = tiny.treat("fp16")
    casts = [node for node in onnx.load(model).graph.node if node.op_type == "Cast"]
    assert len(casts) == 2


def test_that_weights_beyond_the_range_keep_their_layer_in_float32(bench, build, conv):
    node, weights = conv("x", "y")
    weights["y.b"][0] = 1e6
    bench = bench(build([node], weights))
    model, outcome = bench.treat("fp16")
    assert outcome.treated == ()
    assert "FP16 ends at 65504" in outcome.notes[0]
    assert bench.difference(model) < 1e-6


def test_that_shapes_and_places_stay_integers(bench, build):
    nodes = [
        helper.make_node("Shape", ["x"], ["s"], "shape"),
        helper.make_node("Gather", ["s", "first"], ["n"], "pick"),
        helper.make_node("Concat", ["n", "rest"], ["target"], "join", axis=0),
        helper.make_node("Relu", ["x"], ["r"], "relu"),
        helper.make_node("Reshape", ["r", "target"], ["y"], "reshape"),
    ]
    weights = {"first": np.array([0], np.int64), "rest": np.array([-1], np.int64)}
    bench = bench(build(nodes, weights))
    model, outcome = bench.treat("fp16")
    assert set(outcome.treated) == {"relu", "reshape"}
    assert bench.difference(model) < 0.001


def test_that_the_body_of_a_branch_keeps_its_float32(bench, build):
    def body(operator, name):
        node = helper.make_node(operator, ["r"], [name], name)
        value = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        return helper.make_graph([node], name, [], [value])

    nodes = [
        helper.make_node("Relu", ["x"], ["r"], "relu"),
        helper.make_node("ReduceMax", ["r"], ["top"], "top", keepdims=0),
        helper.make_node("Greater", ["top", "limit"], ["high"], "compare"),
        helper.make_node(
            "If",
            ["high"],
            ["i"],
            "branch",
            then_branch=body("Neg", "negative"),
            else_branch=body("Abs", "positive"),
        ),
        helper.make_node("Relu", ["i"], ["y"], "last"),
    ]
    bench = bench(build(nodes, {"limit": np.array(100, np.float32)}))
    model, outcome = bench.treat("fp16")
    assert {"relu", "top"} <= set(outcome.treated)
    assert "branch" not in outcome.treated
    assert bench.difference(model) < 0.001


def test_that_resizing_is_refused(bench, build):
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], "resize", mode="nearest")
    bench = bench(build([node], {"scales": np.array([1, 1, 2, 2], np.float32)}))
    assert "float16" in techniques()["fp16"].refusal(bench.graph.layers[0], bench.graph)
