"""Makes the columns of a graph that was built from single layers, as most formats do it."""

import numpy as np

from core.model.collector import collector_paused
from core.model.column_stores import ShapeStore, TextStore, bounded
from core.model.columns import UNKNOWN, ColumnLayers, Columns, Ints, Ragged, ragged
from core.model.graph import ModelGraph


def columns_of(graph: ModelGraph) -> Columns:
    """The graph's columns: those that it was read into, or new ones."""
    if isinstance(graph.layers, ColumnLayers):
        return graph.layers.columns
    with collector_paused():
        return _made(graph)


def _made(graph: ModelGraph) -> Columns:
    texts = TextStore()
    shapes = ShapeStore(texts)
    layers, tensors, weights = graph.layers, graph.tensors.values(), graph.weights.values()
    scopes, scope_parts = _sets([layer.scope for layer in layers], texts)
    words = [[word for pair in layer.attributes.items() for word in pair] for layer in layers]
    attributes, attribute_texts = _sets([tuple(row) for row in words], texts)
    output_shapes = shapes.numbers(layer.output_shape for layer in layers)
    tensor_shapes = shapes.numbers(tensor.shape for tensor in tensors)
    stored_shapes = shapes.numbers(weight.shape for weight in weights)
    sizes, size_kinds = shapes.columns()

    def column(words: list[str]) -> Ints:
        return np.array(texts.numbers(words), np.int64)

    def rows(words: list[tuple[str, ...]]) -> Ragged:
        return ragged([texts.numbers(row) for row in words])

    known = [UNKNOWN if layer.operations is None else layer.operations for layer in layers]
    return Columns(
        ids=column([layer.id for layer in layers]),
        names=column([layer.name for layer in layers]),
        operators=column([layer.operator for layer in layers]),
        domains=column([layer.domain for layer in layers]),
        scopes=scopes,
        scope_parts=scope_parts,
        inputs=rows([layer.inputs for layer in layers]),
        outputs=rows([layer.outputs for layer in layers]),
        weights=rows([layer.weights for layer in layers]),
        slots=rows([layer.slots for layer in layers]),
        attributes=attributes,
        attribute_texts=attribute_texts,
        parameters=_counts([layer.parameters for layer in layers]),
        weight_bytes=_counts([layer.weight_bytes for layer in layers]),
        operations=_counts(known),
        output_shapes=output_shapes,
        output_dtypes=column([layer.output_dtype for layer in layers]),
        details=column([layer.detail for layer in layers]),
        sizes=sizes,
        size_kinds=size_kinds,
        tensor_names=column([tensor.name for tensor in tensors]),
        tensor_dtypes=column([tensor.dtype for tensor in tensors]),
        tensor_shapes=tensor_shapes,
        stored_names=column([weight.name for weight in weights]),
        stored_dtypes=column([weight.dtype for weight in weights]),
        stored_shapes=stored_shapes,
        stored_bytes=_counts([weight.bytes for weight in weights]),
        texts=texts.texts(),
    )


def _sets(rows: list[tuple[str, ...]], texts: TextStore) -> tuple[Ints, Ragged]:
    """Which of the different rows each is, and these in order of first appearance."""
    numbers: dict[tuple[str, ...], int] = {}
    of = np.array([numbers.setdefault(row, len(numbers)) for row in rows], np.int64)
    return of, ragged([texts.numbers(row) for row in numbers])


def _counts(numbers: list[int]) -> Ints:
    return np.array([bounded(number) for number in numbers], np.int64)
