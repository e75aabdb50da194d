"""A graph comes back from its file as it was, and anything else is refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.formats import read_graph
from core.model.graph import Layer, LayerId, ModelGraph, Tensor, Weight
from core.model.graph_file import read_graph_file, write_graph
from core.model.summary import HEAVIEST, summarize

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
sizes = st.integers(0, 1 << 40)
shapes = st.none() | st.lists(st.none() | sizes | text, max_size=3).map(tuple)
texts = st.lists(text, max_size=3).map(tuple)
tensors = st.builds(Tensor, text, text, shapes)
weights = st.builds(Weight, text, text, st.lists(sizes, max_size=3).map(tuple), sizes)
layers = st.builds(
    Layer,
    id=text.map(LayerId),
    name=text,
    operator=text,
    domain=text,
    scope=texts,
    inputs=texts,
    outputs=texts,
    weights=texts,
    attributes=st.dictionaries(text, text, max_size=2),
    parameters=sizes,
    weight_bytes=sizes,
    operations=st.none() | sizes,
    output_shape=shapes,
    output_dtype=text,
    detail=text,
)
graphs = st.builds(
    ModelGraph,
    name=text,
    format=text,
    version=text,
    producer=text,
    inputs=st.lists(tensors, max_size=2).map(tuple),
    outputs=st.lists(tensors, max_size=2).map(tuple),
    layers=st.lists(layers, max_size=3).map(tuple),
    tensors=st.lists(tensors, max_size=3).map(lambda some: {t.name: t for t in some}),
    weights=st.lists(weights, max_size=3).map(lambda some: {w.name: w for w in some}),
    file_bytes=sizes,
    sha256=text,
    metadata=st.dictionaries(text, text, max_size=2),
    warnings=texts,
)


@settings(deadline=None)
@given(graphs)
def test_that_a_graph_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, graph: ModelGraph
) -> None:
    path = tmp_path_factory.getbasetemp() / "graph.json"
    write_graph(graph, path)
    assert read_graph_file(path) == graph


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"edgewright_graph": 99}', "\0\1", "null"])
def test_that_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "graph.json"
    path.write_text(content)
    with pytest.raises(InputError, match="cannot be read"):
        read_graph_file(path)


def test_that_a_cut_graph_file_is_refused(tmp_path: Path, tiny_model: Path) -> None:
    path = tmp_path / "graph.json"
    write_graph(read_graph(tiny_model), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="Open the model again"):
        read_graph_file(path)


def test_that_the_summary_agrees_with_the_graph(sample_model: Path) -> None:
    graph = read_graph(sample_model)
    summary = summarize(graph)
    assert summary.layers == len(graph.layers) == sum(summary.operators.values())
    assert summary.parameters == graph.parameters
    assert sum(summary.precisions.values()) <= graph.file_bytes
    assert len(summary.heaviest) == min(HEAVIEST, len(graph.layers))
    shares = [layer.share for layer in summary.heaviest]
    assert shares == sorted(shares, reverse=True)
    assert 0.5 < sum(shares) <= 1
    assert all(layer.id in graph.by_id for layer in summary.heaviest)
