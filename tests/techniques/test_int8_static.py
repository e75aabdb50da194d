"""INT8 with explicit Q/DQ: close to the original on every engine, layer by layer."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from core.errors import InputError, JobCancelled
from core.techniques.qdq_rules import TARGETS, TENSORRT, qdq_problems


def operators(path):
    return [node.op_type for node in onnx.load(path).graph.node]


def stored(path):
    return {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}


@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("dense", [True, False])
def test_that_int8_stays_close_to_the_original(tiny, engine, symmetric, dense):
    model, outcome = tiny.treat("int8", symmetric=symmetric, dense=dense)
    assert 0 < tiny.difference(model, engine) < 0.05
    assert set(outcome.treated) == {layer.id for layer in tiny.graph.layers}


@pytest.mark.parametrize("method", ["minmax", "percentile", "entropy", "mse"])
@pytest.mark.parametrize("per_channel", [True, False])
def test_that_every_way_to_choose_ranges_works(tiny, method, per_channel):
    model, _ = tiny.treat("int8", method=method, per_channel=per_channel)
    assert tiny.difference(model) < 0.25


def test_that_the_sample_survives_int8(bench, sample_model):
    sample = bench(sample_model)
    model, _ = sample.treat("int8", symmetric=False, dense=True)
    assert model.stat().st_size < 0.4 * sample.source.stat().st_size


def test_that_weights_too_large_for_one_file_go_beside_it(bench, sample_model, monkeypatch):
    sample = bench(sample_model)
    one, _ = sample.treat("int8")
    difference = sample.difference(one)
    monkeypatch.setattr("core.techniques.editing.ONE_FILE_LIMIT", 0)
    two, _ = sample.treat("int8")
    assert two.with_name(f"{two.name}.data").stat().st_size > two.stat().st_size
    assert sample.difference(two) == pytest.approx(difference)


def test_that_one_scale_per_channel_is_closer_than_one_per_tensor(bench, build, conv):
    node, weights = conv("x", "y")
    weights["y.w"] *= np.array([0.001, 0.01, 1, 10], np.float32).reshape(-1, 1, 1, 1)
    bench = bench(build([node], weights))
    fine, _ = bench.treat("int8", per_channel=True)
    faint = np.concatenate([feed["x"] for feed in bench.feeds()])
    assert faint.size
    scales = [v for name, v in stored(fine).items() if name.endswith("w/scale")]
    assert scales[0].shape == (4,)
    coarse, _ = bench.treat("int8", per_channel=False)
    assert not stored(coarse)["y.w/int8"][0].any()


def test_that_a_layer_left_alone_keeps_its_weights_and_its_exact_input(tiny, nodes_of):
    model, outcome = tiny.treat("int8", {"body/Conv": None})
    kept = nodes_of(model)["body/Conv"]
    assert "body/Conv" not in outcome.treated
    assert kept.input[1] == "body.weight"
    np.testing.assert_array_equal(stored(model)["body.weight"], stored(tiny.source)["body.weight"])
    assert nodes_of(model)["stem/Conv"].input[1] != "stem.weight"


def test_that_only_the_named_layer_is_treated(tiny):
    model, outcome = tiny.treat("int8", only=["body/Conv"])
    assert outcome.treated == ("body/Conv",)
    assert operators(model).count("DequantizeLinear") == 2
    assert set(stored(model)) >= {"stem.weight", "head.weight", "body.weight/int8"}


def test_that_layers_may_differ_in_their_options(tiny):
    model, _ = tiny.treat(
        "int8", {"body/Conv": {"symmetric": True}}, symmetric=False, per_channel=True
    )
    zero_points = {k: v.dtype for k, v in stored(model).items() if k.endswith("/zero_point")}
    assert zero_points["stem_act/zero_point"] == np.int8
    assert zero_points["image/zero_point"] == np.uint8


def test_that_every_layer_keeps_its_id(tiny, nodes_of):
    model, _ = tiny.treat("int8")
    assert nodes_of(model).keys() >= {layer.id for layer in tiny.graph.layers}


def test_that_symmetric_files_break_no_rule_of_any_engine(tiny):
    model, _ = tiny.treat("int8", symmetric=True)
    assert {target: qdq_problems(model, target) for target in TARGETS} == dict.fromkeys(TARGETS, ())


def test_that_asymmetric_files_are_known_not_to_suit_tensorrt(tiny):
    model, _ = tiny.treat("int8", symmetric=False)
    problems = qdq_problems(model, TENSORRT)
    assert any("zero point" in problem for problem in problems)
    assert any("UINT8" in problem for problem in problems)


def test_that_biases_stay_in_float32(tiny):
    model, _ = tiny.treat("int8")
    biases = [v for name, v in stored(model).items() if name.endswith(".bias")]
    assert len(biases) == 3
    assert all(bias.dtype == np.float32 for bias in biases)


def test_that_no_pair_stands_between_a_kernel_and_its_activation(tiny):
    model, _ = tiny.treat("int8")
    graph = onnx.load(model).graph
    readers = {name: node.op_type for node in graph.node for name in node.input}
    assert readers["stem_out"] == "Relu"
    assert readers["stem_act"] == "QuantizeLinear"


def test_that_the_models_outputs_stay_float32(tiny):
    model, _ = tiny.treat("int8", dense=True)
    assert operators(model)[-1] == "Gemm"


def test_that_without_images_int8_is_refused_and_not_guessed(tiny):
    with pytest.raises(InputError, match="never from random ones"):
        tiny.treat("int8", calibrated=False)


def test_that_batch_norms_are_folded_without_changing_the_numbers(bench, build, conv):
    node, weights = conv("x", "c")
    random = np.random.default_rng(3)
    for name in ("gamma", "beta", "mean", "var"):
        weights[name] = random.uniform(0.5, 2, 4).astype(np.float32)
    norm = helper.make_node(
        "BatchNormalization", ["c", "gamma", "beta", "mean", "var"], ["n"], "norm"
    )
    relu = helper.make_node("Relu", ["n"], ["y"], "relu")
    bench = bench(build([node, norm, relu], weights))
    model, outcome = bench.treat("int8")
    assert "BatchNormalization" not in operators(model)
    assert bench.difference(model) < 0.03
    assert "1 batch normalization" in outcome.notes[0]


def test_that_a_bias_much_larger_than_the_weights_does_not_overflow(bench, build, conv):
    node, weights = conv("x", "y")
    weights["y.w"] *= np.float32(1e-10)
    weights["y.b"] += np.float32(50)
    bench = bench(build([node], weights))
    model, _ = bench.treat("int8", dense=True, symmetric=False)
    assert bench.difference(model, "onnxruntime") < 0.01
    assert bench.difference(model, "openvino") < 0.01


def test_that_dead_channels_get_a_positive_scale(bench, build, conv):
    node, weights = conv("x", "y")
    weights["y.w"][1] = 0
    weights["y.b"][1] = 0
    bench = bench(build([node], weights))
    model, _ = bench.treat("int8")
    assert qdq_problems(model, TENSORRT) == ()
    assert bench.difference(model) < 0.03


@pytest.fixture
def branching(bench, build, conv):
    """Two convolutions, joined by a Concat and pooled, then added to a third."""
    left, a = conv("x", "a")
    right, b = conv("x", "bb")
    joined = helper.make_node("Concat", ["a", "bb"], ["j"], "join", axis=1)
    pooled = helper.make_node("MaxPool", ["j"], ["p"], "pool", kernel_shape=[2, 2], strides=[2, 2])
    last, c = conv("p", "ccc", 8, 8)
    added = helper.make_node("Add", ["ccc", "p"], ["s"], "add")
    end = helper.make_node("GlobalAveragePool", ["s"], ["y"], "end")
    return bench(build([left, right, joined, pooled, last, added, end], {**a, **b, **c}))


@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
@pytest.mark.parametrize("symmetric", [True, False])
def test_that_branches_stay_close_to_the_original(branching, engine, symmetric):
    model, _ = branching.treat("int8", symmetric=symmetric, dense=not symmetric)
    assert branching.difference(model, engine) < 0.1


def test_that_layers_which_only_move_numbers_share_one_scale(branching):
    model, _ = branching.treat("int8")
    scales = stored(model)
    tied = {float(scales[f"{name}/scale"]) for name in ("a", "bb", "j", "p")}
    assert len(tied) == 1
    assert float(scales["ccc/scale"]) not in tied


@pytest.mark.parametrize(("dense", "expected"), [(False, 2), (True, 4)])
def test_that_a_gated_activation_is_split_only_for_onnx_runtime(
    bench, build, conv, dense, expected
):
    first, a = conv("x", "a")
    gate = helper.make_node("Sigmoid", ["a"], ["g"], "gate")
    product = helper.make_node("Mul", ["a", "g"], ["m"], "swish")
    last, b = conv("m", "y")
    bench = bench(build([first, gate, product, last], {**a, **b}))
    model, _ = bench.treat("int8", symmetric=False, dense=dense)
    assert operators(model).count("QuantizeLinear") == expected
    assert bench.difference(model) < 0.1


def test_that_stopping_the_job_leaves_no_model(tiny):
    def stop(done, total, text):
        raise JobCancelled

    with pytest.raises(JobCancelled):
        tiny.treat("int8", progress=stop)
    assert not (tiny.folder / "int8.onnx").exists()


def test_that_progress_grows_to_the_end(tiny):
    seen = []
    tiny.treat(
        "int8", method="entropy", progress=lambda done, total, text: seen.append(done / total)
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_that_a_grey_first_layer_does_not_overflow(bench, build, engine):
    kernel = np.random.default_rng(1).uniform(0.5, 1, (8, 1, 5, 5)).astype(np.float32)
    node = helper.make_node("Conv", ["x", "w"], ["c"], "stem", pads=[2] * 4)
    end = helper.make_node("GlobalAveragePool", ["c"], ["y"], "pool")
    bench = bench(build([node, end], {"w": kernel}, x=(1, 1, 12, 12)))
    for symmetric in (True, False):
        model, _ = bench.treat("int8", symmetric=symmetric, dense=True)
        assert abs(bench.difference(model, engine) - bench.difference(model, "literally")) < 0.02


@pytest.mark.parametrize("group", [1, 2])
@pytest.mark.parametrize("per_channel", [True, False])
def test_that_transposed_convolutions_stay_close(bench, build, group, per_channel):
    random = np.random.default_rng(0)
    weights = {
        "w": random.normal(0, 1, (4, 3, 2, 2)).astype(np.float32),
        "b": random.normal(0, 1, 3 * group).astype(np.float32),
    }
    node = helper.make_node(
        "ConvTranspose", ["x", "w", "b"], ["y"], "up", strides=[2, 2], group=group
    )
    bench = bench(build([node], weights))
    model, _ = bench.treat("int8", per_channel=per_channel)
    assert bench.difference(model) < 0.05


@pytest.mark.parametrize("dense", [True, False])
def test_that_attention_stays_close_in_onnx_runtime(bench, build, dense):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "embed"),
        helper.make_node("Transpose", ["h"], ["t"], "turn", perm=[0, 1, 3, 2]),
        helper.make_node("MatMul", ["h", "t"], ["scores"], "scores"),
        helper.make_node("Softmax", ["scores"], ["weights"], "softmax"),
        helper.make_node("MatMul", ["weights", "x"], ["y"], "mix"),
    ]
    faint = 0.01 * np.random.default_rng(0).normal(0, 1, (8, 8)).astype(np.float32)
    bench = bench(build(nodes, {"w": faint}))
    model, _ = bench.treat("int8", symmetric=False, dense=dense)
    assert bench.difference(model, "onnxruntime") < 0.1


def test_that_inputs_which_a_layer_leaves_out_are_no_tensors(bench, build, conv):
    first, weights = conv("x", "a")
    nodes = [
        first,
        helper.make_node("Softmax", ["a"], ["s"], "softmax"),
        helper.make_node("Clip", ["s", "", "top"], ["y"], "clip"),
    ]
    bench = bench(build(nodes, {**weights, "top": np.array(0.5, np.float32)}))
    model, _ = bench.treat("int8", symmetric=False, dense=True)
    assert bench.difference(model) < 0.05


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_that_no_engine_quantizes_a_layer_that_was_left_alone(bench, build, conv, engine, moved):
    first, a = conv("x", "a")
    pool = helper.make_node("MaxPool", ["a"], ["p"], "pool", kernel_shape=[2, 2])
    kept, b = conv("p" if moved else "a", "bb")
    last, c = conv("bb", "y")
    # One scale for the whole kernel would be that of weights which meet nothing but zeros.
    a["a.w"][0] = a["a.b"][0] = 0
    b["bb.w"][:, 0] = 1000
    bench = bench(build([first, *([pool] if moved else []), kept, last], {**a, **b, **c}))
    model, _ = bench.treat("int8", {"conv_bb": None}, symmetric=False, dense=True)
    assert bench.difference(model, engine) < 0.05


def gelu(x, y):
    """GELU as exporters write it: five layers."""
    names = [f"{x}.{i}" for i in range(4)]
    nodes = [
        helper.make_node("Div", [x, "root"], [names[0]], "div"),
        helper.make_node("Erf", [names[0]], [names[1]], "erf"),
        helper.make_node("Add", [names[1], "one"], [names[2]], "one"),
        helper.make_node("Mul", [x, names[2]], [names[3]], "gate"),
        helper.make_node("Mul", [names[3], "half"], [y], "half"),
    ]
    numbers = {"root": 2**0.5, "one": 1.0, "half": 0.5}
    return nodes, {name: np.array(value, np.float32) for name, value in numbers.items()}


@pytest.mark.parametrize("dense", [True, False])
def test_that_an_activation_function_of_several_layers_stays_whole(bench, build, conv, dense):
    first, a = conv("x", "a")
    function, numbers = gelu("a", "g")
    last, b = conv("g", "y")
    bench = bench(build([first, *function, last], {**a, **numbers, **b}))
    model, _ = bench.treat("int8", symmetric=False, dense=dense)
    pairs = {node.input[0] for node in onnx.load(model).graph.node if node.op_type[:2] == "Qu"}
    assert pairs == ({"x", "a", "g"} if dense else {"x", "g"})
    assert bench.difference(model, "openvino") < 0.05


@pytest.mark.parametrize("engine", ["literally", "onnxruntime", "openvino"])
def test_that_openvinos_form_has_no_pair_behind_a_layer_that_moved_numbers(branching, engine):
    model, _ = branching.treat("int8", symmetric=False)
    pairs = [node.input[0] for node in onnx.load(model).graph.node if node.op_type[:2] == "Qu"]
    assert sorted(pairs) == ["a", "bb", "ccc", "s", "x"]
    assert branching.difference(model, engine) < 0.1


@pytest.mark.parametrize(("mode", "pairs"), [("nearest", 1), ("linear", 2)])
def test_that_numbers_between_int8_numbers_are_rounded_again(bench, build, conv, mode, pairs):
    weights = {"scales": np.array([1, 1, 2, 2], np.float32)}
    up = helper.make_node("Resize", ["x", "", "scales"], ["u"], "up", mode=mode)
    last, more = conv("u", "y")
    bench = bench(build([up, last], weights | more))
    model, _ = bench.treat("int8", symmetric=False)
    assert operators(model).count("QuantizeLinear") == pairs
    assert bench.difference(model, "openvino") < 0.05


def test_that_a_layer_left_alone_beside_treated_ones_reads_the_exact_numbers(
    bench, build, conv, nodes_of
):
    first, a = conv("x", "a")
    kept = helper.make_node("MaxPool", ["a"], ["p"], "pool", kernel_shape=[3, 3], pads=[1] * 4)
    last, b = conv("a", "bb")
    end = helper.make_node("Sub", ["p", "bb"], ["y"], "end")
    bench = bench(build([first, kept, last, end], {**a, **b}))
    model, _ = bench.treat("int8", {"pool": None, "end": None}, symmetric=False)
    assert nodes_of(model)["pool"].input[0] == "a"
    assert nodes_of(model)["conv_bb"].input[0] != "a"


@pytest.fixture
def normalized(bench, build):
    """A layer normalization in single layers, of numbers with one loud channel in 64."""
    random = np.random.default_rng(2)
    weights = {
        "w": random.normal(0, 1, (64, 64)).astype(np.float32),
        "two": np.array(2, np.float32),
        "tiny": np.array(1e-5, np.float32),
        "v": random.normal(0, 0.2, (64, 64)).astype(np.float32),
    }
    weights["w"][:, 0] *= 50
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "embed"),
        helper.make_node("ReduceMean", ["h"], ["m"], "mean", axes=[-1]),
        helper.make_node("Sub", ["h", "m"], ["d"], "centre"),
        helper.make_node("Pow", ["d", "two"], ["p"], "square"),
        helper.make_node("ReduceMean", ["p"], ["q"], "variance", axes=[-1]),
        helper.make_node("Add", ["q", "tiny"], ["t"], "safe"),
        helper.make_node("Sqrt", ["t"], ["s"], "deviation"),
        helper.make_node("Div", ["d", "s"], ["n"], "normed"),
        helper.make_node("MatMul", ["n", "v"], ["y"], "project"),
    ]
    return bench(build(nodes, weights, x=(1, 16, 64), opset=17))


def test_that_the_statistics_of_a_normalization_stay_in_floating_point(normalized):
    model, outcome = normalized.treat("int8", symmetric=False)
    assert not set(outcome.treated) & {"mean", "centre", "variance"}
    assert normalized.difference(model) < 0.05


def test_that_a_mean_over_places_may_be_int8(bench, build, conv):
    node, weights = conv("x", "c")
    mean = helper.make_node("ReduceMean", ["c"], ["y"], "mean", axes=[2, 3])
    _, outcome = bench(build([node, mean], weights, opset=17)).treat("int8")
    assert "mean" in outcome.treated
