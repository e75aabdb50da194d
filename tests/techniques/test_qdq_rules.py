"""What each engine refuses in a quantized file is found without the engine."""

import numpy as np
import onnx
import pytest
from onnx import helper

from core.techniques.qdq_rules import ONNX_RUNTIME, OPENVINO, TENSORRT, qdq_problems


@pytest.fixture
def pair(build, tmp_path):
    """Writes x → Q → DQ → y with a given zero point and scale."""

    def write(zero, scale=0.1, opset=21):
        nodes = [
            helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"], "Q"),
            helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"], "DQ"),
        ]
        weights = {"s": np.array(scale, np.float32), "z": np.array(zero)}
        path = tmp_path / "pair.onnx"
        onnx.save(build(nodes, weights, opset=opset), path)
        return path

    return write


def test_that_a_symmetric_pair_suits_all(pair):
    path = pair(np.int8(0))
    assert [qdq_problems(path, t) for t in (TENSORRT, OPENVINO, ONNX_RUNTIME)] == [()] * 3


@pytest.mark.parametrize(
    ("zero", "target", "words"),
    [
        (np.int8(3), TENSORRT, "zero point is not 0"),
        (np.uint8(0), TENSORRT, "read as INT8"),
        (np.int16(0), TENSORRT, "16-bit"),
        (np.uint16(0), OPENVINO, "16-bit"),
    ],
)
def test_that_what_an_engine_refuses_is_said(pair, zero, target, words):
    problems = qdq_problems(pair(zero), target)
    assert any(words in problem for problem in problems)
    assert problems[0].startswith("Q: ")


def test_that_onnx_runtime_takes_asymmetric_pairs(pair):
    assert qdq_problems(pair(np.uint8(128)), ONNX_RUNTIME) == ()


def test_that_a_scale_of_zero_is_refused_by_all(pair):
    path = pair(np.int8(0), scale=0.0)
    for target in (TENSORRT, OPENVINO, ONNX_RUNTIME):
        assert any("not positive" in problem for problem in qdq_problems(path, target))


def test_that_a_private_operator_is_no_standard_one(pair):
    path = pair(np.int8(0))
    model = onnx.load(path)
    for node in model.graph.node:
        node.domain = "com.microsoft"
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, path)
    assert any("standard operator" in problem for problem in qdq_problems(path, OPENVINO))
    assert qdq_problems(path, ONNX_RUNTIME) == ()


def test_that_a_dequantized_bias_is_refused_by_tensorrt(build, tmp_path):
    nodes = [
        helper.make_node("DequantizeLinear", ["b", "s"], ["bias"], "bias/DQ"),
        helper.make_node("Add", ["x", "bias"], ["y"], "add"),
    ]
    weights = {"b": np.zeros(8, np.int32), "s": np.array(0.1, np.float32)}
    path = tmp_path / "bias.onnx"
    onnx.save(build(nodes, weights), path)
    assert qdq_problems(path, TENSORRT) == (
        "bias/DQ: it dequantizes INT32; keep the bias in float32.",
    )
    assert qdq_problems(path, ONNX_RUNTIME) == ()
