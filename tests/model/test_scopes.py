"""Scopes and short names come from the best source that a model has."""

from collections.abc import Sequence
from typing import NamedTuple

from core.model import scopes
from core.model.scopes import Clues


class Node(NamedTuple):
    name: str
    operator: str
    torch: str
    weights: tuple[str, ...]
    before: tuple[int, ...]


class Place(NamedTuple):
    scope: tuple[str, ...]
    name: str


def clues(
    name: str = "",
    operator: str = "Conv",
    *,
    torch: tuple[str, ...] = (),
    weights: tuple[str, ...] = (),
    before: tuple[int, ...] = (),
) -> Node:
    return Node(name, operator, repr(list(torch)) if torch else "", weights, before)


def places_of(nodes: Sequence[Node]) -> tuple[Place, ...]:
    found = scopes.places_of(
        Clues(
            names=[node.name for node in nodes],
            operators=[node.operator for node in nodes],
            torch_scopes={i: node.torch for i, node in enumerate(nodes) if node.torch},
            weights=lambda index: nodes[index].weights,
            weighted=sum(bool(node.weights) for node in nodes),
            before=lambda index: nodes[index].before,
        )
    )
    placed = zip(found.of, found.names, strict=True)
    return tuple(Place(found.paths[scope], name) for scope, name in placed)


def test_that_pytorch_scopes_name_module_and_layer() -> None:
    block = ("", "blocks", "blocks.0")
    found = places_of(
        [
            clues("node_Conv_1", torch=(*block, "blocks.0.conv", "conv2d")),
            clues("n1", "Relu", torch=(*block, "blocks.0.act", "relu")),
            clues("node_add_1", "Add", torch=(*block, "add_1")),
        ]
    )
    scope = ("blocks", "0")
    assert found == (Place(scope, "conv"), Place(scope, "act"), Place(scope, "add_1"))


def test_that_a_fused_convolution_is_called_after_its_weight() -> None:
    """The exporter says that a convolution with its fused normalization is the normalization."""
    found = places_of(
        [
            clues(torch=("", "a", "a.bn1", "bn"), weights=("a.conv_dw.weight", "a.conv_dw.bias")),
            clues(operator="Clip", torch=("", "a", "a.bn1", "a.bn1.act", "hardtanh")),
        ]
    )
    assert found == (Place(("a",), "conv_dw"), Place(("a",), "bn1.act"))


def test_that_node_names_give_scopes() -> None:
    found = places_of(
        [
            clues("/layer1/layer1.0/conv1/Conv"),
            clues("/layer1/layer1.0/relu/Relu", "Relu"),
            clues("/fc/Gemm", "Gemm"),
        ]
    )
    scope = ("layer1", "0")
    assert found == (Place(scope, "conv1"), Place(scope, "relu"), Place((), "fc"))


def test_that_weight_names_give_scopes_and_others_join_the_layer_before() -> None:
    found = places_of(
        [
            clues("Conv_0", weights=("layer1.0.conv1.weight",)),
            clues("Relu_1", "Relu", before=(0,)),
            clues("Conv_2", weights=("layer1.0.conv2.weight",), before=(1,)),
            clues("Add_3", "Add", before=(0, 2)),
        ]
    )
    assert {place.scope for place in found} == {("layer1", "0")}
    assert [place.name for place in found] == ["conv1", "", "conv2", ""]


def test_that_names_that_tell_nothing_give_no_scopes() -> None:
    found = places_of([clues("Conv_0", weights=("123",)), clues("Relu_1", "Relu", before=(0,))])
    assert found == (Place((), ""), Place((), ""))


def test_that_a_scope_with_one_layer_becomes_its_name() -> None:
    found = places_of([clues("/a/b/c/Conv"), clues("/a/d/Relu", "Relu")])
    assert found == (Place(("a",), "b.c"), Place(("a",), "d"))


def test_that_two_operations_of_one_module_are_told_apart() -> None:
    found = places_of(
        [
            clues("MatMul_0", "MatMul", weights=("body.fc.weight",)),
            clues("Add_1", "Add", weights=("body.fc.bias",), before=(0,)),
        ]
    )
    assert found == (Place(("body",), "fc"), Place(("body",), "fc Add"))


def test_that_hostile_scopes_are_only_text() -> None:
    deep = "[" * 100_000
    endless = repr(["x." * 10_000 + "y", "op"])
    found = places_of([Node("a", "Conv", deep, (), ()), Node("b", "Conv", endless, (), ())])
    assert all(len(place.scope) <= 32 for place in found)
