"""SmoothQuant: the same numbers in float, quieter channels, and less lost in INT8."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from core.errors import InputError
from core.techniques import techniques

CHANNELS = 32


def stored(path):
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


@pytest.fixture
def weights():
    """Two of 32 channels are 100 times louder than the rest."""
    random = np.random.default_rng(4)
    gain = random.uniform(0.5, 1, CHANNELS).astype(np.float32)
    gain[[3, 17]] *= 100
    matrices = {
        name: random.normal(0, 1, (CHANNELS, 16)).astype(np.float32) for name in ("q", "k", "v")
    }
    for matrix in matrices.values():
        matrix[[3, 17]] /= 100
    return {"gain": gain, "offset": 0.1 * gain, **matrices}


def normalized(form):
    if form == "layer":
        return [helper.make_node("LayerNormalization", ["x", "gain", "offset"], ["n"], "norm")]
    last = [helper.make_node("Mul", ["gain", "x"], ["m" if form == "shifted" else "n"], "gain")]
    if form == "shifted":
        last.append(helper.make_node("Add", ["m", "offset"], ["n"], "offset"))
    return last


@pytest.fixture(params=["layer", "shifted", "plain"])
def attention(request, bench, build, weights):
    """Three fully connected layers that read one normalization."""
    nodes = normalized(request.param)
    nodes += [helper.make_node("MatMul", ["n", name], [f"{name}o"], name) for name in "qkv"]
    nodes.append(helper.make_node("Sum", ["qo", "ko", "vo"], ["y"], "sum"))
    return bench(build(nodes, weights, x=(1, 10, CHANNELS)))


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_that_the_model_computes_the_same(attention, strength):
    model, outcome = attention.treat("smooth-quant", strength=strength)
    assert set(outcome.treated) == {"q", "k", "v"}
    assert attention.difference(model, "literally") < 1e-5


@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
def test_that_int8_loses_less_afterwards(attention, engine):
    plain, _ = attention.treat("int8", symmetric=False)
    before = attention.difference(plain, engine)
    smooth, _ = attention.treat("smooth-quant")
    after, _ = attention.continued(smooth).treat("int8", symmetric=False)
    assert attention.difference(after, engine) < before / 3


def test_that_full_strength_makes_all_channels_alike(bench, build, weights):
    nodes = [*normalized("layer"), helper.make_node("MatMul", ["n", "q"], ["y"], "q")]
    bench = bench(build(nodes, weights, x=(1, 10, CHANNELS)))
    model, _ = bench.treat("smooth-quant", strength=1.0)
    gain = next(v for name, v in stored(model).items() if name.startswith("gain"))
    assert gain.max() / gain.min() < 5 < weights["gain"].max() / weights["gain"].min()


@pytest.mark.parametrize("turned", [0, 1])
def test_that_gemm_is_smoothed_either_way_round(bench, build, weights, turned):
    matrix = weights["q"].T.copy() if turned else weights["q"]
    nodes = [
        *normalized("layer"),
        helper.make_node("Gemm", ["n", "w"], ["y"], "dense", transB=turned),
    ]
    bench = bench(build(nodes, {**weights, "w": matrix}, x=(5, CHANNELS)))
    model, outcome = bench.treat("smooth-quant")
    assert outcome.treated == ("dense",)
    assert bench.difference(model, "literally") < 1e-5


def test_that_a_normalization_with_another_reader_stays(bench, build, weights):
    nodes = [
        *normalized("layer"),
        helper.make_node("MatMul", ["n", "q"], ["h"], "q"),
        helper.make_node("ReduceMax", ["n"], ["r"], "other", keepdims=1),
        helper.make_node("Add", ["h", "r"], ["y"], "end"),
    ]
    bench = bench(build(nodes, weights, x=(1, 10, CHANNELS)))
    model, outcome = bench.treat("smooth-quant")
    assert outcome.treated == ()
    assert "1 layers stay" in outcome.notes[0]
    np.testing.assert_array_equal(stored(model)["gain"], weights["gain"])


def test_that_factors_by_row_are_no_factors_by_channel(bench, build, weights):
    rows = np.linspace(1, 2, CHANNELS).astype(np.float32).reshape(CHANNELS, 1)
    nodes = [
        helper.make_node("Mul", ["x", "rows"], ["n"], "rows"),
        helper.make_node("MatMul", ["n", "q"], ["y"], "q"),
    ]
    bench = bench(build(nodes, {**weights, "rows": rows}, x=(1, CHANNELS, CHANNELS)))
    model, outcome = bench.treat("smooth-quant")
    assert outcome.treated == ()
    assert bench.difference(model, "literally") == 0


def test_that_a_layer_behind_something_else_is_refused(tiny):
    technique = techniques()["smooth-quant"]
    reasons = [technique.refusal(layer, tiny.graph) for layer in tiny.graph.layers]
    assert all(reasons)
    assert any("normalization" in reason for reason in reasons)


def test_that_without_images_it_is_refused(attention):
    with pytest.raises(InputError, match="real inputs"):
        attention.treat("smooth-quant", calibrated=False)
