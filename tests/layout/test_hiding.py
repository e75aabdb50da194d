"""Layers that are not drawn: what flows through them still arrives."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.layout import arrange, build_tree, folded_by_default
from core.layout.hiding import MOST_SOURCES
from core.model.graph import ModelGraph

MakeGraph = Callable[..., ModelGraph]


def with_operators(graph: ModelGraph, operators: dict[str, str]) -> ModelGraph:
    layers = tuple(
        replace(layer, operator=operators.get(layer.name, layer.operator)) for layer in graph.layers
    )
    return replace(graph, layers=layers)


@pytest.fixture
def quantized(make_graph: MakeGraph) -> ModelGraph:
    """conv → Q → DQ → conv2, and a Q whose value the model gives out."""
    graph = make_graph(
        [
            ("conv", "", ["image"]),
            ("q", "", ["conv"]),
            ("dq", "", ["q"]),
            ("conv2", "", ["dq"]),
            ("last", "", ["conv2"]),
        ],
        ["last"],
    )
    kinds = {"q": "QuantizeLinear", "dq": "DequantizeLinear", "last": "QuantizeLinear"}
    return with_operators(graph, kinds)


def test_that_pairs_of_quantize_and_dequantize_are_folded(quantized: ModelGraph) -> None:
    assert folded_by_default(quantized) == {1, 2}


def test_that_edges_pass_through_hidden_layers(quantized: ModelGraph) -> None:
    tree = build_tree(quantized, folded_by_default(quantized))

    assert (0, 3) in set(zip(tree.sources.tolist(), tree.targets.tolist(), strict=True))
    assert tree.hidden.tolist() == [1, 2]
    assert tree.parent[[1, 2]].tolist() == [-1, -1]
    assert tree.counts[tree.root] == 3
    assert not {1, 2} & set(arrange(tree, tree.groups).items.tolist())


def test_that_a_hidden_layer_with_many_inputs_passes_all_of_them_on(make_graph: MakeGraph) -> None:
    graph = make_graph(
        [("a", "", ["image"]), ("b", "", ["image"]), ("add", "", ["a", "b"]), ("c", "", ["add"])]
    )

    tree = build_tree(graph, [2])

    edges = set(zip(tree.sources.tolist(), tree.targets.tolist(), strict=True))
    assert {(0, 3), (1, 3)} <= edges


def test_that_hiding_a_long_chain_of_additions_keeps_the_edges_few(make_graph: MakeGraph) -> None:
    specs = [("work0", "", ["image"]), ("add0", "", ["work0", "image"])]
    for block in range(1, 40):
        before = f"add{block - 1}"
        specs += [(f"work{block}", "", [before]), (f"add{block}", "", [f"work{block}", before])]
    graph = make_graph(specs)

    tree = build_tree(graph, range(1, 80, 2))

    assert np.bincount(tree.targets).max() <= MOST_SOURCES


def test_that_a_scope_whose_layers_are_all_hidden_is_left_out(make_graph: MakeGraph) -> None:
    graph = make_graph([("a", "x", ["image"]), ("b", "x", ["a"]), ("c", "", ["b"])])

    tree = build_tree(graph, [0, 1])

    assert tree.groups == frozenset()
    assert tree.children_of(tree.root).tolist() == [3, 2]
