"""Reading and writing an ONNX model without edits changes nothing in it or in its results."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, defs, helper, numpy_helper

from core.edit.draft import Draft
from core.model.onnx_file import read_skeleton
from core.model.onnx_writer import write_onnx

OLDEST = 7
LARGE = np.arange(4096, dtype=np.float32).reshape(64, 64) / 4096
"""16 KB: far above what is read with the structure."""


def round_trip(path: Path, folder: Path) -> Path:
    """Written anew by way of a draft, as an edited model is."""
    folder.mkdir(exist_ok=True)
    return write_onnx(Draft(path, read_skeleton(path)).finish(), path, folder / path.name)[0]


def same(first: Path, second: Path) -> bool:
    one, other = (onnx.ModelProto.FromString(path.read_bytes()) for path in (first, second))
    return one == other


def outputs_of(path: Path, feeds: dict[str, np.ndarray]) -> list[bytes]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [np.asarray(array).tobytes() for array in session.run(None, feeds)]


def float_value(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def in_float_data() -> onnx.TensorProto:
    return helper.make_tensor("w", TensorProto.FLOAT, LARGE.shape, LARGE.flatten().tolist())


def in_double_data() -> onnx.TensorProto:
    return helper.make_tensor("w", TensorProto.DOUBLE, LARGE.shape, LARGE.flatten().tolist())


def in_raw_data() -> onnx.TensorProto:
    return numpy_helper.from_array(LARGE, "w")


def in_int_data() -> onnx.TensorProto:
    return helper.make_tensor("w", TensorProto.INT32, [2000], list(range(2000)))


@pytest.mark.parametrize("stored", [in_float_data, in_double_data, in_raw_data, in_int_data])
def test_that_weights_stay_in_the_field_in_which_they_were(
    tmp_path: Path, stored: Callable[[], onnx.TensorProto]
) -> None:
    path = tmp_path / "model.onnx"
    constant = helper.make_node("Constant", [], ["c"], "inside", value=stored())
    constant.attribute[0].t.name = "c"
    graph = helper.make_graph(
        [constant, helper.make_node("Identity", ["w"], ["y"], "same")],
        "graph",
        [],
        [helper.make_tensor_value_info("y", stored().data_type, list(stored().dims))],
        [stored()],
    )
    onnx.save(helper.make_model(graph, ir_version=9), path)
    written = round_trip(path, tmp_path / "out")
    assert same(path, written)
    assert written.stat().st_size == path.stat().st_size


def rich_model() -> onnx.ModelProto:
    """Functions, branches with weights, sparse and quantized weights, notes at every level."""
    branch = helper.make_graph(
        [helper.make_node("MatMul", ["x", "inner"], ["b"], "body/MatMul")],
        "branch",
        [],
        [float_value("b", 1, 64)],
        [numpy_helper.from_array(LARGE, "inner")],
    )
    sparse = helper.make_sparse_tensor(
        helper.make_tensor("sparse", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0]),
        helper.make_tensor("places", TensorProto.INT64, [3], [1, 5, 9]),
        [64],
    )
    twice = helper.make_function(
        "local",
        "Twice",
        ["a"],
        ["b"],
        [
            helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(LARGE[:1])),
            helper.make_node("Mul", ["a", "two"], ["b"]),
        ],
        [helper.make_opsetid("", 18)],
    )
    choose = helper.make_node(
        "If", ["c"], ["chosen"], "choose", then_branch=branch, else_branch=branch
    )
    helper.set_metadata_props(choose, {"note": "of a node"})
    custom = helper.make_node(
        "Odd", ["chosen"], ["y"], "odd", domain="nobody", text="ä", list=[1.5, 2.5], empty=""
    )
    graph = helper.make_graph(
        [
            choose,
            helper.make_node("Twice", ["chosen"], ["z"], "call", domain="local"),
            helper.make_node("Add", ["chosen", "sparse"], ["s"], "add"),
            custom,
        ],
        "graph",
        [float_value("x", 1, 64), helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
        [float_value("y", 1, 64), float_value("z", 1, 64), float_value("s", "N", 64)],
        doc_string="A graph.",
        value_info=[float_value("chosen", 1, 64)],
        sparse_initializer=[sparse],
    )
    graph.quantization_annotation.add(tensor_name="chosen").quant_parameter_tensor_names.add(
        key="SCALE_TENSOR", value="sparse"
    )
    model = helper.make_model(
        graph,
        functions=[twice],
        opset_imports=[
            helper.make_opsetid(d, v) for d, v in (("", 18), ("local", 1), ("nobody", 3))
        ],
        producer_name="tests",
        producer_version="1",
        domain="here",
        model_version=7,
        doc_string="A model.",
        ir_version=10,
    )
    helper.set_model_props(model, {"author": "nobody", "licence": "none"})
    return model


def test_that_everything_a_model_can_hold_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "rich.onnx"
    onnx.save(rich_model(), path)
    assert same(path, round_trip(path, tmp_path / "out"))


def test_that_what_this_onnx_does_not_know_is_kept(tmp_path: Path) -> None:
    unknown = b"\xba\x3e\x05later"  # field 999, which a later ONNX may have
    path = tmp_path / "later.onnx"
    path.write_bytes(rich_model().SerializeToString() + unknown)
    assert unknown in round_trip(path, tmp_path / "out").read_bytes()


def test_that_data_files_are_kept_byte_for_byte(tmp_path: Path) -> None:
    source = tmp_path / "from" / "model.onnx"
    (source.parent / "data").mkdir(parents=True)
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"], "product")],
            "graph",
            [float_value("x", 1, 64)],
            [float_value("y", 1, 64)],
            [numpy_helper.from_array(LARGE, "w")],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    onnx.save(model, str(source), save_as_external_data=True, location="data/weights.bin")
    written = round_trip(source, tmp_path / "to")
    assert same(source, written)
    data = [folder / "data" / "weights.bin" for folder in (source.parent, written.parent)]
    assert data[0].read_bytes() == data[1].read_bytes()
    feeds = {"x": np.linspace(-1, 1, 64, dtype=np.float32)[None]}
    assert outputs_of(source, feeds) == outputs_of(written, feeds)


@pytest.mark.parametrize("opset", range(OLDEST, defs.onnx_opset_version() + 1))
def test_that_models_of_every_opset_compute_the_very_same(tmp_path: Path, opset: int) -> None:
    weights = numpy_helper.from_array(LARGE, "w")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"], "product"),
        helper.make_node("Relu", ["product"], ["positive"], "positive"),
        helper.make_node("Softmax", ["positive"], ["y"], "share", axis=1),
    ]
    graph = helper.make_graph(
        nodes, "graph", [float_value("x", 1, 64)], [float_value("y", 1, 64)], [weights]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    written = round_trip(path, tmp_path / "out")
    assert same(path, written)
    feeds = {"x": np.linspace(-1, 1, 64, dtype=np.float32)[None]}
    try:
        before = outputs_of(path, feeds)
    except onnxruntime.capi.onnxruntime_pybind11_state.Fail as error:
        assert "opset" in str(error)  # newer than this ONNX Runtime: nothing to compare
    else:
        assert outputs_of(written, feeds) == before


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TENSORS = st.builds(
    lambda name, count, dtype: numpy_helper.from_array(np.ones(count, dtype), name),
    TEXTS,
    st.integers(0, 6000),
    st.sampled_from([np.float32, np.float64, np.int8, np.int64, np.bool_, np.float16]),
)
NODES = st.builds(
    lambda kind, inputs, outputs, name, values: helper.make_node(
        kind, inputs, outputs, name, **({"value": values} if values is not None else {})
    ),
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.lists(TEXTS, max_size=3),
    TEXTS,
    st.none() | TENSORS,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(nodes=st.lists(NODES, max_size=6), weights=st.lists(TENSORS, max_size=4))
def test_that_any_nodes_and_weights_survive(
    tmp_path: Path, nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto]
) -> None:
    graph = helper.make_graph(nodes, "graph", [], [], weights)
    path = tmp_path / "any.onnx"
    path.write_bytes(helper.make_model(graph, ir_version=9).SerializeToString())
    target = tmp_path / "out" / "any.onnx"
    target.unlink(missing_ok=True)
    assert same(path, round_trip(path, target.parent))
