"""INT8 weights: a quarter of the size, close to the original, everywhere."""

import numpy as np
import onnx
import pytest
from onnx import helper

from core.techniques.qdq_rules import ONNX_RUNTIME, OPENVINO, TENSORRT, qdq_problems


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("per_channel", [True, False])
def test_that_the_outputs_stay_close(tiny, engine, per_channel):
    model, outcome = tiny.treat("int8-weights", per_channel=per_channel)
    assert outcome.treated == ("stem/Conv", "body/Conv", "head/Gemm")
    assert 0 < tiny.difference(model, engine) < 0.03


def test_that_no_images_are_needed(tiny):
    model, _ = tiny.treat("int8-weights", calibrated=False)
    assert [qdq_problems(model, target) for target in (OPENVINO, ONNX_RUNTIME)] == [(), ()]


def test_that_tensorrt_takes_integers_through_dequantize_only(tiny):
    model, _ = tiny.treat("int8-weights", calibrated=False)
    problems = qdq_problems(model, TENSORRT)
    assert len(problems) == 3
    assert all("DequantizeLinear only" in problem for problem in problems)


def test_that_the_sample_shrinks_to_less_than_a_third(bench, sample_model):
    sample = bench(sample_model)
    model, _ = sample.treat("int8-weights")
    weights = sum(w.bytes for w in sample.graph.weights.values())
    assert model.stat().st_size < sample.graph.file_bytes - 0.7 * weights


@pytest.mark.parametrize("transposed", [0, 1])
def test_that_a_weight_used_twice_is_right_both_times(bench, build, transposed):
    shared = np.random.default_rng(0).normal(0, 1, (8, 8)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "first"),
        helper.make_node("Flatten", ["h"], ["f"], "flat"),
        helper.make_node("Gemm", ["f", "w"], ["y"], "second", transB=transposed),
    ]
    bench = bench(build(nodes, {"w": shared}, x=(1, 1, 8)))
    model, _ = bench.treat("int8-weights")
    assert bench.difference(model) < 0.02
    one, _ = bench.treat("int8-weights", only=["second"])
    assert {t.name for t in onnx.load(one).graph.initializer} >= {"w", "w/int8"}
    assert bench.difference(one) < 0.02


def test_that_a_weight_in_a_constant_node_is_found(bench, build):
    values = np.random.default_rng(0).normal(0, 1, (8, 8)).astype(np.float32)
    nodes = [
        helper.make_node("Constant", [], ["w"], "c", value=onnx.numpy_helper.from_array(values)),
        helper.make_node("MatMul", ["x", "w"], ["y"], "product"),
    ]
    bench = bench(build(nodes, x=(1, 1, 8)))
    model, outcome = bench.treat("int8-weights")
    assert outcome.treated == ("product",)
    assert bench.difference(model) < 0.02


@pytest.mark.parametrize(("rows", "form"), [(1, "DequantizeLinear"), (32, "Cast")])
def test_that_weights_stay_packed_only_where_single_rows_gain_by_it(bench, build, rows, form):
    weights = {"w": np.random.default_rng(0).normal(0, 1, (8, 8)).astype(np.float32)}
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "product")
    bench = bench(build([node], weights, x=(1, rows, 8)))
    model, _ = bench.treat("int8-weights")
    assert onnx.load(model).graph.node[0].op_type == form
    assert bench.difference(model) < 0.02


def test_that_onnx_runtime_unpacks_a_kernel_once(tiny):
    import onnxruntime

    model, _ = tiny.treat("int8-weights")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tiny.folder / "optimized.onnx")
    onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    left = {node.op_type for node in onnx.load(tiny.folder / "optimized.onnx").graph.node}
    assert not left & {"Cast", "DequantizeLinear", "Mul"}
