"""What comes before and after a layer, checked against a walk by hand."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.formats import read_graph
from core.model.graph import ModelGraph
from core.model.paths import Paths


@pytest.fixture(scope="module")
def graph(sample_model: Path) -> ModelGraph:
    return read_graph(sample_model)


def walked(graph: ModelGraph, start: int) -> set[int]:
    wires = graph.wires
    found, waiting = {start}, deque([start])
    while waiting:
        item = waiting.popleft()
        for target in wires.targets[wires.sources == item].tolist():
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def test_that_everything_after_an_item_is_found(graph: ModelGraph) -> None:
    paths = Paths(graph)

    for item in (0, len(graph.layers) // 2, len(graph.layers)):
        assert set(np.flatnonzero(paths.after(item)).tolist()) == walked(graph, item)


def test_that_before_is_after_turned_round(graph: ModelGraph) -> None:
    paths = Paths(graph)
    last = len(graph.layers) - 1
    before = paths.before(last)

    for item in range(len(graph.layers)):
        assert before[item] == (last in walked(graph, item))


def test_that_paths_between_go_through_both_ends_only_where_there_is_one(
    graph: ModelGraph,
) -> None:
    paths = Paths(graph)
    last = len(graph.layers) - 1

    assert paths.between(0, last)[[0, last]].all()
    assert not paths.between(last, 0).any()


def test_that_neighbours_are_those_that_tensors_join(graph: ModelGraph) -> None:
    paths = Paths(graph)
    place = {name: index for index, layer in enumerate(graph.layers) for name in layer.outputs}

    for index, layer in enumerate(graph.layers):
        made = {place[name] for name in layer.inputs if name in place}
        assert made <= set(paths.producers(index).tolist())
        for producer in made:
            assert index in paths.consumers(producer)


def test_that_a_model_that_runs_in_a_circle_is_walked_to_its_end(graph: ModelGraph) -> None:
    one, two, three = graph.layers[:3]
    loop = (
        _rewired(three, (one.outputs[0],), ("c",)),
        _rewired(one, ("b",), ("a",)),
        _rewired(two, ("a", "c"), ("b",)),
    )
    circle = _with_layers(graph, loop)

    assert Paths(circle).after(0)[:3].tolist() == [True, True, True]
    assert Paths(circle).after(1)[:3].tolist() == [False, True, True]


def _rewired(layer, inputs, outputs):
    return replace(layer, inputs=inputs, outputs=outputs)


def _with_layers(graph: ModelGraph, layers) -> ModelGraph:
    return replace(graph, layers=layers)
