"""Tensors for any model: .npz files by input name, or .npy files for models with one input."""

import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, cast

from core.data.datasets.base import DatasetFormat, OpenDataset, Sample
from core.data.datasets.faults import NAMED
from core.data.datasets.image_files import files_of, suffix_of
from core.data.datasets.sources import FolderSource, Source, source_at
from core.data.truth import ClassTruth, NumberTruth, Truth
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from core.runtimes.base import Port

_SUFFIXES = (".npz", ".npy")
LARGEST_TENSOR = 512 << 20
"""Bytes of one tensor of one sample."""
_LABELS = ("label", "labels", "target", "targets", "y")
"""Arrays that hold what is right, where the model has no input of that name."""
_ONLY = ""
"""Stands for the name of a .npy file's only array."""
_REMEDY = (
    "Save each sample in Python with numpy.savez, one array for each input by its name, in the "
    "shape that the model takes; or with numpy.save for a model with one input."
)


class TensorFiles(DatasetFormat):
    name = "tensor-files"
    label = "Tensors (.npz, .npy)"

    def sniff(self, path: Path) -> bool:
        if suffix_of(path.name) in _SUFFIXES:
            return path.is_file()
        source = source_at(path)
        if source is None:
            return False
        files = files_of(source)
        tensors = [entry for entry in files if suffix_of(entry.key) in _SUFFIXES]
        return 2 * len(tensors) > len(files)

    def open(self, path: Path) -> OpenDataset:
        if path.is_file() and suffix_of(path.name) in _SUFFIXES:
            return TensorDataset(path.name, FolderSource(path.parent), [path.name])
        source = source_at(path)
        assert source is not None
        keys = [one.key for one in files_of(source) if suffix_of(one.key) in _SUFFIXES]
        return TensorDataset(path.name, source, keys)


@dataclass(frozen=True)
class _Array:
    """What the header of an array says."""

    dtype: "np.dtype"
    shape: tuple[int, ...]


class TensorDataset(OpenDataset):
    """One sample a file; a single file may hold many, one behind the other on the first axis."""

    holds = "tensors"

    def __init__(self, name: str, source: Source, keys: Sequence[str]) -> None:
        self.name = name
        self._source = source
        self.warnings = ()
        self.classes: Sequence[str] = ()
        self.layout = suffix_of(keys[0])
        headers = _headers(self._bytes(keys[0]), keys[0])
        rows = _rows_in(headers)
        self._stack = _arrays(self._bytes(keys[0]), keys[0]) if len(keys) == 1 < rows else None
        stacked = tuple(Sample(f"{keys[0]}#{row}", None) for row in range(rows))
        self.samples = stacked if self._stack else tuple(Sample(key, None) for key in keys)
        self._labels = _label_in(headers)
        if self._labels:
            self.truths = (_kind_of(headers[self._labels], bool(self._stack)),)

    def read(self, sample: Sample) -> bytes:
        return self._bytes(sample.key)

    def _bytes(self, key: str) -> bytes:
        data = self._source.read(key, LARGEST_TENSOR + 1)
        if len(data) > LARGEST_TENSOR:
            raise _unreadable(key, f"it has more than {LARGEST_TENSOR >> 20} MB")
        return data

    def _of(self, sample: Sample) -> "dict[str, np.ndarray]":
        if self._stack is None:
            return _arrays(self.read(sample), sample.key)
        row = int(sample.key.rpartition("#")[2])
        return {name: array[row : row + 1] for name, array in self._stack.items()}

    def feeds(self, sample: Sample, ports: "Sequence[Port]") -> "dict[str, np.ndarray]":
        taken = _taken(self._of(sample), ports)
        return {port.name: _in_rank(taken[port.name], port) for port in ports}

    def truths_of(self, samples: Sequence[Sample]) -> tuple[Truth, ...]:
        import numpy as np

        if not self.truths:
            return ()
        rows = [self._of(sample)[self._labels].reshape(-1) for sample in samples]
        if ClassTruth in self.truths:
            return (ClassTruth(np.concatenate(rows).astype(np.int64)),)
        return (NumberTruth(np.stack(rows).astype(np.float64)),)

    def check_tensors(self, ports: "Sequence[Port]") -> None:
        """Reads the headers of every file."""
        faults: list[str] = []
        for sample in self.samples[:1] if self._stack else self.samples:
            key = sample.key.rpartition("#")[0] if self._stack else sample.key
            headers = _headers(self._bytes(key), key)
            faults += [f"{sample.key}: {fault}" for fault in self._faults(headers, ports)]
        if faults:
            more = len(faults) - NAMED
            listed = "; ".join(faults[:NAMED])
            raise InputError(
                f"“{self.name}” does not fit the model's inputs.",
                f"{listed}; and {more:,} more." if more > 0 else f"{listed}.",
                _REMEDY,
            )

    def _faults(self, headers: dict[str, _Array], ports: "Sequence[Port]") -> list[str]:
        if len(ports) == 1 and list(headers) == [_ONLY]:
            headers = {ports[0].name: headers[_ONLY]}
        missing = [port.name for port in ports if port.name not in headers]
        held = ", ".join(name or "one array" for name in headers)
        faults = [f"the input “{name}” is missing (it holds {held})" for name in missing]
        for port in ports:
            if port.name not in headers:
                continue
            shape = headers[port.name].shape
            shape = (1, *shape[1:]) if self._stack else shape
            if not (_fits(shape, port.shape) or _fits((1, *shape), port.shape)):
                given = "×".join(map(str, shape)) or "a single number"
                wanted = "×".join("any" if size is None else str(size) for size in port.shape)
                faults.append(f"“{port.name}” is {given}, the model takes {wanted}")
            if headers[port.name].dtype.kind not in "biuf":
                faults.append(f"“{port.name}” holds no numbers")
        return faults


