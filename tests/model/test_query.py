"""The words with which people look for layers, and what they find."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats import read_graph
from core.model.graph import ModelGraph
from core.model.graph_index import GraphIndex, shape_fits
from core.model.query import (
    AttributeBound,
    Bound,
    Query,
    Words,
    fold,
    number_of,
    parse_query,
    word_for,
)
from core.model.text_column import CodedColumn, TextColumn


@pytest.fixture(scope="module")
def graph(sample_model: Path) -> ModelGraph:
    return read_graph(sample_model)


@pytest.fixture(scope="module")
def index(graph: ModelGraph) -> GraphIndex:
    return GraphIndex.of(graph)


def names_found(graph: ModelGraph, index: GraphIndex, text: str) -> list[str]:
    found = index.find(parse_query(text))
    return [graph.layers[place].name for place in np.flatnonzero(found)]


def test_that_a_query_is_read_word_by_word() -> None:
    query = parse_query('attn op:Conv,Gemm -scope:head params>=1.5M attr:group>1 "two words"')

    assert query == Query(
        (
            Words("any", ("attn",)),
            Words("op", ("conv", "gemm")),
            Words("scope", ("head",), negated=True),
            Bound("params", ">=", 1.5e6),
            AttributeBound("group", ">", "1"),
            Words("any", ("two words",)),
        )
    )


def test_that_words_that_are_no_fields_stay_plain_words() -> None:
    assert parse_query("model:0 a>b ->").terms == (
        Words("any", ("model:0",)),
        Words("any", ("a>b",)),
        Words("any", (">",), negated=True),
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1.0), ("1.5k", 1500.0), ("2M", 2e6), ("1GB", 1e9), ("3e2", 300.0), ("x", None)],
)
def test_that_numbers_may_have_prefixes_and_units(text: str, number: float | None) -> None:
    assert number_of(text) == number


@given(st.text(max_size=60))
def test_that_every_text_is_a_query(text: str) -> None:
    assert all(isinstance(term, Words | Bound | AttributeBound) for term in parse_query(text).terms)


@given(st.text(st.characters(exclude_characters='"', exclude_categories=("C", "Z")), min_size=1))
def test_that_the_word_for_a_text_finds_that_text(text: str) -> None:
    assert parse_query(word_for("op", text)).terms == (Words("op", (fold(text),)),)


_TEXTS = st.lists(st.text("abé×/. ", max_size=12), max_size=12)


@given(_TEXTS, st.text("abé×/. ", min_size=1, max_size=4))
def test_that_a_column_finds_exactly_the_texts_that_hold_a_word(
    texts: list[str], wanted: str
) -> None:
    holding = [fold(wanted) in fold(text) for text in texts]

    assert TextColumn(texts).holding(fold(wanted)).tolist() == holding
    assert CodedColumn(texts).holding(fold(wanted)).tolist() == holding
    equal = [fold(wanted) == fold(text) for text in texts]
    assert TextColumn(texts).equal(fold(wanted)).tolist() == equal


def test_that_a_word_with_many_places_is_found_as_one_with_few() -> None:
    texts = ["abab" * 20, "ba", ""] * 400

    assert TextColumn(texts).holding("ab").tolist() == [True, False, False] * 400


def test_that_an_operator_is_exact_once_it_is_whole(graph: ModelGraph, index: GraphIndex) -> None:
    count = sum(layer.operator == "Conv" for layer in graph.layers)

    assert len(names_found(graph, index, "op:conv")) == count
    assert len(names_found(graph, index, "op:con")) >= count
    assert len(names_found(graph, index, "-op:conv")) == len(graph.layers) - count


def test_that_figures_bound_what_is_found(graph: ModelGraph, index: GraphIndex) -> None:
    large = [layer.name for layer in graph.layers if layer.parameters > 1000]

    assert large
    assert names_found(graph, index, "params>1k") == large
    assert names_found(graph, index, "unheard>1") == []


def test_that_loaded_figures_can_be_asked_for(graph: ModelGraph, index: GraphIndex) -> None:
    latency = np.full(len(graph.layers), np.nan)
    latency[3] = 2.0

    found = index.find(parse_query("latency>1"), {"latency": latency})

    assert np.flatnonzero(found).tolist() == [3]


def test_that_attributes_are_compared_as_numbers(graph: ModelGraph, index: GraphIndex) -> None:
    grouped = [layer.name for layer in graph.layers if int(layer.attributes.get("group", "1")) > 1]

    assert grouped
    assert names_found(graph, index, "attr:group>1") == grouped


def test_that_shapes_are_found_by_sizes_that_follow_one_another() -> None:
    assert shape_fits("1x96x56x56", "1x96")
    assert shape_fits("1x96x56x56", "96x56")
    assert shape_fits("1x96x56x56", "1x?x56")
    assert not shape_fits("1x96x56x56", "1x9")
    assert not shape_fits("1x96", "1x96x56")


def test_that_numbers_of_scopes_are_whole(graph: ModelGraph, index: GraphIndex) -> None:
    scopes = {layer.scope for layer in graph.layers if layer.scope}
    path = ".".join(max(scopes, key=len))

    found = names_found(graph, index, f"scope:{path}")

    assert found == [layer.name for layer in graph.layers if ".".join(layer.scope).startswith(path)]


def test_that_the_exact_name_comes_first(graph: ModelGraph, index: GraphIndex) -> None:
    wanted = graph.layers[5]
    query = parse_query(wanted.name)

    order = index.best_first(query, index.find(query))

    assert order[0] == 5


def test_that_facets_count_what_was_found(graph: ModelGraph, index: GraphIndex) -> None:
    facets = {facet.field: dict(facet.counts) for facet in index.facets(index.find(Query(())))}

    for name, count in facets["op"].items():
        assert count == sum(layer.operator == name for layer in graph.layers)
        assert len(names_found(graph, index, word_for("op", name))) == count


def test_that_a_facet_without_a_choice_is_left_out(index: GraphIndex) -> None:
    fields = [facet.field for facet in index.facets(index.find(parse_query("op:Conv")))]

    assert "op" not in fields
