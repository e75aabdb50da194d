"""Each kind of edit: what it makes of a model, and what it refuses."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from core.edit.applying import edited_draft
from core.edit.edits_file import edits_from
from core.edit.kinds import edit_kinds
from core.edit.problem import EditRefused
from core.formats import read_graph

Edited = Callable[..., onnx.ModelProto]


def names(values: Sequence[onnx.ValueInfoProto]) -> list[str]:
    return [value.name for value in values]


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def shape_of(value: onnx.ValueInfoProto) -> list[int | str]:
    return [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim]


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        ({"kind": "batch", "batch": 3}, [3, 4]),
        ({"kind": "dimension", "dimension": "N", "to": "B"}, ["B", 4]),
    ],
)
def test_that_a_free_size_is_set_behind_operators_that_onnx_does_not_know(
    branching: Path, edit: dict[str, Any], after: list[int | str]
) -> None:
    model = onnx.load(branching)
    model.graph.node[4].op_type, model.graph.node[4].domain = "Own", "somebody"
    model.opset_import.append(helper.make_opsetid("somebody", 1))
    onnx.save(model, branching)

    edited = edited_draft(branching, edits_from([edit])).finish()

    assert shape_of(edited.graph.output[0]) == after


def run(model: onnx.ModelProto, **feeds: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, feeds))  # pyright: ignore[reportArgumentType]


X = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)


def test_that_every_kind_can_be_loaded_and_is_named_by_its_field() -> None:
    assert edit_kinds().failed == {}
    for kind in edit_kinds():
        assert kind.model_fields["kind"].default == kind.name


def test_that_a_layer_is_renamed_and_keeps_its_tensors(edited: Edited, branching: Path) -> None:
    model = edited({"kind": "rename-layer", "layer": "dense", "to": "stem"})
    assert model.graph.node[0].name == "stem"
    original = onnx.load(branching)
    original.graph.node[0].name = "stem"
    assert model == original


def test_that_a_renamed_layer_is_still_known_by_its_first_name(edited: Edited) -> None:
    model = edited(
        {"kind": "rename-layer", "layer": "last", "to": "squash"},
        {"kind": "bypass", "layer": "last"},
    )
    assert "Sigmoid" not in operators(model)


@pytest.mark.parametrize("tensor", ["x", "y", "d", "dense.weight", "free"])
def test_that_any_tensor_can_be_renamed_and_the_numbers_stay(
    edited: Edited, branching: Path, tensor: str
) -> None:
    model = edited({"kind": "rename-tensor", "tensor": tensor, "to": "other"})
    feeds = {names(model.graph.input)[0]: X}
    for before, after in zip(run(onnx.load(branching), x=X), run(model, **feeds), strict=True):
        np.testing.assert_array_equal(before, after)
    assert tensor not in model.SerializeToString().decode(errors="replace").split("\n")


def test_that_a_tensor_is_renamed_in_bodies_that_take_it_from_outside(
    tmp_path: Path, edited: Edited
) -> None:
    branch = helper.make_graph(
        [helper.make_node("Neg", ["x"], ["inner"])],
        "branch",
        [],
        [helper.make_tensor_value_info("inner", TensorProto.FLOAT, [4])],
    )
    own = helper.make_graph(
        [
            helper.make_node("Constant", [], ["x"], value_floats=[1.0, 2.0, 3.0, 4.0]),
            helper.make_node("Identity", ["x"], ["inner"]),
        ],
        "own",
        [],
        [helper.make_tensor_value_info("inner", TensorProto.FLOAT, [4])],
    )
    choose = helper.make_node("If", ["c"], ["y"], "choose", then_branch=branch, else_branch=branch)
    graph = helper.make_graph(
        [choose],
        "graph",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [4]),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])],
    )
    path = tmp_path / "if.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), path)
    model = edited({"kind": "rename-tensor", "tensor": "x", "to": "z"}, path=path)
    for attribute in model.graph.node[0].attribute:
        assert list(attribute.g.node[0].input) == ["z"]
    next(each for each in choose.attribute if each.name == "else_branch").g.CopyFrom(own)
    graph.node[0].CopyFrom(choose)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]), path)
    shadowed = edited_draft(
        path, edits_from([{"kind": "rename-tensor", "tensor": "x", "to": "z"}])
    ).finish()
    bodies = {each.name: each.g for each in shadowed.graph.node[0].attribute}
    assert list(bodies["then_branch"].node[0].input) == ["z"]
    assert list(bodies["else_branch"].node[1].input) == ["x"]


@pytest.mark.parametrize(
    ("edit", "x", "y"),
    [
        ({"kind": "batch", "batch": 3}, [3, 4], [3, 4]),
        ({"kind": "batch", "batch": "B"}, ["B", 4], ["B", 4]),
        ({"kind": "dimension", "dimension": "N", "to": 5}, [5, 4], [5, 4]),
        ({"kind": "dimension", "dimension": "N", "to": "rows"}, ["rows", 4], ["rows", 4]),
        ({"kind": "input-shapes", "shapes": {"x": [1, 4]}}, [1, 4], [1, 4]),
    ],
)
def test_that_shapes_follow_the_inputs(
    edited: Edited, edit: dict[str, Any], x: list[int | str], y: list[int | str]
) -> None:
    model = edited(edit)
    assert shape_of(model.graph.input[0]) == x
    assert [shape_of(value) for value in model.graph.output] == [y, y]


def test_that_a_bypassed_layer_lets_its_input_pass(edited: Edited) -> None:
    model = edited({"kind": "bypass", "layer": "left"})
    assert operators(model) == ["Gemm", "Clip", "Add", "Sigmoid", "Neg"]
    assert list(model.graph.node[2].input) == ["d", "r"]
    assert list(model.graph.node[4].input) == ["d"]


def test_that_bypassing_the_last_layer_keeps_the_name_of_the_output(edited: Edited) -> None:
    model = edited({"kind": "bypass", "layer": "last"})
    assert names(model.graph.output) == ["y", "free"]
    assert list(model.graph.node[3].output) == ["y"]


def test_that_a_bypass_takes_the_weights_along_that_nobody_else_needs(edited: Edited) -> None:
    model = edited({"kind": "bypass", "layer": "right"})
    assert [tensor.name for tensor in model.graph.initializer] == ["dense.weight", "dense.bias"]


def test_that_the_result_of_a_deleted_layer_becomes_an_input(edited: Edited) -> None:
    model = edited({"kind": "delete-layer", "layer": "right"})
    assert names(model.graph.input) == ["x", "r"]
    assert shape_of(model.graph.input[1]) == ["N", 4]
    assert "high" not in [tensor.name for tensor in model.graph.initializer]


def test_that_a_layer_can_be_deleted_with_all_that_needs_it(edited: Edited) -> None:
    model = edited({"kind": "delete-layer", "layer": "right", "rest": "delete"})
    assert operators(model) == ["Gemm", "Relu", "Neg"]
    assert names(model.graph.output) == ["free"]


def test_that_a_part_between_two_layers_becomes_the_model(edited: Edited) -> None:
    model = edited({"kind": "cut-out", "start": ["left"], "end": ["negative"]})
    assert operators(model) == ["Relu", "Neg"]
    assert (names(model.graph.input), names(model.graph.output)) == (["d"], ["free"])
    assert not model.graph.initializer
    np.testing.assert_array_equal(run(model, d=X)[0], -np.maximum(X, 0))


def test_that_a_part_with_one_end_keeps_the_inputs_that_it_needs(edited: Edited) -> None:
    model = edited({"kind": "cut-out", "start": ["l"]})
    assert names(model.graph.input) == ["x", "l"]
    assert names(model.graph.output) == ["y", "free"]
    assert operators(model) == ["Gemm", "Clip", "Add", "Sigmoid", "Neg"]
    shorter = edited({"kind": "cut-out", "end": ["sum"]})
    assert names(shorter.graph.output) == ["s"]


def test_that_tensors_join_and_leave_the_outputs(edited: Edited) -> None:
    model = edited(
        {"kind": "add-output", "tensor": "d"},
        {"kind": "add-output", "tensor": "dense.bias"},
        {"kind": "remove-output", "output": "free"},
    )
    assert names(model.graph.output) == ["y", "d", "dense.bias"]
    assert shape_of(model.graph.output[1]) == ["N", 4]


def test_that_attributes_change_as_the_operator_allows(edited: Edited) -> None:
    model = edited({"kind": "attributes", "layer": "dense", "values": {"alpha": "3", "beta": 0.5}})
    found = {each.name: each.f for each in model.graph.node[0].attribute}
    assert found == {"alpha": 3.0, "beta": 0.5}
    usual = edited({"kind": "attributes", "layer": "dense", "values": {"alpha": None}})
    assert not usual.graph.node[0].attribute


def test_that_metadata_is_set_and_removed(edited: Edited) -> None:
    model = edited({"kind": "metadata", "key": "author", "value": "A. Nobody"})
    assert [(each.key, each.value) for each in model.metadata_props] == [("author", "A. Nobody")]
    both = edited(
        {"kind": "metadata", "key": "author", "value": "A. Nobody"},
        {"kind": "metadata", "key": "author", "value": None},
    )
    assert not both.metadata_props


REFUSED = [
    ({"kind": "rename-layer", "layer": "nobody", "to": "z"}, "no layer “nobody”"),
    ({"kind": "rename-layer", "layer": "dense", "to": "sum"}, "called “sum” already"),
    ({"kind": "rename-layer", "layer": "dense", "to": " "}, "cannot be empty"),
    ({"kind": "rename-tensor", "tensor": "d", "to": "l"}, "called “l” already"),
    ({"kind": "rename-tensor", "tensor": "nothing", "to": "z"}, "no tensor “nothing”"),
    ({"kind": "rename-tensor", "tensor": "d", "to": "a\nb"}, "control characters"),
    ({"kind": "batch", "batch": 0}, "0 is no size"),
    ({"kind": "batch", "batch": "3b"}, "can be neither"),
    ({"kind": "dimension", "dimension": "M", "to": 1}, "no input has a free size"),
    ({"kind": "input-shapes", "shapes": {"q": [1]}}, "no input “q”"),
    ({"kind": "input-shapes", "shapes": {"x": [1, 4, 4]}}, "2 sizes, not 3"),
    ({"kind": "input-shapes", "shapes": {"x": [1, 5]}}, "shapes no longer fit"),
    ({"kind": "bypass", "layer": "dense", "input": "d"}, "none of its inputs"),
    ({"kind": "cut-out", "start": ["s"], "end": ["dense"]}, "Nothing up to the end needs s"),
    ({"kind": "cut-out"}, "neither a start nor an end"),
    ({"kind": "cut-out", "start": ["zz"]}, "neither a tensor nor a layer"),
    ({"kind": "add-output", "tensor": "y"}, "an output of the model already"),
    ({"kind": "remove-output", "output": "d"}, "no output “d”"),
    ({"kind": "attributes", "layer": "dense", "values": {"gamma": 1}}, "no attribute “gamma”"),
    ({"kind": "attributes", "layer": "dense", "values": {"alpha": "many"}}, "no value for"),
    ({"kind": "attributes", "layer": "left", "values": {"alpha": None}}, "no attribute"),
    ({"kind": "metadata", "key": "none", "value": None}, "no metadata “none”"),
]


@pytest.mark.parametrize(("edit", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_that_what_cannot_be_is_refused_with_a_remedy(
    branching: Path, edit: dict[str, Any], said: str
) -> None:
    with pytest.raises(EditRefused) as refused:
        edited_draft(branching, edits_from([edit]))
    assert said.lower() in refused.value.why.lower()
    assert all(problem.remedy for problem in refused.value.problems)


def test_that_a_bypass_that_changes_the_type_is_refused(tiny_model: Path) -> None:
    with pytest.raises(EditRefused, match="turns float32 1×3×16×16 into float32 1×8×16×16"):
        edited_draft(tiny_model, edits_from([{"kind": "bypass", "layer": "stem/Conv"}]))


def test_that_the_only_output_cannot_go(tiny_model: Path) -> None:
    for edit in (
        {"kind": "remove-output", "output": "scores"},
        {"kind": "delete-layer", "layer": "head/Gemm"},
    ):
        with pytest.raises(EditRefused, match=r"only output|Nothing would be left"):
            edited_draft(tiny_model, edits_from([edit]))


def test_that_the_problems_of_all_edits_are_told_at_once(branching: Path) -> None:
    wrong = [edit for edit, _ in REFUSED[:5]]
    with pytest.raises(EditRefused) as refused:
        edited_draft(branching, edits_from(wrong))
    assert {problem.edit for problem in refused.value.problems} == set(range(len(wrong)))


def test_that_menus_offer_edits_that_can_be_made_as_they_stand(branching: Path) -> None:
    graph = read_graph(branching)
    made: set[str] = set()
    for layer in (None, *graph.layers):
        for kind in edit_kinds():
            for offer in kind.offers(graph, layer):
                assert offer.label.endswith("…") == bool(offer.parameters)
                if not offer.parameters:
                    edit = offer.make({})
                    made.add(edit.name)
                    edited_draft(branching, [edit])
    assert made == {"add-output", "bypass", "delete-layer"}


def test_that_a_form_makes_the_edit_that_was_typed(branching: Path) -> None:
    graph = read_graph(branching)
    dense = graph.layers[0]
    [offer] = edit_kinds()["attributes"].offers(graph, dense)
    values = {parameter.name: parameter.initial for parameter in offer.parameters}
    with pytest.raises(ValueError, match="No attribute was changed"):
        offer.make(values)
    edit = offer.make({**values, "alpha": "4", "+": "transB=1"})
    model = edited_draft(branching, [edit]).finish()
    assert {each.name for each in model.graph.node[0].attribute} == {"alpha", "transB"}
    [shapes] = edit_kinds()["input-shapes"].offers(graph, None)
    assert shapes.make({"x": "2, 4"}).sentence == "Set the shape of x to 2, 4"