def _fits(shape: Sequence[int], wanted: Sequence[int | None]) -> bool:
    same = len(shape) == len(wanted)
    return same and all(size in (None, given) for given, size in zip(shape, wanted, strict=True))


def _in_rank(array: "np.ndarray", port: "Port") -> "np.ndarray":
    """With its batch of 1, which files may leave out."""
    fits = _fits(array.shape, port.shape)
    return array if fits or array.ndim >= len(port.shape) else array[None]


def _taken(arrays: "dict[str, np.ndarray]", ports: "Sequence[Port]") -> "dict[str, np.ndarray]":
    if len(ports) == 1 and list(arrays) == [_ONLY]:
        return {ports[0].name: arrays[_ONLY]}
    return arrays


def _rows_in(headers: dict[str, _Array]) -> int:
    """Samples behind each other: the length of the first axis, where all arrays share it."""
    lengths = {header.shape[0] if header.shape else 1 for header in headers.values()}
    return lengths.pop() if len(lengths) == 1 else 1


def _label_in(headers: dict[str, _Array]) -> str:
    found = [name for name in headers if name.lower() in _LABELS]
    return found[0] if len(found) == 1 and len(headers) > 1 else ""


def _kind_of(label: _Array, stacked: bool) -> type[Truth]:
    """A whole number is a class; anything else are numbers to come near to."""
    single = math.prod(label.shape[1:] if stacked else label.shape) == 1
    return ClassTruth if single and label.dtype.kind in "iu" else NumberTruth


def _arrays(data: bytes, key: str) -> "dict[str, np.ndarray]":
    """Every array of a .npz or .npy file. Raises InputError."""
    import numpy as np

    _headers(data, key)  # refuses what would not fit into memory
    try:
        found = cast("object", np.load(io.BytesIO(data), allow_pickle=False))
        if isinstance(found, np.lib.npyio.NpzFile):
            return {name: cast("np.ndarray", found[name]) for name in found.files}
        return {_ONLY: cast("np.ndarray", found)}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, MemoryError) as error:
        raise _unreadable(key, str(error)) from error


def _headers(data: bytes, key: str) -> dict[str, _Array]:
    """Names, dtypes and shapes without reading numbers. Raises InputError."""
    try:
        if suffix_of(key) == ".npy":
            return {_ONLY: _header(io.BytesIO(data), key)}
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found: dict[str, _Array] = {}
            for member in archive.namelist():
                with archive.open(member) as file:
                    found[PurePosixPath(member).name.removesuffix(".npy")] = _header(file, key)
            return found
    except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise _unreadable(key, str(error)) from error


def _header(file: IO[bytes], key: str) -> _Array:
    from numpy.lib import format as npy

    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    size = math.prod(shape) * dtype.itemsize
    if size > LARGEST_TENSOR or dtype.hasobject:
        raise _unreadable(key, f"it declares {size:,} bytes of {dtype}")
    return _Array(dtype, tuple(int(length) for length in shape))


def _unreadable(key: str, why: str) -> InputError:
    return InputError(f"“{key}” cannot be read as tensors.", f"The reason: {why}.", _REMEDY)
