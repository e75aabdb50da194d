"""What is known of tensors, and what onnx infers from it one node at a time."""

from collections.abc import Callable
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from core.model.flows import Flow, Inference, flow_of_type, merged, with_batch
from core.model.onnx_rows import NodeKind
from core.model.onnx_table import opened

Write = Callable[..., Path]
FLOAT = Flow("float32", (1, 4))


def outputs(path: Path, node: onnx.NodeProto, *taken: Flow | None) -> list[Flow]:
    """What the table's opset makes of one node."""
    proto = onnx.NodeProto(attribute=node.attribute)
    kind = NodeKind(node.op_type, node.domain, proto)
    with opened(path) as table:
        return Inference(table).outputs(kind, taken, len(node.output), {})


def test_that_a_declared_type_says_type_and_shape() -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT16, ["N", 3, None])
    assert flow_of_type(value.type) == Flow("float16", ("N", 3, None))


def test_that_a_batch_of_one_takes_the_place_of_its_name() -> None:
    flow = Flow("float32", ("N", 3, "width"))
    assert with_batch(flow, frozenset({"N"})).shape == (1, 3, "width")


def test_that_what_is_inferred_completes_what_is_declared() -> None:
    declared = Flow("unknown", ("batch", None, 8))
    inferred = Flow("float32", (None, 3, 9))
    assert merged(declared, inferred)[:2] == ("float32", ("batch", 3, 8))
    assert merged(Flow("float32", None), inferred).shape == (None, 3, 9)


def test_that_onnx_infers_the_outputs_of_one_node(write_model: Write) -> None:
    path = write_model([helper.make_node("Relu", ["x"], ["y"])])
    product = helper.make_node("MatMul", ["a", "b"], ["c"])
    assert outputs(path, product, FLOAT, Flow("float32", (4, 7)))[0][:2] == ("float32", (1, 7))


def test_that_a_reshape_follows_the_numbers_that_it_takes(write_model: Write) -> None:
    path = write_model([helper.make_node("Relu", ["x"], ["y"])])
    wanted = Flow("int64", (2,), value=("N", -1))
    reshape = helper.make_node("Reshape", ["a", "b"], ["c"])
    assert outputs(path, reshape, Flow("float32", ("N", 2, 4)), wanted)[0].shape == ("N", None)


def test_that_nothing_is_known_of_what_an_unknown_operator_makes(write_model: Write) -> None:
    path = write_model([helper.make_node("Relu", ["x"], ["y"])])
    strange = helper.make_node("Strange", ["a"], ["b", "c"], domain="local")
    assert outputs(path, strange, FLOAT) == [Flow("unknown", None)] * 2


def test_that_contradicting_inputs_leave_the_outputs_unknown(write_model: Write) -> None:
    path = write_model([helper.make_node("Relu", ["x"], ["y"])])
    product = helper.make_node("MatMul", ["a", "b"], ["c"])
    assert outputs(path, product, FLOAT, Flow("float32", (5, 7))) == [Flow("unknown", None)]
