"""PyTorch's names and numbers of element types, as the names that this program uses."""

from collections.abc import Mapping

_BY_STORAGE: Mapping[str, str] = {
    "FloatStorage": "float32", "DoubleStorage": "float64", "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16", "LongStorage": "int64", "IntStorage": "int32",
    "ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool",
    "QInt8Storage": "int8", "QUInt8Storage": "uint8", "QInt32Storage": "int32",
    "ComplexFloatStorage": "complex64", "ComplexDoubleStorage": "complex128",
}  # fmt: skip

_BY_NUMBER: Mapping[int, str] = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32",
    8: "float64", 10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16",
    29: "float8e4m3fn", 30: "float8e5m2", 31: "float8e4m3fnuz", 32: "float8e5m2fnuz",
    33: "float8e8m0", 34: "uint32", 35: "uint64",
}  # fmt: skip
"""ScalarType of torch/_export/serde/schema.py, PyTorch 2.13."""

_BY_NAME: Mapping[str, str] = {
    "float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32",
    "short": "int16", "float8_e4m3fn": "float8e4m3fn", "float8_e5m2": "float8e5m2",
    "float8_e4m3fnuz": "float8e4m3fnuz", "float8_e5m2fnuz": "float8e5m2fnuz",
    "float8_e8m0fnu": "float8e8m0", "qint8": "int8", "quint8": "uint8", "qint32": "int32",
}  # fmt: skip
"""Where the two names differ."""


def dtype_of_storage(name: str) -> str:
    """Of “FloatStorage”; “unknown” for one that says no type."""
    return _BY_STORAGE.get(name, "unknown")


def dtype_of_number(number: int) -> str:
    """Of an exported program's ScalarType."""
    return _BY_NUMBER.get(number, "unknown")


def dtype_of_name(name: str) -> str:
    """Of “float32” as in torch.float32."""
    return _BY_NAME.get(name, name)
