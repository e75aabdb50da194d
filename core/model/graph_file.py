"""A ModelGraph as a file of columns: written by the worker that reads it, mapped by the window.

The file begins with a line that says what it is, then the length of a JSON header, the header, and
the columns one after the other as the header lists them.
"""

import json
import mmap
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.model.column_making import columns_of
from core.model.columns import ColumnLayers, ColumnRows, Columns, Ints, Ragged, Texts
from core.model.graph import Dimension, ModelGraph, Tensor

Piece: TypeAlias = NDArray[Any]

_SIGN = b"edgewright graph 2\n"
_TOLD = (
    "name", "format", "version", "producer", "file_bytes", "sha256", "metadata", "warnings",
    "opsets", "properties", "prepared",
)  # fmt: skip
_ROOM = 64
"""Columns begin at multiples of this, as memory likes it."""


def write_graph(graph: ModelGraph, path: Path) -> None:
    """Write `graph` to `path`; about 150 bytes per layer and its texts."""
    pieces = _pieces(columns_of(graph))
    places: dict[str, tuple[str, int, int]] = {}
    at = 0
    for name, piece in pieces.items():
        places[name] = (piece.dtype.str, at, len(piece))
        at += -(-piece.nbytes // _ROOM) * _ROOM
    header = {key: getattr(graph, key) for key in _TOLD} | {
        "inputs": [(tensor.name, tensor.dtype, tensor.shape) for tensor in graph.inputs],
        "outputs": [(tensor.name, tensor.dtype, tensor.shape) for tensor in graph.outputs],
        "columns": places,
    }
    told = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(_SIGN + len(told).to_bytes(8, "little") + told)
        begin = _rounded(file.tell())
        for name, piece in pieces.items():
            file.seek(begin + places[name][1])
            file.write(piece.data)
        file.truncate(begin + at)


def read_graph_file(path: Path) -> ModelGraph:
    """Map what write_graph wrote. Raises InputError for anything else."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _graph(data)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise InputError(
            f"The drawing data “{path.name}” cannot be read.",
            f"{type(error).__name__}: {error}.",
            "Open the model again.",
        ) from error


def _graph(data: mmap.mmap) -> ModelGraph:
    start = len(_SIGN) + 8
    if data[: len(_SIGN)] != _SIGN:
        raise ValueError("another version wrote it")
    end = start + int.from_bytes(data[len(_SIGN) : start], "little")
    header: dict[str, Any] = json.loads(data[start:end])
    columns = _columns(data, _rounded(end), header["columns"])
    told: dict[str, Any] = {key: header[key] for key in _TOLD}
    told["warnings"] = tuple(told["warnings"])
    told["prepared"] = {name: tuple(of) for name, of in told["prepared"].items()}
    return graph_of(
        columns,
        inputs=tuple(_tensor(row) for row in header["inputs"]),
        outputs=tuple(_tensor(row) for row in header["outputs"]),
        **told,
    )


def graph_of(columns: Columns, **told: Any) -> ModelGraph:
    """The graph that lies in columns; `told` are the other fields of ModelGraph."""
    texts = columns.texts
    return ModelGraph(
        layers=ColumnLayers(columns),
        tensors=ColumnRows(texts, columns.tensor_names, columns.tensor),
        weights=ColumnRows(texts, columns.stored_names, columns.weight),
        **told,
    )


def _pieces(columns: Columns) -> dict[str, Piece]:
    """The arrays that the columns consist of."""
    pieces: dict[str, Piece] = {}
    for field in fields(columns):
        value = getattr(columns, field.name)
        match value:
            case Texts():
                pieces["octets"] = np.frombuffer(value.octets, np.uint8)
                pieces["texts"] = value.starts
            case Ragged():
                pieces[field.name] = value.of
                pieces[f"{field.name}.starts"] = value.starts
            case _:
                pieces[field.name] = value
    return {name: _small(piece) for name, piece in pieces.items()}


def _small(piece: Piece) -> Piece:
    """In four bytes a number where that is enough."""
    narrow = piece.dtype == np.int64 and (not len(piece) or abs(piece).max() < 1 << 31)
    return np.ascontiguousarray(piece, np.int32 if narrow else piece.dtype)


def _columns(data: mmap.mmap, begin: int, places: dict[str, tuple[str, int, int]]) -> Columns:
    def piece(name: str) -> Ints:
        dtype, at, count = places[name]
        return np.frombuffer(data, dtype, count, begin + at)

    def wide(name: str) -> Ints:
        return piece(name).astype(np.int64, copy=False)

    values: dict[str, Any] = {}
    for field in fields(Columns):
        if field.name == "texts":
            values["texts"] = Texts(_octets(data, begin, places), wide("texts"))
        elif f"{field.name}.starts" in places:
            values[field.name] = Ragged(wide(f"{field.name}.starts"), wide(field.name))
        else:
            values[field.name] = wide(field.name)
    return Columns(**values)


def _octets(data: mmap.mmap, begin: int, places: dict[str, tuple[str, int, int]]) -> memoryview:
    _, at, count = places["octets"]
    return memoryview(data)[begin + at : begin + at + count]


def _rounded(at: int) -> int:
    return -(-at // _ROOM) * _ROOM


def _tensor(row: list[Any]) -> Tensor:
    name, dtype, shape = row
    sizes: tuple[Dimension, ...] | None = None if shape is None else tuple(shape)
    return Tensor(name, dtype, sizes)
