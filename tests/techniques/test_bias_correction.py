"""Corrected biases: the outputs keep their means, on the very numbers that INT8 computes."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper


def outputs_per_channel(bench, model, name, run):
    """Mean of one tensor per channel, over all images."""
    watched = onnx.load(model)
    del watched.graph.output[:]
    watched.graph.output.append(helper.make_empty_tensor_value_info(name))
    path = bench.folder / "watched_means.onnx"
    onnx.save(watched, path)
    values = np.concatenate(run(path, bench.feeds()))
    return values.mean(axis=tuple(i for i in range(values.ndim) if i != 1))


@pytest.fixture
def literally():
    import onnxruntime

    def run(model, feeds):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(str(model), options)
        return [session.run(None, dict(feed))[0] for feed in feeds]

    return run


@pytest.fixture
def hostile(bench, build, conv):
    """Depthwise and pointwise layers whose channels differ by 1,000 times."""
    first, weights = conv("x", "a", group=4)
    second, more = conv("b", "c")
    third, last = conv("d", "y", channels=6)
    weights["a.w"] *= np.array([0.01, 0.1, 1, 10], np.float32).reshape(-1, 1, 1, 1)
    relus = [helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Relu", ["c"], ["d"])]
    return bench(build([first, relus[0], second, relus[1], third], weights | more | last))


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("dense", [True, False])
def test_that_every_layer_keeps_its_mean_output(hostile, literally, symmetric, dense):
    options = {"per_channel": False, "symmetric": symmetric, "dense": dense}
    plain, _ = hostile.treat("int8", **options)
    plain = plain.rename(hostile.folder / "plain.onnx")
    corrected, _ = hostile.treat("int8", bias_correction=True, **options)
    for name in ("a", "c", "y"):
        true = outputs_per_channel(hostile, hostile.source, name, literally)
        off = outputs_per_channel(hostile, plain, name, literally) - true
        left = outputs_per_channel(hostile, corrected, name, literally) - true
        assert np.abs(left).max() < 1e-5 + 1e-3 * np.abs(true).max()
        assert np.abs(left).max() < 0.2 * np.abs(off).max()


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_that_the_error_goes_down(hostile, engine):
    plain, _ = hostile.treat("int8", per_channel=False)
    before = hostile.difference(plain, engine)
    corrected, _ = hostile.treat("int8", per_channel=False, bias_correction=True)
    assert hostile.difference(corrected, engine) < before


def test_that_only_the_chosen_layers_get_another_bias(hostile):
    model, _ = hostile.treat("int8", {"conv_c": {"bias_correction": True}})
    biases = {
        node.name: node.input[2] for node in onnx.load(model).graph.node if node.op_type == "Conv"
    }
    assert biases["conv_a"] == "a.b"
    assert biases["conv_y"] == "y.b"
    assert biases["conv_c"] != "c.b"


def test_that_a_layer_without_a_bias_gets_one(bench, build, conv):
    node, weights = conv("x", "y")
    del node.input[2]
    weights.pop("y.b")
    model, _ = bench(build([node], weights)).treat("int8", bias_correction=True)
    conv_node = next(n for n in onnx.load(model).graph.node if n.op_type == "Conv")
    assert len(conv_node.input) == 3


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_that_the_factor_of_a_dense_layers_bias_is_heeded(bench, build, literally, beta):
    weights = {
        "w": np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32),
        "b": np.ones(3, np.float32),
    }
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], "dense", beta=beta)
    bench = bench(build([node], weights, x=(2, 8)))
    model, _ = bench.treat("int8", per_channel=False, bias_correction=True)
    off = outputs_per_channel(bench, model, "y", literally)
    off -= outputs_per_channel(bench, bench.source, "y", literally)
    assert np.abs(off).max() < (1e-5 if beta else 0.05)
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(model).graph.initializer}
    assert ("b" in stored) == (beta == 0)
