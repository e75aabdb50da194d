"""Layers keep their ids through reload, simplification, quantization and a second stamp."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import onnxslim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnxruntime.quantization import CalibrationDataReader, quantize_static

from core.formats import read_graph
from core.model.identity import layer_ids, nodes_by_layer, set_stamp, stamp, stamp_of

Write = Callable[..., Path]

names = st.one_of(
    st.just(""),
    st.sampled_from(["conv", "conv~2", "Relu#0", "t1"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.text("ab", min_size=300, max_size=400),
)


def chain(node_names: list[str]) -> onnx.ModelProto:
    """Relus and Abs in a row, named as told."""
    nodes = [
        helper.make_node(("Relu", "Abs")[i % 2], [f"t{i}"], [f"t{i + 1}"], name)
        for i, name in enumerate(node_names)
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "chain",
        [value("t0", TensorProto.FLOAT, [1, 4])],
        [value(f"t{len(nodes)}", TensorProto.FLOAT, [1, 4])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


@settings(deadline=None, max_examples=60)
@given(st.lists(names, min_size=1, max_size=8))
def test_that_ids_are_different_and_survive_stamp_and_reload(
    tmp_path_factory: pytest.TempPathFactory, node_names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    source, working, again = (folder / f"{name}.onnx" for name in ("source", "working", "again"))
    source.write_bytes(chain(node_names).SerializeToString())
    ids = [layer.id for layer in read_graph(source).layers]
    assert len(set(ids)) == len(node_names)
    stamp(source, working)
    assert [layer.id for layer in read_graph(working).layers] == ids
    assert [node.name for node in onnx.load(working).graph.node] == ids
    stamp(working, again)
    assert again.read_bytes() == working.read_bytes()


def test_that_a_unique_name_is_the_id_and_others_take_their_output() -> None:
    model = chain(["first", "twin", "twin", ""])
    assert layer_ids(model) == ("first", "t2", "t3", "t4")


def test_that_a_node_without_name_and_output_is_known_by_its_place() -> None:
    model = chain(["", ""])
    model.graph.node[1].output[0] = ""
    assert layer_ids(model) == ("t1", "Abs#1")


def test_that_a_stamp_goes_before_a_name() -> None:
    model = chain(["a", "b"])
    set_stamp(model.graph.node[0], layer_ids(model)[1])
    model.graph.node[1].name = "c"
    assert layer_ids(model) == ("b", "c")


def test_that_nodes_that_replace_one_layer_share_its_stamp_and_differ_as_layers() -> None:
    model = chain(["a", "b"])
    for node in model.graph.node:
        set_stamp(node, layer_ids(chain(["a"]))[0])
    assert [stamp_of(node) for node in model.graph.node] == ["a", "a"]
    assert list(nodes_by_layer(model)) == ["a", "a~2"]


def test_that_an_endless_name_is_shortened_and_stays_different() -> None:
    ids = layer_ids(chain(["x" * 1_000_000, "x" * 1_000_001, "tab\tand\0nul"]))
    assert len(set(ids)) == 3
    assert all(len(layer) <= 200 and layer.isprintable() for layer in ids)


def test_that_ids_survive_onnxslim(tmp_path: Path, sample_model: Path) -> None:
    working = tmp_path / "working.onnx"
    stamp(sample_model, working)
    before = {layer.id: layer.operator for layer in read_graph(working).layers}
    slim = tmp_path / "slim.onnx"
    onnx.save(onnxslim.slim(onnx.load(working)), slim)
    after = {layer.id: layer.operator for layer in read_graph(slim).layers}
    assert set(after) <= set(before)
    assert all(before[layer] == operator for layer, operator in after.items())
    weighted = Counter(operator for operator in after.values() if operator in ("Conv", "Gemm"))
    assert weighted.total() == sum(op in ("Conv", "Gemm") for op in before.values()) > 0


def test_that_ids_survive_quantization(tmp_path: Path, tiny_model: Path) -> None:
    class Noise(CalibrationDataReader):
        def __init__(self) -> None:
            random = np.random.default_rng(0)
            images = random.normal(size=(2, 1, 3, 16, 16)).astype(np.float32)
            self._images = iter(images)

        def get_next(self) -> dict[str, np.ndarray] | None:
            image = next(self._images, None)
            return None if image is None else {"image": image}

    working, quantized = tmp_path / "working.onnx", tmp_path / "quantized.onnx"
    stamp(tiny_model, working)
    quantize_static(working, quantized, Noise(), extra_options={"ActivationSymmetric": True})
    before = read_graph(working)
    after = read_graph(quantized)
    inserted = {layer.operator for layer in after.layers if layer.id not in before.by_id}
    assert inserted == {"QuantizeLinear", "DequantizeLinear"}
    for layer in ("stem/Conv", "body/Conv", "head/Gemm"):
        assert after.by_id[layer].operator == before.by_id[layer].operator
        assert after.by_id[layer].parameters == before.by_id[layer].parameters
        assert after.by_id[layer].weight_bytes < before.by_id[layer].weight_bytes


def outputs(path: Path, seed: int = 0) -> list[object]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(seed)
    feeds = {
        port.name: random.normal(size=port.shape).astype(np.float32)
        for port in session.get_inputs()
    }
    return session.run(None, feeds)


def test_that_the_working_copy_computes_the_same(tmp_path: Path, tiny_model: Path) -> None:
    stamp(tiny_model, tmp_path / "working.onnx")
    for found, expected in zip(
        outputs(tmp_path / "working.onnx"), outputs(tiny_model), strict=True
    ):
        assert np.array_equal(found, expected)


def test_that_an_old_model_is_upgraded_and_computes_the_same(write_model: Write) -> None:
    nodes = [
        helper.make_node("Squeeze", ["x"], ["s"], "squeeze", axes=[0]),
        helper.make_node("Softmax", ["s"], ["p"], "softmax", axis=0),
        helper.make_node("Unsqueeze", ["p"], ["y"], "unsqueeze", axes=[0]),
    ]
    source = write_model(nodes, opset=11)
    working = source.with_name("working.onnx")
    stamp(source, working)
    assert read_graph(working).version == "ONNX opset 17"
    assert {layer.id for layer in read_graph(source).layers} <= set(read_graph(working).by_id)
    assert np.allclose(outputs(working)[0], outputs(source)[0], atol=1e-6)


def test_that_the_working_copy_is_sorted(write_model: Write) -> None:
    nodes = [helper.make_node("Relu", ["h"], ["y"]), helper.make_node("Abs", ["x"], ["h"])]
    source = write_model(nodes)
    stamp(source, source.with_name("working.onnx"))
    operators = [node.op_type for node in onnx.load(source.with_name("working.onnx")).graph.node]
    assert operators == ["Abs", "Relu"]


def test_that_weights_are_no_inputs_of_the_working_copy(write_model: Write) -> None:
    weight = helper.make_tensor("w", TensorProto.FLOAT, [4], [1, 2, 3, 4])
    source = write_model([helper.make_node("Mul", ["x", "w"], ["y"])], weights=[weight])
    model = onnx.load(source)
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, [4]))
    onnx.save(model, source)
    stamp(source, source.with_name("working.onnx"))
    inputs = onnx.load(source.with_name("working.onnx")).graph.input
    assert [value.name for value in inputs] == ["x"]
