"""Simplified models give the same numbers with fewer layers."""

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import helper


def operators(path):
    return [node.op_type for node in onnx.load(path).graph.node]


def weights_of(**shapes):
    random = np.random.default_rng(5)
    return {name: random.normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize("large", [2, 3, 4])
@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
def test_that_a_fully_connected_layer_becomes_a_convolution(bench, build, large, engine):
    shapes = {2: (1, 512), 3: (1, 7, 512), 4: (2, 3, 5, 512)}
    node = helper.make_node("MatMul", ["x", "w"], ["h"], "dense")
    add = helper.make_node("Add", ["h", "b"], ["y"], "bias")
    weights = weights_of(w=(512, 1024), b=(1024,))
    bench = bench(build([node, add], weights, x=shapes[large]))
    model, outcome = bench.treat("simplify")
    assert "dense" in outcome.treated
    assert not {"MatMul", "Add"} & set(operators(model))
    assert bench.difference(model, engine) < 1e-5


@pytest.mark.parametrize("opset", [11, 18])
@pytest.mark.parametrize("turned", [0, 1])
def test_that_every_form_of_gemm_keeps_its_numbers(bench, build, opset, turned):
    weights = weights_of(w=(1024, 512) if turned else (512, 1024), b=(1, 1024))
    node = helper.make_node(
        "Gemm", ["x", "w", "b"], ["y"], "dense", transB=turned, alpha=0.5, beta=2.0
    )
    bench = bench(build([node], weights, x=(2, 512), opset=opset))
    model, _ = bench.treat("simplify")
    assert "Gemm" not in operators(model)
    assert bench.difference(model) < 1e-5


def test_that_a_layer_keeps_its_id_as_a_convolution(bench, build, nodes_of):
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "dense")
    bench = bench(build([node], weights_of(w=(512, 1024)), x=(1, 512)))
    model, _ = bench.treat("simplify")
    assert nodes_of(model)["dense"].op_type == "Conv"


def test_that_a_small_layer_and_one_without_a_stored_matrix_stay(bench, build):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "small"),
        helper.make_node("Transpose", ["h"], ["t"], "turn"),
        helper.make_node("MatMul", ["h", "t"], ["y"], "product"),
    ]
    bench = bench(build(nodes, weights_of(w=(8, 8)), x=(4, 8)))
    model, outcome = bench.treat("simplify")
    assert outcome.treated == ()
    assert operators(model) == ["MatMul", "Transpose", "MatMul"]


chains = st.lists(
    st.sampled_from(["add", "multiply", "norm", "same", "scalar", "prepared"]), max_size=5
)


@given(chain=chains)
@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_that_whatever_follows_a_convolution_per_channel_is_folded(bench, build, conv, chain):
    node, weights = conv("x", "c")
    nodes, last = [node], "c"
    weights |= weights_of(add=(4, 1, 1), multiply=(1, 4, 1, 1), scalar=(), raw=(4,))
    weights |= {name: np.abs(v) + 0.5 for name, v in weights_of(g=4, d=4, m=4, v=4).items()}
    weights["shape"] = np.array([1, 4, 1, 1])
    for number, kind in enumerate(chain):
        made = f"t{number}"
        forms = {
            "add": [helper.make_node("Add", ["add", last], [made])],
            "multiply": [helper.make_node("Mul", [last, "multiply"], [made])],
            "scalar": [helper.make_node("Mul", [last, "scalar"], [made])],
            "same": [helper.make_node("Identity", [last], [made])],
            "norm": [helper.make_node("BatchNormalization", [last, "g", "d", "m", "v"], [made])],
            "prepared": [
                helper.make_node("Identity", ["raw"], [f"{made}.same"]),
                helper.make_node("Reshape", [f"{made}.same", "shape"], [f"{made}.numbers"]),
                helper.make_node("Add", [last, f"{made}.numbers"], [made]),
            ],
        }[kind]
        nodes += forms
        last = made
    nodes.append(helper.make_node("Relu", [last], ["y"]))
    bench = bench(build(nodes, weights))
    model, _ = bench.treat("simplify")
    assert bench.difference(model, "literally") < 1e-5
    assert operators(model) == ["Conv", "Relu"]


def test_that_sums_by_place_and_results_that_others_read_stay(bench, build, conv):
    first, weights = conv("x", "c")
    weights |= weights_of(places=(8, 8), channel=(4, 1, 1))
    nodes = [
        first,
        helper.make_node("Add", ["c", "places"], ["p"], "by_place"),
        helper.make_node("Add", ["c", "channel"], ["q"], "shared"),
        helper.make_node("Mul", ["p", "q"], ["y"], "end"),
    ]
    bench = bench(build(nodes, weights))
    model, _ = bench.treat("simplify")
    assert operators(model) == ["Conv", "Add", "Add", "Mul"]


def test_that_the_models_outputs_keep_their_names(bench, build, conv):
    node, weights = conv("x", "c")
    nodes = [node, helper.make_node("Identity", ["c"], ["y"], "same")]
    bench = bench(build(nodes, weights))
    model, _ = bench.treat("simplify")
    assert [value.name for value in onnx.load(model).graph.output] == ["y"]
    assert bench.difference(model, "literally") == 0


def test_that_int8_treats_the_convolution_that_a_dense_layer_became(bench, build, nodes_of):
    node = helper.make_node("MatMul", ["x", "w"], ["h"], "dense")
    end = helper.make_node("Relu", ["h"], ["y"], "end")
    given = bench(build([node, end], weights_of(w=(512, 1024)), x=(1, 7, 512)))
    simple, _ = given.treat("simplify")
    model, outcome = given.continued(simple).treat("int8", symmetric=False)
    assert "dense" in outcome.treated
    assert nodes_of(model)["dense"].op_type == "Conv"
    assert given.difference(model, "openvino") < 0.05
