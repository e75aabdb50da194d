"""A graph made at once is the graph that is made part by part."""

from core.formats import read_graph
from core.model.whole_graph import whole


def test_that_everything_is_the_same_when_it_is_made_at_once(sample_model):
    graph = read_graph(sample_model)
    made = whole(graph)
    assert isinstance(made.layers, tuple)
    assert list(made.layers) == list(graph.layers)
    assert made.tensors == dict(graph.tensors)
    assert made.weights == dict(graph.weights)
    assert dict(made.prepared) == dict(graph.prepared)
    assert whole(made) is made
