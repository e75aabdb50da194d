"""The numbers of a weight that lies in a file as they are: mapped, not read."""

import importlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.model.attributes import plain
from core.model.onnx_file import broken, unreadable

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Place:
    """Where a weight's numbers lie."""

    offset: int
    bytes: int
    dtype: str
    shape: tuple[int, ...]


def numbers_at(file: Path, place: Place | None, name: str) -> "NDArray[Any]":
    """A view of the file; types that numpy lacks come as those of ml_dtypes. Raises InputError."""
    import numpy as np

    importlib.import_module("ml_dtypes")  # teaches numpy the names of the types that it lacks
    title = plain(name)
    if place is None:
        raise InputError(
            f"The tensor “{title}” is not stored in “{file.name}”.",
            "The file has changed since it was opened, or the tensor lies elsewhere.",
            "Open the model again.",
        )
    try:
        dtype = np.dtype(place.dtype)
    except TypeError as error:
        raise InputError(
            f"The numbers of “{title}” cannot be looked at.",
            f"They are stored as {place.dtype}, which is packed below one byte or no number.",
            "Convert the model, and look at the tensor in what comes out.",
        ) from error
    size = prod(place.shape) * dtype.itemsize
    try:
        if size != place.bytes or place.offset + size > file.stat().st_size:
            raise broken(file, f"The numbers of “{title}” do not fit what is said of them.")
        if not size:
            return np.zeros(place.shape, dtype)
        return np.memmap(file, dtype, "r", place.offset, place.shape)
    except OSError as error:
        raise unreadable(file, error) from error
