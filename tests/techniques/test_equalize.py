"""Balanced channels: the same numbers in float, and less lost when they are rounded."""

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper


def stored(path):
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


def kernels(path):
    weights = stored(path)
    return [weights[n.input[1]] for n in onnx.load(path).graph.node if n.op_type == "Conv"]


FUNCTIONS = {
    "nothing": lambda s, o: [helper.make_node("Identity", [s], [o])],
    "relu": lambda s, o: [helper.make_node("Relu", [s], [o])],
    "leaky": lambda s, o: [helper.make_node("LeakyRelu", [s], [o], alpha=0.2)],
    "prelu": lambda s, o: [helper.make_node("PRelu", [s, "slope"], [o])],
    "relu6": lambda s, o: [helper.make_node("Clip", [s, "zero", "six"], [o])],
    "pooled": lambda s, o: [
        helper.make_node("Relu", [s], [f"{o}.r"]),
        helper.make_node("MaxPool", [f"{o}.r"], [o], kernel_shape=[3, 3], pads=[1] * 4),
    ],
}
NUMBERS = {
    "zero": np.array(0, np.float32),
    "six": np.array(1.5, np.float32),
    "slope": np.array([0.1, 0.2, 0.3, 0.4], np.float32).reshape(4, 1, 1),
}


def chain(build, conv, functions, spread):
    """Convolutions, every other one depthwise, whose channels differ by `spread` magnitudes."""
    nodes, weights, last = [], dict(NUMBERS), "x"
    for number, function in enumerate([*functions, "nothing"]):
        node, own = conv(last, f"c{number}", group=4 if number % 2 else 1)
        powers = np.linspace(-spread / 2, spread / 2, 4).astype(np.float32)
        own[f"c{number}.w"] *= (10**powers).reshape(4, 1, 1, 1)
        own[f"c{number}.b"] *= 10**powers
        weights |= own
        last = f"f{number}"
        nodes += [node, *FUNCTIONS[function](f"c{number}", last)]
    nodes[-1].output[0] = "y"
    return build(nodes, weights)


@example(functions=["pooled", "relu6"], spread=3.0, limits=False)
@given(
    functions=st.lists(st.sampled_from(sorted(FUNCTIONS)), min_size=1, max_size=4),
    spread=st.floats(0, 4),
    limits=st.booleans(),
)
@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_that_the_model_computes_the_same(bench, build, conv, functions, spread, limits):
    bench = bench(chain(build, conv, functions, spread))
    model, _ = bench.treat("equalize", limits=limits)
    assert bench.difference(model, "literally") < max(1e-5, 5 * rounding(bench))


def rounding(bench):
    """How far the outputs go at most when every weight moves by its last bit, in a few drawings.

    Some 3e-7, and 100 times more where large terms cancel each other before a narrow limit.
    """
    random = np.random.default_rng(3)
    return max(moved(bench, random) for _ in range(4))


def moved(bench, random):
    model = onnx.load(bench.source)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim == 4:
            toward = random.choice([-np.inf, np.inf], values.shape).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(np.nextafter(values, toward), tensor.name))
    onnx.save(model, bench.folder / "last-bit.onnx")
    return bench.difference(bench.folder / "last-bit.onnx", "literally")


def test_that_channels_get_weights_of_like_size(bench, build, conv):
    bench = bench(chain(build, conv, ["relu", "relu"], 3))
    model, outcome = bench.treat("equalize")
    first, second, third = kernels(model)
    for strong, weak in ((first, second), (second, third.swapaxes(0, 1))):
        sizes = [np.abs(kernel).max(axis=(1, 2, 3)) for kernel in (strong, weak)]
        np.testing.assert_allclose(*sizes, rtol=0.05)
    assert set(outcome.treated) == {"conv_c0", "conv_c1", "conv_c2"}
    assert "2 pairs" in outcome.notes[0]


@pytest.fixture
def hostile(bench, build, conv):
    """Two layers whose channels differ by 1,000 times, and matter alike in the end."""
    first, a = conv("x", "a")
    relu = helper.make_node("Relu", ["a"], ["r"], "relu")
    second, b = conv("r", "y")
    spread = np.array([0.03, 0.3, 3, 30], np.float32)
    a["a.w"] *= spread.reshape(4, 1, 1, 1)
    a["a.b"] *= spread
    b["y.w"] /= spread.reshape(1, 4, 1, 1)
    return bench(build([first, relu, second], {**a, **b}))


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
def test_that_int8_loses_less_afterwards(hostile, engine, per_channel):
    plain, _ = hostile.treat("int8", per_channel=per_channel)
    before = hostile.difference(plain, engine)
    balanced, _ = hostile.treat("equalize")
    after, _ = hostile.continued(balanced).treat("int8", per_channel=per_channel)
    assert hostile.difference(after, engine) < before / 5


def test_that_limited_activations_are_left_alone_unless_asked(bench, build, conv):
    bench = bench(chain(build, conv, ["relu6"], 2))
    left, outcome = bench.treat("equalize")
    assert outcome.treated == ()
    assert "0 pairs" in outcome.notes[0]
    assert [n.op_type for n in onnx.load(left).graph.node] == ["Conv", "Clip", "Conv", "Identity"]
    asked, outcome = bench.treat("equalize", limits=True)
    assert set(outcome.treated) == {"conv_c0", "conv_c1"}
    limit = next(v for name, v in stored(asked).items() if name.endswith("/limit"))
    assert limit.shape == (1, 4, 1, 1)


def test_that_a_result_with_two_readers_and_an_output_keep_their_scale(bench, build, conv):
    first, a = conv("x", "a")
    second, b = conv("a", "bb")
    add = helper.make_node("Add", ["a", "bb"], ["y"], "add")
    bench = bench(build([first, second, add], {**a, **b}))
    model, outcome = bench.treat("equalize")
    assert outcome.treated == ()
    np.testing.assert_array_equal(kernels(model)[0], a["a.w"])


def test_that_dead_channels_stay_as_they_are(bench, build, conv):
    first, a = conv("x", "a")
    relu = helper.make_node("Relu", ["a"], ["r"], "relu")
    second, b = conv("r", "y")
    a["a.w"][0] = 0
    b["y.w"][:, 1] = 0
    bench = bench(build([first, relu, second], {**a, **b}))
    model, _ = bench.treat("equalize")
    assert all(np.isfinite(kernel).all() for kernel in kernels(model))
    np.testing.assert_array_equal(kernels(model)[0][:2], a["a.w"][:2])
    assert bench.difference(model) < 1e-5


def test_that_a_normalization_between_is_folded_first(bench, build, conv):
    first, a = conv("x", "a")
    numbers = np.array([0.1, 1, 10, 100], np.float32)
    a |= {"g": numbers, "d": numbers, "m": numbers, "v": numbers}
    norm = helper.make_node("BatchNormalization", ["a", "g", "d", "m", "v"], ["n"], "norm")
    relu = helper.make_node("Relu", ["n"], ["r"], "relu")
    second, b = conv("r", "y")
    bench = bench(build([first, norm, relu, second], {**a, **b}))
    model, outcome = bench.treat("equalize")
    assert len(outcome.treated) == 2
    assert bench.difference(model) < 1e-5


def test_that_only_the_named_layers_change(bench, build, conv):
    bench = bench(chain(build, conv, ["relu", "relu"], 2))
    _, outcome = bench.treat("equalize", {"conv_c2": None})
    assert set(outcome.treated) == {"conv_c0", "conv_c1"}
