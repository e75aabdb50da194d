"""What flows from where to where in a graph, and which scope each layer lies in, as columns."""

from typing import NamedTuple

import numpy as np

from core.model.columns import Ints
from core.model.graph import ModelGraph


class Wires(NamedTuple):
    """Producer to consumer, each pair once, sorted; no item feeds itself.

    Items are the layers (0 … n-1), then the model's inputs, then its outputs.
    """

    sources: Ints
    targets: Ints


class ScopeColumn(NamedTuple):
    """Scopes as a column of numbers."""

    paths: tuple[tuple[str, ...], ...]
    """The different scopes, from the outermost module inwards."""
    of: Ints
    """Layer to its place in `paths`."""


def wires_of(graph: ModelGraph) -> Wires:
    """From the tensors that each layer takes and makes.

    A tensor that is made twice counts as the last one's; a layer's comes before an input's.
    """
    columns = graph.columns
    layers, inputs = len(columns.ids), len(graph.inputs)
    number = _numbers(graph)
    made = np.full(len(columns.texts) + inputs + len(graph.outputs), -1)
    made[[number[tensor.name] for tensor in graph.inputs]] = np.arange(layers, layers + inputs)
    np.maximum.at(first := np.full(len(made), -1), columns.outputs.of, columns.outputs.rows)
    made[first >= 0] = first[first >= 0]
    ends = np.arange(layers + inputs, layers + inputs + len(graph.outputs))
    taken = np.array([number[tensor.name] for tensor in graph.outputs], np.int64)
    sources = made[np.concatenate([columns.inputs.of, taken])]
    targets = np.concatenate([columns.inputs.rows, ends])
    real = (sources >= 0) & (sources != targets)
    most = layers + inputs + len(graph.outputs)
    pairs = np.sort(sources[real] * most + targets[real])
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    return Wires(pairs // most, pairs % most)


def _numbers(graph: ModelGraph) -> dict[str, int]:
    """Numbers of the texts that are names of the model's inputs and outputs.

    Those that no layer knows get numbers behind all texts.
    """
    texts = graph.columns.texts
    found: dict[str, int] = {}
    for tensor in (*graph.inputs, *graph.outputs):
        number = texts.find(tensor.name)
        found.setdefault(tensor.name, len(texts) + len(found) if number is None else number)
    return found
