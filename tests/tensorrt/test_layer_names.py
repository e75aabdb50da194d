"""Names of an engine's layers find back to the layers of the model."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runtimes.origins import Node, Origins
from core.tensorrt.layer_names import FusedNames, executed_layers, precision_of
from core.tensorrt.outputs import engine_layers_of, profile_of
from tests.tensorrt.conftest import Saved, node

Sample = Callable[[str], str]
WEIGHT = np.zeros((3, 3, 1, 1), np.float32)


@pytest.fixture
def resnet_start(saved: Saved) -> Origins:
    """The beginning of the network whose engine was recorded in FP16."""
    nodes = [
        node("Conv", "x w", "a", "Conv_0"),
        node("Relu", "a", "onnx::MaxPool_125", "Relu_1"),
        node("MaxPool", "onnx::MaxPool_125", "input.8", "MaxPool_2", kernel_shape=[1, 1]),
        node("Conv", "input.8 w", "c", "Conv_3"),
        node("Relu", "c", "onnx::Conv_129", "Relu_4"),
        node("Conv", "onnx::Conv_129 w", "e", "Conv_5"),
        node("Add", "e input.8", "f", "Add_6"),
        node("Relu", "f", "input.24", "Relu_7"),
        node("Sigmoid", "input.24", "g", "Sigmoid_8"),
        node("Mul", "g input.24", "y", "Mul_9"),
    ]
    return Origins.of(saved(nodes, {"w": WEIGHT}))


def test_that_fused_layers_are_told_apart_and_copies_serve_them(
    sample: Sample, resnet_start: Origins
) -> None:
    profile = profile_of(sample("fp16.profile.json"))
    engine = engine_layers_of(sample("fp16.layers.json"))
    layers = {one.name: one for one in executed_layers(profile, engine, resnet_start)}
    fused = layers["Conv_5 + Add_6 + Relu_7"]
    assert fused.layers == ("Conv_5", "Add_6", "Relu_7")
    assert (fused.precision, fused.converts) == ("f16", False)
    assert fused.milliseconds == pytest.approx(0.06, abs=0.03)
    copy = layers["Reformatting CopyNode for Input Tensor 0 to Conv_0 + Relu_1"]
    assert copy.converts
    assert (copy.layers, copy.serves) == ((), ("Conv_0", "Relu_1"))
    assert (copy.source_precision, copy.precision) == ("f32", "f16")


def test_that_times_without_an_engines_layers_are_told_too(
    sample: Sample, resnet_start: Origins
) -> None:
    told = executed_layers(profile_of(sample("fp16.profile.json")), None, resnet_start)
    assert told[1].layers == ("Conv_0", "Relu_1")
    assert told[1].precision == ""


def test_that_weights_and_pairs_in_a_name_are_no_layers(sample: Sample, saved: Saved) -> None:
    scale = {"s": np.array(0.1, np.float32), "z": np.array(0, np.int8), "w": WEIGHT}
    nodes = [
        node("QuantizeLinear", "x s z", "q", "QuantizeLinear_2"),
        node("DequantizeLinear", "q s z", "d", "DequantizeLinear_5"),
        node("QuantizeLinear", "w s z", "wq", "QuantizeLinear_7"),
        node("DequantizeLinear", "wq s z", "wd", "DequantizeLinear_8"),
        node("Conv", "d wd", "y", "Conv_9"),
    ]
    origins = Origins.of(saved(nodes, scale))
    profile = profile_of(sample("qat.profile.json"))
    engine = engine_layers_of(sample("qat.layers.json"))
    first, convolution, *_ = executed_layers(profile, engine, origins)
    assert (first.layers, first.serves, first.converts) == ((), ("Conv_9",), True)
    assert (first.source_precision, first.precision) == ("f32", "i8")
    assert convolution.layers == ("Conv_9",)
    assert convolution.precision == "i8"


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("PWN(PWN(Sigmoid_8), Mul_9)", ("Sigmoid_8", "Mul_9")),
        ("PWN(Sigmoid_8, Mul_9)", ("Sigmoid_8", "Mul_9")),
        ("Conv_3 || Conv_5", ("Conv_3", "Conv_5")),
        ("Conv_3_clone_1", ("Conv_3",)),
        ("Conv_5 + Add_6 + PWN(Sigmoid_8)", ("Conv_5", "Add_6", "Sigmoid_8")),
        ("{ForeignNode[Conv_3...Relu_7]}", ("Conv_3", "Relu_4", "Conv_5", "Add_6", "Relu_7")),
        ("{ForeignNode[MaxPool_2]}", ("MaxPool_2",)),
        ("(Unnamed Layer* 306) [Shuffle] + Conv_0", ("Conv_0",)),
        ("(Unnamed Layer* 12) [Constant]", ()),
        ("", ()),
    ],
)
def test_that_every_kind_of_name_is_read(
    resnet_start: Origins, name: str, layers: tuple[str, ...]
) -> None:
    assert FusedNames(resnet_start).find(name).layers == layers


@pytest.mark.parametrize(
    "name",
    [
        "reshape_after_Conv_3",
        "copied_squeeze_after_Conv_3",
        "unsqueeze_node_after_Conv_3",
        "Reformatting CopyNode for Output Tensor 0 to Conv_3",
        "Reformatting CopyNode for Input Tensor 0 to reshape_after_Conv_3",
        "shuffle_between_Conv_3_and_Conv_3",
    ],
)
def test_that_what_tensorrt_added_serves_the_layer_in_its_name(
    resnet_start: Origins, name: str
) -> None:
    found = FusedNames(resnet_start).find(name)
    assert (found.layers, found.serves) == ((), ("Conv_3",))


def test_that_metadata_comes_before_names(resnet_start: Origins) -> None:
    text = (
        '{"Layers": [{"Name": "__myl_Fused_0", "LayerType": "kgen", '
        '"Metadata": "[ONNX Layer: Conv_3]\\u001e[ONNX Layer: Relu_4]"}], "Bindings": []}'
    )
    engine = {layer.name: layer for layer in engine_layers_of(text).layers}
    found = FusedNames(resnet_start, engine).find("__myl_Fused_0")
    assert found.layers == ("Conv_3", "Relu_4")


def test_that_a_compiled_part_is_bounded_by_what_the_engine_makes(resnet_start: Origins) -> None:
    def layer(name: str, kind: str, taken: str, made: str) -> str:
        return (
            f'{{"Name": "{name}", "LayerType": "{kind}", "Inputs": [{{"Name": "{taken}"}}], '
            f'"Outputs": [{{"Name": "{made}"}}]}}'
        )

    rows = [
        layer("MaxPool_2", "Pooling", "x", "input.8"),
        layer("{ForeignNode[Conv_3...Relu_7]}", "Myelin", "input.8", "input.24"),
    ]
    engine = {e.name: e for e in engine_layers_of(f'{{"Layers": [{",".join(rows)}]}}').layers}
    found = FusedNames(resnet_start, engine).find("{ForeignNode[Conv_3...Relu_7]}")
    assert set(found.layers) == {"Conv_3", "Relu_4", "Conv_5", "Add_6", "Relu_7"}


names = st.text(alphabet="ab+|(), [].…{}", min_size=1, max_size=8)


@given(st.lists(names.map(str.strip).filter(bool), min_size=1, max_size=4, unique=True), st.text())
def test_that_names_with_joints_in_them_are_found_again(known: list[str], strange: str) -> None:
    origins = Origins()
    for name in known:
        origins._add(name, Node(name, "Conv", (), (f"out of {name}",)))  # pyright: ignore
    names = FusedNames(origins)
    for name in known:
        assert names.find(name).layers == (name,)
    names.find(strange)


def test_that_formats_tell_precisions() -> None:
    words = ["Row major linear FP32", "Thirty-two wide channel vectorized row major Int8 format"]
    assert [precision_of(one) for one in words] == ["f32", "i8"]
    assert [precision_of(one) for one in ("Half", "BF16", "Unknown", "FP8 (E4M3)")] == [
        *("f16", "bf16", "", "fp8")
    ]
