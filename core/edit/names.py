"""Tensor names in an ONNX graph and in the bodies of its loops and branches."""

from collections.abc import Iterator, MutableSequence
from typing import TYPE_CHECKING

from core.model.wiring import bodies_of

if TYPE_CHECKING:
    import onnx


def tensor_names(graph: "onnx.GraphProto") -> Iterator[str]:
    """Every tensor name that the graph and its bodies use, some of them several times."""
    yield from (value.name for value in (*graph.input, *graph.output))
    yield from (tensor.name for tensor in graph.initializer)
    yield from (sparse.values.name for sparse in graph.sparse_initializer)
    for node in graph.node:
        yield from node.input
        yield from node.output
        for _, body in bodies_of(node):
            yield from tensor_names(body)


def rename(graph: "onnx.GraphProto", old: str, new: str) -> None:
    """Call a tensor of the graph `new` wherever it stands, in bodies too."""
    for value in (*graph.input, *graph.output, *graph.value_info):
        if value.name == old:
            value.name = new
    for tensor in (*graph.initializer, *(sparse.values for sparse in graph.sparse_initializer)):
        if tensor.name == old:
            tensor.name = new
    for note in graph.quantization_annotation:
        if note.tensor_name == old:
            note.tensor_name = new
    for node in graph.node:
        _replace(node.output, old, new)
    use_instead(graph, old, new)


def use_instead(graph: "onnx.GraphProto", old: str, new: str) -> None:
    """Let every node, and every body that takes it from outside, take `new` for `old`."""
    for node in graph.node:
        _replace(node.input, old, new)
        for _, body in bodies_of(node):
            if old not in _own_names(body):
                _take_from_outside(body, old, new)


def _take_from_outside(body: "onnx.GraphProto", old: str, new: str) -> None:
    for value in body.output:
        if value.name == old:
            value.name = new
    use_instead(body, old, new)


def _own_names(body: "onnx.GraphProto") -> set[str]:
    """Names that mean something else inside than outside."""
    own = {value.name for value in body.input} | {tensor.name for tensor in body.initializer}
    own.update(name for node in body.node for name in node.output)
    return own


def _replace(names: MutableSequence[str], old: str, new: str) -> None:
    for index, name in enumerate(names):
        if name == old:
            names[index] = new
