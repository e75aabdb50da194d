"""Which tensors of an ONNX graph are constant, and which stored weights are behind them.

Nodes that only prepare a weight (Constant, a DequantizeLinear of stored integers, …) are no layers:
what they make belongs to the layer that uses it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from core.model import tensor_types
from core.model.graph import Weight
from core.model.wiring import Wiring, bodies_of

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

PREPARING = frozenset(
    {"Constant", "ConstantOfShape", "DequantizeLinear", "Cast", "Identity", "Mul"}
)
"""Operators of nodes that may be no layers."""
_LARGEST_SHAPE = 64
"""Longest shape, in dimensions, that a ConstantOfShape is believed to make."""
_INDEX_TYPES = frozenset({"int32", "int64", "bool", "string", "uint32", "uint64", "unknown"})
"""Shapes, indices and switches: stored numbers that were not learnt."""


@dataclass(frozen=True)
class Constant:
    """A constant tensor."""

    dtype: str
    shape: tuple[int, ...]
    parameters: int
    weights: tuple[Weight, ...]
    """What is stored for it: the tensor itself, or integers with scale and zero point."""


def constants_of(graph: "onnx.GraphProto", wiring: Wiring) -> tuple[dict[str, Constant], set[int]]:
    """Constant tensors by name, and the indices of the nodes that only prepare them."""
    found = {tensor.name: stored(tensor, tensor.name) for tensor in graph.initializer}
    found |= {sparse.values.name: stored_sparse(sparse) for sparse in graph.sparse_initializer}
    values = {tensor.name: tensor for tensor in graph.initializer}
    fed = {value.name for value in graph.output}
    preparing: set[int] = set()
    for index in wiring.order.indices:
        row = wiring.rows[index]
        if row.operator not in PREPARING or not row.standard or len(row.outputs) != 1:
            continue
        if fed.intersection(row.outputs):
            continue
        node = graph.node[index]
        if node.op_type == "Constant":
            constant = literal_of(node, row.outputs[0])
        else:
            sources = [found.get(name) for name in row.slots if name]
            constant = prepared(node, sources, values.get)
        if constant is not None:
            found[row.outputs[0]] = constant
            preparing.add(index)
    return found, preparing


def stored(tensor: "onnx.TensorProto", name: str) -> Constant:
    """A tensor that lies in the model or its data files."""
    return constant_of(name, tensor.data_type, tuple(tensor.dims), tensor.ByteSize())


def stored_sparse(tensor: "onnx.SparseTensorProto") -> Constant:
    """A tensor of which only the numbers that are not zero are stored."""
    return replace(stored(tensor.values, tensor.values.name), shape=tuple(tensor.dims))


def constant_of(name: str, data_type: int, shape: tuple[int, ...], stored_size: int) -> Constant:
    """A stored tensor; `stored_size` counts where its type does not say how large it is."""
    dtype = tensor_types.name_of(data_type)
    size = tensor_types.bytes_of(dtype, shape)
    weight = Weight(name, dtype, shape, stored_size if size is None else size)
    learnt = bool(shape) and dtype not in _INDEX_TYPES
    return Constant(dtype, shape, prod(shape) if learnt else 0, (weight,))


def stored_inside(graph: "onnx.GraphProto", where: str) -> Iterable[Constant]:
    """The weights of a subgraph and of the subgraphs in it, called WHERE/NAME.

    Two branches may use one name for different weights.
    """
    yield from (stored(tensor, f"{where}/{tensor.name}") for tensor in graph.initializer)
    for node in graph.node:
        if node.op_type == "Constant" and node.output:
            literal = literal_of(node, f"{where}/{node.output[0]}")
            if literal is not None:
                yield literal
        for name, body in bodies_of(node):
            yield from stored_inside(body, f"{where}/{name}")


def prepared(
    node: "onnx.NodeProto",
    sources: Sequence[Constant | None],
    numbers: "Callable[[str], onnx.TensorProto | None]",
) -> Constant | None:
    """What a node other than Constant makes of its inputs, where all of these are constant.

    `numbers` finds a stored tensor by its name.
    """
    known = [source for source in sources if source is not None]
    if not known or len(known) != len(sources):
        return None
    weights = tuple(weight for source in known for weight in source.weights)
    first = known[0]
    if node.op_type == "ConstantOfShape":
        return _filled(node, numbers(node.input[0]))
    if node.op_type == "DequantizeLinear":
        count = prod(first.shape)
        return Constant(
            known[1].dtype if len(known) > 1 else "float32", first.shape, count, weights
        )
    if node.op_type == "Cast":
        to = next((entry.i for entry in node.attribute if entry.name == "to"), 0)
        return replace(first, dtype=tensor_types.name_of(to))
    if node.op_type == "Mul":
        return replace(max(known, key=lambda one: prod(one.shape)), weights=weights)
    return first


def literal_of(node: "onnx.NodeProto", name: str) -> Constant | None:
    """The value of a Constant node, which may be written in several ways."""
    for entry in node.attribute:
        if entry.name == "value":
            return stored(entry.t, name)
        if entry.name == "sparse_value":
            values = stored(entry.sparse_tensor.values, name)
            return replace(values, shape=tuple(entry.sparse_tensor.dims))
        for plain, dtype, count in (
            ("value_float", "float32", None),
            ("value_int", "int64", None),
            ("value_string", "string", None),
            ("value_floats", "float32", len(entry.floats)),
            ("value_ints", "int64", len(entry.ints)),
            ("value_strings", "string", len(entry.strings)),
        ):
            if entry.name == plain:
                shape = () if count is None else (count,)
                size = tensor_types.bytes_of(dtype, shape) or 0
                parameters = (count or 0) if dtype == "float32" else 0
                return Constant(dtype, shape, parameters, (Weight(name, dtype, shape, size),))
    return None


def integers_of(tensor: "onnx.TensorProto") -> tuple[int, ...] | None:
    """The numbers of a small tensor of integers, or None where they lie elsewhere.

    Those of usual types are read here: importing onnx's own reader takes longer than most models.
    """
    if tensor.data_location == tensor.EXTERNAL or tensor.HasField("segment"):
        return None
    try:
        if tensor.data_type == tensor.INT64:
            found = _array(tensor, "<i8", tensor.int64_data)
        elif tensor.data_type == tensor.INT32:
            found = _array(tensor, "<i4", tensor.int32_data)
        else:
            from onnx import numpy_helper

            found = numpy_helper.to_array(tensor)
        return tuple(int(number) for number in found.flatten())
    except (ValueError, TypeError):
        return None


def _array(tensor: "onnx.TensorProto", dtype: str, numbers: Sequence[int]) -> "NDArray[Any]":
    raw = tensor.HasField("raw_data")
    found = np.frombuffer(tensor.raw_data, dtype) if raw else np.array(numbers, dtype)
    return found.reshape(tensor.dims)


def _filled(node: "onnx.NodeProto", tensor: "onnx.TensorProto | None") -> Constant | None:
    """A ConstantOfShape whose shape is stored: a weight that takes no room in the file."""
    if tensor is None or prod(tensor.dims) > _LARGEST_SHAPE:
        return None
    shape = integers_of(tensor)
    if shape is None:
        return None
    value = next((entry.t for entry in node.attribute if entry.name == "value"), None)
    dtype = "float32" if value is None else tensor_types.name_of(value.data_type)
    if any(size < 0 for size in shape):
        return None
    learnt = bool(shape) and dtype not in _INDEX_TYPES
    weight = Weight(node.output[0], dtype, shape, 0)
    return Constant(dtype, shape, prod(shape) if learnt else 0, (weight,))
