"""Writes ONNX models of which only the structure is in memory.

Weights go from file to file without being loaded. A model keeps its weights where it had them: in
its own file, or in data files beside it.
"""

import mmap
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.jobs.folders import storage_errors
from core.model.expansion import Piece, expanded
from core.model.external_data import check_external_data, external_files
from core.model.onnx_file import stored_bytes, tensors_of
from core.model.working_copy import move_beside

if TYPE_CHECKING:
    import onnx

LARGEST_FILE = (1 << 31) - 1
"""Bytes: protobuf reads no longer message."""
_MOSTLY = 0.5
"""Share of the data files that must be in use for them to be copied as they are."""


def write_onnx(
    model: "onnx.ModelProto", source: Path, target: Path, *, pack: bool = False
) -> tuple[Path, ...]:
    """Write a model, `model` being the skeleton of the file at `source`, edited or not.

    `target` lies in an empty folder. Data files keep their names, unless `pack` is true or most of
    what is in them is no longer used: then one file called TARGET.data holds what is. Returns the
    files written, the model first. Changes where `model` says that its external data lies. Raises
    UserError.
    """
    check_external_data(source, model)
    with storage_errors(target):
        data = _write_data(model, source, target, pack=pack)
        small = model.SerializeToString()
        with (
            source.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
            memoryview(content) as view,
        ):
            _write_pieces(expanded(small, view, source.name), target)
    return (target, *data)


def _write_pieces(pieces: Sequence[Piece], target: Path) -> None:
    try:
        size = sum(map(len, pieces))
        if size > LARGEST_FILE:
            raise InputError(
                f"“{target.name}” would be too large for one ONNX file.",
                f"It needs {size / 1e9:.1f} GB, and such a file ends at 2.1 GB.",
                "Save the original with external data in the program that made it; edit that.",
            )
        with target.open("xb") as file:
            file.writelines(pieces)
    finally:
        for piece in pieces:
            if isinstance(piece, memoryview):
                piece.release()


def _write_data(
    model: "onnx.ModelProto", source: Path, target: Path, *, pack: bool
) -> tuple[Path, ...]:
    files = external_files(source, model)
    if not files:
        return ()
    used = sum(stored_bytes(tensor) for tensor in _outside(model, source))
    there = sum(file.stat().st_size for file in files)
    if pack or used < _MOSTLY * there or target.name in {file.name for file in files}:
        return (move_beside(_outside(model, source), source, target),)
    return tuple(_copy(file, source, target) for file in files)


def _outside(model: "onnx.ModelProto", source: Path) -> "Iterator[onnx.TensorProto]":
    """The tensors whose numbers do not lie in the model's own file."""
    for tensor in tensors_of(model):
        places = {entry.key: entry.value for entry in tensor.external_data}
        if tensor.data_location == tensor.EXTERNAL and places.get("location") != source.name:
            yield tensor


def _copy(file: Path, source: Path, target: Path) -> Path:
    copy = target.parent / file.relative_to(source.parent)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, copy, follow_symlinks=False)
    return copy
