"""Compares the stored numbers of two ONNX models without holding more than a block of them."""

import math
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.external_data import check_external_data
from core.model.onnx_file import read_skeleton
from core.model.tensor_types import name_of

if TYPE_CHECKING:
    import numpy as np
    import onnx

_BLOCK = 1 << 20
"""Bytes that are read at once."""
_MOST_ZERO_POINTS = 1 << 16
_ZERO_POINT_TYPES = frozenset({"int8", "uint8", "int4", "uint4", "int16", "uint16", "int32"})


class StoredNumbers:
    """The initializers and Constant nodes of one model file. Nothing is read before it is asked."""

    def __init__(self, path: Path) -> None:
        """Raises InputError, LackingData where data files are missing."""
        self._folder = path.parent
        model = read_skeleton(path)
        check_external_data(path, model)
        self._tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        for node in model.graph.node:
            if node.op_type == "Constant" and node.output:
                for entry in node.attribute:
                    if entry.HasField("t"):
                        self._tensors[node.output[0]] = entry.t

    def shifted(self) -> dict[str, bool]:
        """Small stored integers to whether they hold anything but zeros: for zero points."""
        return {
            name: any(any(block) for block in self.blocks(name))
            for name, tensor in self._tensors.items()
            if name_of(tensor.data_type) in _ZERO_POINT_TYPES
            and math.prod(tensor.dims) <= _MOST_ZERO_POINTS
        }

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def dtype(self, name: str) -> str:
        return name_of(self._tensors[name].data_type)

    def blocks(self, name: str) -> Iterator[bytes]:
        """The numbers of a constant as little-endian bytes, block by block."""
        tensor = self._tensors[name]
        if tensor.data_location != tensor.EXTERNAL:
            data = _inline(tensor)
            yield from (data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK))
            return
        places = {entry.key: entry.value for entry in tensor.external_data}
        start, length = int(places.get("offset") or 0), int(places.get("length") or 0)
        with (
            (self._folder / places["location"]).open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            stop = start + length if length else len(data)
            for place in range(start, stop, _BLOCK):
                yield data[place : min(place + _BLOCK, stop)]


def difference(a: StoredNumbers, b: StoredNumbers, name_a: str, name_b: str) -> float | None:
    """‖a − b‖ ÷ ‖a‖ of two constants of one type and shape; None where one is not stored here.

    Infinite where they differ and no figure says how much: A is all zeros, or numpy does not know
    the type.
    """
    if name_a not in a or name_b not in b:
        return None
    if all(one == other for one, other in _blocks(a, b, name_a, name_b)):
        return 0.0
    dtype = a.dtype(name_a)
    error = power = 0.0
    for one, other in _blocks(a, b, name_a, name_b):
        values_a, values_b = _values(one, dtype), _values(other, dtype)
        if values_a is None or values_b is None:
            return math.inf
        gap = values_a - values_b
        error += float(gap @ gap)
        power += float(values_a @ values_a)
    return math.sqrt(error / power) if power and math.isfinite(error) else math.inf


def _blocks(
    a: StoredNumbers, b: StoredNumbers, name_a: str, name_b: str
) -> Iterator[tuple[bytes, bytes]]:
    return zip(a.blocks(name_a), b.blocks(name_b), strict=True)


def _values(block: bytes, dtype: str) -> "np.ndarray | None":
    """As float64; None for types that numpy does not know."""
    import numpy as np

    if dtype == "bfloat16":
        wide = np.frombuffer(block, "<u2").astype("<u4") << 16
        return wide.view("<f4").astype(np.float64)
    try:
        kind = np.dtype(dtype)
    except TypeError:
        return None
    return None if kind.kind not in "fiub" else np.frombuffer(block, kind).astype(np.float64)


def _inline(tensor: "onnx.TensorProto") -> bytes:
    from onnx import numpy_helper

    return tensor.raw_data or numpy_helper.to_array(tensor).tobytes()
