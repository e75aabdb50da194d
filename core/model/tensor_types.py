"""Names and sizes of ONNX element types."""

from collections.abc import Mapping, Sequence
from math import prod

NAMES: Mapping[int, str] = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    8: "string", 9: "bool", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
    14: "complex64", 15: "complex128", 16: "bfloat16", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
    19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1",
    24: "float8e8m0", 25: "uint2", 26: "int2", 27: "float6e2m3", 28: "float6e3m2",
}  # fmt: skip
"""TensorProto.DataType to the name that core.model.graph.Tensor uses."""

_BITS: Mapping[str, int] = {
    "float32": 32, "uint8": 8, "int8": 8, "uint16": 16, "int16": 16, "int32": 32, "int64": 64,
    "bool": 8, "float16": 16, "float64": 64, "uint32": 32, "uint64": 64, "complex64": 64,
    "complex128": 128, "bfloat16": 16, "float8e4m3fn": 8, "float8e4m3fnuz": 8, "float8e5m2": 8,
    "float8e5m2fnuz": 8, "float8e8m0": 8, "float4e2m1": 4, "float6e2m3": 6,
    "float6e3m2": 6, "uint4": 4, "int4": 4, "uint2": 2, "int2": 2,
}  # fmt: skip


def name_of(data_type: int) -> str:
    """The name of an ONNX element type; “unknown” for a number that none has."""
    return NAMES.get(data_type, "unknown")


def bytes_of(dtype: str, shape: Sequence[int]) -> int | None:
    """Size of a tensor's numbers, packed below 8 bits; None where the type has no fixed size."""
    bits = _BITS.get(dtype)
    return None if bits is None else (prod(shape) * bits + 7) // 8
