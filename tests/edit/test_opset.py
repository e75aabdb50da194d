"""A model written as an older opset says the same, or what stands in the way is told."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.edit.applying import edited_draft
from core.edit.edits_file import edits_from
from core.edit.kinds.opset import LowerOpset
from core.edit.problem import EditRefused
from core.formats import read_graph

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(1, 2, 3, 4)


def saved(path: Path, nodes: list[onnx.NodeProto], **weights: np.ndarray) -> Path:
    """x (1, 2, 3, 4) → y in opset 18."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 3, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def lowered(path: Path, opset: int) -> onnx.ModelProto:
    return edited_draft(path, edits_from([{"kind": "opset", "opset": opset}])).finish()


def answer(model: onnx.ModelProto) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(None, {"x": X})[0])


@pytest.fixture
def averaging(tmp_path: Path) -> Path:
    """A mean over stored axes and a reshape with allowzero, as PyTorch's exporter writes them."""
    nodes = [
        helper.make_node("ReduceMean", ["x", "axes"], ["m"], "mean", noop_with_empty_axes=0),
        helper.make_node("Reshape", ["m", "shape"], ["r"], "flat", allowzero=1),
        helper.make_node("Split", ["r"], ["y", "rest"], "split", axis=1, num_outputs=2),
    ]
    return saved(tmp_path / "m.onnx", nodes, axes=np.array([2, 3]), shape=np.array([1, 2]))


@pytest.mark.parametrize("opset", [17, 13])
def test_that_an_older_opset_gives_the_same_numbers(averaging: Path, opset: int) -> None:
    model = lowered(averaging, opset)
    assert model.opset_import[0].version == opset
    onnx.checker.check_model(model)
    np.testing.assert_array_equal(answer(model), answer(onnx.load(averaging)))
    assert [list(node.input) for node in model.graph.node[:1]] == [["x"]]
    assert [tensor.name for tensor in model.graph.initializer] == ["shape"]


def test_that_the_same_opset_changes_nothing_but_unused_words(averaging: Path) -> None:
    model = lowered(averaging, 18)
    assert list(model.graph.node[0].input) == ["x", "axes"]


def test_that_what_the_older_opset_has_no_words_for_is_told_with_its_layers(
    tmp_path: Path,
) -> None:
    nodes = [
        helper.make_node("LayerNormalization", ["x", "scale"], ["n"], "norm"),
        helper.make_node("Reshape", ["n", "shape"], ["y"], "keep", allowzero=1),
    ]
    path = saved(tmp_path / "m.onnx", nodes, scale=np.ones(4, np.float32), shape=np.array([0, 24]))
    with pytest.raises(EditRefused) as refused:
        lowered(path, 13)
    (problem,) = refused.value.problems
    assert "“norm”, “keep”" in problem.what
    assert lowered(path, 17).opset_import[0].version == 17


def test_that_axes_that_are_computed_stay_an_input(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Shape", ["x"], ["size"], "size", start=0, end=1),
        helper.make_node("ReduceMean", ["x", "size"], ["y"], "mean"),
    ]
    with pytest.raises(EditRefused, match="“mean”"):
        lowered(saved(tmp_path / "m.onnx", nodes), 17)


@pytest.mark.parametrize("opset", [19, 12, -1])
def test_that_it_only_goes_down_and_not_too_far(averaging: Path, opset: int) -> None:
    with pytest.raises(EditRefused, match="cannot be lowered"):
        lowered(averaging, opset)


def test_that_menus_and_flags_offer_it(averaging: Path) -> None:
    graph = read_graph(averaging)
    (offer,) = LowerOpset.offers(graph, None)
    assert offer.make({"opset": 17}).sentence == "Lower the ONNX opset to 17"
    assert LowerOpset.offers(graph, graph.layers[0]) == ()
    (flag,) = LowerOpset.flags
    assert flag.make("17") == LowerOpset(opset=17)
    with pytest.raises(ValueError, match="no whole number"):
        flag.make("newest")
