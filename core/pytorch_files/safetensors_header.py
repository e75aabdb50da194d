"""Reads the header of safetensors files; layout: github.com/huggingface/safetensors, README.

Eight bytes give the header's length, then comes JSON: tensor name to type, shape and place.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from core.model.onnx_file import broken, unreadable
from core.model.tensor_types import bytes_of
from core.pytorch_files.stored import StoredTensor

LARGEST_HEADER = 100_000_000
"""Bytes; the format's own limit."""
_DTYPES: Mapping[str, str] = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64",
    "I32": "int32", "I16": "int16", "I8": "int8", "U64": "uint64", "U32": "uint32",
    "U16": "uint16", "U8": "uint8", "BOOL": "bool", "F8_E4M3": "float8e4m3fn",
    "F8_E5M2": "float8e5m2", "F8_E8M0": "float8e8m0", "C64": "complex64", "F4": "float4e2m1",
    "F6_E2M3": "float6e2m3", "F6_E3M2": "float6e3m2",
}  # fmt: skip
_Size = Annotated[int, Field(ge=0, lt=1 << 48)]


class _Entry(BaseModel):
    dtype: str
    shape: list[_Size]
    data_offsets: tuple[_Size, _Size]


_HEADER = TypeAdapter(dict[str, _Entry | dict[str, str]])


def looks_like_safetensors(path: Path) -> bool:
    """By the first bytes; True for a file that was cut behind its header too. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(10)
    return start[8:9] == b"{" and 2 <= int.from_bytes(start[:8], "little") <= LARGEST_HEADER


def read_header(path: Path) -> tuple[tuple[StoredTensor, ...], Mapping[str, str]]:
    """The tensors in the order of their data, and the metadata. Raises InputError."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = file.read(length) if length <= min(size, LARGEST_HEADER) else b""
        entries = _HEADER.validate_json(header)
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValidationError, RecursionError) as error:
        raise broken(path, "Its header cannot be read.") from error
    metadata = entries.pop("__metadata__", {})
    tensors = {name: entry for name, entry in entries.items() if isinstance(entry, _Entry)}
    _check_extent(path, tensors, size - 8 - length)
    in_order = sorted(tensors.items(), key=lambda item: item[1].data_offsets)
    return (
        tuple(_tensor(name, entry) for name, entry in in_order),
        metadata if isinstance(metadata, dict) else {},
    )


def _check_extent(path: Path, tensors: Mapping[str, _Entry], room: int) -> None:
    end = max((entry.data_offsets[1] for entry in tensors.values()), default=0)
    if end > room:
        raise broken(path, f"Its tensors need {end:,} bytes, and {max(room, 0):,} are there.")
    for name, entry in tensors.items():
        begin, finish = entry.data_offsets
        needed = bytes_of(_DTYPES.get(entry.dtype, ""), entry.shape)
        if finish < begin or (needed is not None and needed != finish - begin):
            raise broken(path, f"The place of the tensor “{name[:80]}” does not fit its shape.")


def _tensor(name: str, entry: _Entry) -> StoredTensor:
    begin, end = entry.data_offsets
    dtype = _DTYPES.get(entry.dtype, entry.dtype.lower()[:20])
    path = tuple(part for part in name.split(".") if part) or (name,)
    return StoredTensor(path, dtype, tuple(entry.shape), end - begin)
