"""INT4 weights in blocks: close to the original, executed by both runtimes."""

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from core.formats import read_graph
from core.techniques import techniques
from core.techniques.int4_weights import BLOCK, int4_weight
from core.techniques.qdq_rules import TARGETS, qdq_problems


def unpacked(packed):
    return np.stack([packed & 15, packed >> 4], axis=-1).reshape(*packed.shape[:-1], -1)


@given(
    rows=st.integers(1, 4),
    blocks=st.integers(1, 5),
    symmetric=st.booleans(),
    shift=st.floats(-3, 3),
    seed=st.integers(0, 100),
)
def test_that_no_weight_is_off_by_more_than_half_a_step(rows, blocks, symmetric, shift, seed):
    values = np.random.default_rng(seed).normal(shift, 1, (rows, blocks * BLOCK))
    weight = int4_weight(values, symmetric=symmetric)
    numbers = unpacked(weight.packed)
    zeros = 8 if weight.zeros is None else unpacked(weight.zeros)[:, :blocks, None]
    back = (numbers.astype(float) - zeros) * weight.scales[..., None]
    steps = np.abs(back.reshape(values.shape) - values) / np.repeat(
        np.abs(weight.scales), BLOCK, axis=1
    )
    # The end opposite to the largest value of a symmetric block lies one step nearer to zero.
    assert steps.max() <= (1 if symmetric else 0.5) + 1e-3


def test_that_blocks_of_zeros_stay_zero():
    for symmetric in (True, False):
        weight = int4_weight(np.zeros((2, BLOCK)), symmetric=symmetric)
        zeros = 8 if symmetric else 0
        assert (unpacked(weight.packed) == zeros).all()
        assert (np.abs(weight.scales) > 0).all()


@pytest.fixture
def dense(bench, build):
    random = np.random.default_rng(6)
    weights = {
        "w": random.normal(0, 1, (64, 48)).astype(np.float32),
        "v": random.normal(0, 1, (16, 48)).astype(np.float32),
        "b": random.normal(0, 1, 16).astype(np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "first"),
        helper.make_node("Gemm", ["h", "v", "b"], ["y"], "second", transB=1, alpha=0.5, beta=2.0),
    ]
    return bench(build(nodes, weights, x=(3, 64)))


@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("int8_activations", [True, False])
def test_that_it_stays_close_to_the_original(dense, engine, symmetric, int8_activations):
    model, outcome = dense.treat(
        "int4-weights", symmetric=symmetric, int8_activations=int8_activations
    )
    assert outcome.treated == ("first",)
    assert 0 < dense.difference(model, engine) < 0.15


def test_that_both_halves_of_a_layer_keep_its_id(bench, build, nodes_of):
    weights = {"w": np.ones((32, 8), np.float32), "b": np.ones(8, np.float32)}
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], "dense", beta=0.5)
    bench = bench(build([node], weights, x=(1, 32)))
    model, _ = bench.treat("int4-weights")
    assert "dense" in nodes_of(model)
    assert [n.op_type for n in onnx.load(model).graph.node] == ["MatMulNBits", "Add"]
    assert bench.difference(model) < 0.05


def test_that_refusals_name_the_reason(tiny, dense):
    technique = techniques()["int4-weights"]
    conv = next(layer for layer in tiny.graph.layers if layer.operator == "Conv")
    assert "Conv" in technique.refusal(conv, tiny.graph)
    second = next(layer for layer in dense.graph.layers if layer.id == "second")
    assert "48 inputs" in technique.refusal(second, dense.graph)


def test_that_the_file_shrinks_to_less_than_a_sixth(bench, build):
    weights = {"w": np.random.default_rng(0).normal(size=(512, 512)).astype(np.float32)}
    bench = bench(build([helper.make_node("MatMul", ["x", "w"], ["y"], "d")], weights, x=(1, 512)))
    model, _ = bench.treat("int4-weights")
    assert model.stat().st_size < bench.source.stat().st_size / 6


def test_that_what_a_packed_layer_does_and_makes_is_known(bench, build):
    weights = {"w": np.ones((32, 8), np.float32)}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "dense"),
        helper.make_node("Relu", ["h"], ["y"], "after"),
    ]
    model, _ = bench(build(nodes, weights, x=(3, 32))).treat("int4-weights")

    dense, after = read_graph(model).layers
    assert (dense.operator, dense.operations, dense.detail) == (
        "MatMulNBits",
        3 * 32 * 8 * 2,
        "32×8",
    )
    assert after.operations == 3 * 8


def test_that_only_tensorrt_refuses_a_packed_layer(dense):
    model, _ = dense.treat("int4-weights")

    assert [bool(qdq_problems(model, target)) for target in TARGETS] == [True, False, False]
