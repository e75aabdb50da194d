"""What is bound once must follow whatever is given afterwards."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, ValueInfoProto, helper

from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.base import Session


def opened(
    path: Path,
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto],
) -> Session:
    graph = helper.make_graph(nodes, "graph", inputs, outputs)
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    return runtimes()["openvino"].compile(path, RuntimeChoice(runtime="openvino"))


def floats(name: str, *shape: int | str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


@pytest.fixture
def doubling(tmp_path: Path) -> Session:
    node = helper.make_node("Add", ["x", "x"], ["y"])
    return opened(tmp_path / "m.onnx", [node], [floats("x", 2)], [floats("y", 2)])


def test_that_every_inference_takes_what_it_is_given(doubling: Session) -> None:
    first, second = np.float32([1, 2]), np.float32([3, 4])

    for values in (first, first, second, second, first):
        assert doubling.infer({"x": values})["y"].tolist() == (2 * values).tolist()


def test_that_an_array_that_changed_meanwhile_is_read_anew(doubling: Session) -> None:
    values = np.float32([1, 2])
    doubling.infer({"x": values})
    values[:] = 5

    assert doubling.infer({"x": values})["y"].tolist() == [10, 10]


def test_that_an_array_that_cannot_be_shared_is_copied_and_the_next_one_bound(
    doubling: Session,
) -> None:
    odd = np.float32([1, 0, 2, 0])[::2]
    even = np.float32([3, 4])

    for values in (even, odd, even, odd, odd, even):
        assert doubling.infer({"x": values})["y"].tolist() == (2 * values).tolist()


def test_that_another_array_in_the_same_feeds_is_noticed(doubling: Session) -> None:
    feeds = {"x": np.float32([1, 2])}
    doubling.infer(feeds)
    feeds["x"] = np.float32([7, 8])

    assert doubling.infer(feeds)["y"].tolist() == [14, 16]


def test_that_a_wrong_size_is_refused_and_the_next_right_one_taken(doubling: Session) -> None:
    doubling.infer({"x": np.float32([1, 2])})
    with pytest.raises(UserError):
        doubling.infer({"x": np.float32([1, 2, 3])})

    assert doubling.infer({"x": np.float32([1, 2])})["y"].tolist() == [2, 4]


def test_that_outputs_of_free_size_grow_and_shrink(tmp_path: Path) -> None:
    node = helper.make_node("Add", ["x", "x"], ["y"])
    ports = [floats("x", 1, "n")], [floats("y", 1, "n")]
    session = opened(tmp_path / "m.onnx", [node], *ports)

    for size in (3, 7, 2):
        values = np.ones((1, size), np.float32)
        assert session.infer({"x": values})["y"].tolist() == [[2.0] * size]


def test_that_several_outputs_keep_their_places_types_and_ranks(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Add", ["x", "x"], ["sum"]),
        helper.make_node("Cast", ["x"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Cast", ["x"], ["short"], to=TensorProto.BFLOAT16),
        helper.make_node("ReduceSum", ["x"], ["scalar"], keepdims=0),
        helper.make_node("Greater", ["x", "scalar"], ["more"]),
    ]
    outputs = [
        floats("sum", 2),
        helper.make_tensor_value_info("whole", TensorProto.INT64, [2]),
        helper.make_tensor_value_info("short", TensorProto.BFLOAT16, [2]),
        floats("scalar"),
        helper.make_tensor_value_info("more", TensorProto.BOOL, [2]),
    ]
    session = opened(tmp_path / "m.onnx", nodes, [floats("x", 2)], outputs)

    for values in (np.float32([1, 2]), np.float32([-3, 2])):
        answers = session.infer({"x": values})
        assert answers["sum"].tolist() == (2 * values).tolist()
        assert answers["whole"].tolist() == values.astype(np.int64).tolist()
        assert answers["scalar"].shape == ()
        assert answers["scalar"] == values.sum()
        assert answers["more"].tolist() == (values > values.sum()).tolist()
        assert "short" in answers


def test_that_an_input_that_is_handed_through_comes_out(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Identity", ["x"], ["same"]),
        helper.make_node("Identity", ["x"], ["again"]),
    ]
    outputs = [floats("same", 2), floats("again", 2)]
    session = opened(tmp_path / "m.onnx", nodes, [floats("x", 2)], outputs)

    for values in (np.float32([1, 2]), np.float32([3, 4])):
        answers = session.infer({"x": values})
        assert answers["same"].tolist() == answers["again"].tolist() == values.tolist()


def test_that_outputs_without_elements_are_no_obstacle(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Constant", [], ["none"], value_ints=[0]),
        helper.make_node("ConstantOfShape", ["none"], ["empty"]),
        helper.make_node("Add", ["x", "x"], ["y"]),
    ]
    outputs = [floats("empty", 0), floats("y", 2)]
    session = opened(tmp_path / "m.onnx", nodes, [floats("x", 2)], outputs)

    answers = session.infer({"x": np.float32([1, 2])})

    assert answers["empty"].shape == (0,)
    assert answers["y"].tolist() == [2, 4]


@pytest.mark.parametrize("kind", [TensorProto.UINT4, TensorProto.INT4, TensorProto.FLOAT8E4M3FN])
def test_that_outputs_of_types_that_numpy_lacks_are_no_obstacle(tmp_path: Path, kind: int) -> None:
    nodes = [
        helper.make_node("Constant", [], ["scale"], value_float=1.0),
        helper.make_node("Cast", ["x"], ["small"], to=kind),
        helper.make_node("Add", ["x", "x"], ["y"]),
    ]
    outputs = [helper.make_tensor_value_info("small", kind, [2]), floats("y", 2)]
    graph = helper.make_graph(nodes, "graph", [floats("x", 2)], outputs)
    opsets = [helper.make_opsetid("", 21)]
    path = tmp_path / "m.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    session = runtimes()["openvino"].compile(path, RuntimeChoice(runtime="openvino"))

    assert session.infer({"x": np.float32([1, 2])})["y"].tolist() == [2, 4]
