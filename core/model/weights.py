"""The numbers of one stored tensor of an ONNX model, mapped from its file where possible."""
# pyright: reportUnknownMemberType=false
# (onnx's helpers come without types for numpy)

import os
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.model.attributes import plain
from core.model.external_data import check_external_data
from core.model.onnx_file import broken, read_skeleton
from core.model.wiring import bodies_of

if TYPE_CHECKING:
    import onnx

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Windows has no such flag; check_external_data has refused links there too."""


def read_weight(model: Path, name: str) -> NDArray[Any]:
    """A tensor by the name that `core.model.graph.Weight` has; it may be a view of the file.

    Types that numpy lacks come as those of ml_dtypes. Raises InputError.
    """
    skeleton = read_skeleton(model)
    check_external_data(model, skeleton)
    tensor = next((found for known, found in _stored(skeleton.graph) if known == name), None)
    if tensor is None:
        raise InputError(
            f"The tensor “{plain(name)}” is not stored in “{model.name}”.",
            "The file has changed since it was opened, or the tensor is made while it runs.",
            "Open the model again.",
        )
    try:
        return _numbers(model, tensor)
    except (ValueError, TypeError, OverflowError, MemoryError, OSError) as error:
        why = f"The numbers of “{plain(name)}” do not fit what is said of them."
        raise broken(model, why) from error


def _numbers(model: Path, tensor: "onnx.TensorProto") -> NDArray[Any]:
    from onnx import helper, numpy_helper

    if tensor.data_location != tensor.EXTERNAL:
        return numpy_helper.to_array(tensor)
    dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
    places = {entry.key: entry.value for entry in tensor.external_data}
    start, length = int(places.get("offset") or 0), int(places.get("length") or 0)
    shape = tuple(tensor.dims)
    if not prod(shape) or length not in (0, prod(shape) * dtype.itemsize):
        return numpy_helper.to_array(tensor, str(model.parent))  # packed below a byte, or empty
    descriptor = os.open(model.parent / places["location"], os.O_RDONLY | _NO_LINK)
    with os.fdopen(descriptor, "rb") as file:
        return np.memmap(file, dtype, "r", start, shape)


def _stored(graph: "onnx.GraphProto", where: str = "") -> "Iterator[tuple[str, onnx.TensorProto]]":
    """Tensors by the names that core.model.constants gives them: in bodies “OWNER/BODY/NAME”."""
    prefix = f"{where}/" if where else ""
    for tensor in graph.initializer:
        yield f"{prefix}{tensor.name}", tensor
    for sparse in graph.sparse_initializer:
        yield f"{prefix}{sparse.values.name}", sparse.values
    for node in graph.node:
        owner = node.output[0] if node.output else node.name
        if node.op_type == "Constant":
            yield from ((f"{prefix}{owner}", tensor) for tensor in _literal(node))
        for attribute, body in bodies_of(node):
            yield from _stored(body, f"{where or owner}/{attribute}")


def _literal(node: "onnx.NodeProto") -> "Iterator[onnx.TensorProto]":
    """The value of a Constant node, however it is written."""
    from onnx import numpy_helper

    for entry in node.attribute:
        if entry.HasField("t"):
            yield entry.t
        elif entry.HasField("sparse_tensor"):
            yield entry.sparse_tensor.values
        elif entry.HasField("f") or entry.floats:
            floats = np.array(list(entry.floats) or entry.f, np.float32)
            yield numpy_helper.from_array(floats)
        elif entry.HasField("i") or entry.ints:
            yield numpy_helper.from_array(np.array(list(entry.ints) or entry.i, np.int64))
