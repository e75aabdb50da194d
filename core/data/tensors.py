"""Named tensors of many samples in a folder: one .npy file for each name, mapped, not loaded."""

import json
import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self, TypeVar, cast

from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

_MADE = TypeVar("_MADE")

INDEX_FILE = "tensors.json"
_HEADER_BYTES = 256
"""Room for the .npy header, which is written last, when the number of samples is known."""


@dataclass(frozen=True)
class Ragged:
    """Tensors of different shapes behind each other; reads like an array of them."""

    flat: "np.ndarray"
    shapes: "np.ndarray"
    """int64, (samples, axes)."""
    starts: "np.ndarray"
    """int64, (samples,): where each begins in `flat`."""

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, index: int) -> "np.ndarray":
        shape = tuple(int(size) for size in self.shapes[index])
        start = int(self.starts[index])
        return self.flat[start : start + math.prod(shape)].reshape(shape)


@dataclass(frozen=True, eq=False)
class Tensors:
    """One tensor of each name for every sample, in the shape that the model takes or gives.

    `columns[name][index]` is one sample's tensor with its batch of 1. Where all samples have the
    same shape the column is one array, (samples, *shape).
    """

    columns: "Mapping[str, np.ndarray | Ragged]"
    _derived: dict[Hashable, object] = field(
        default_factory=dict[Hashable, object], init=False, repr=False
    )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Map what TensorWriter wrote. Raises InputError."""
        try:
            index = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))
            return cls({name: _column(folder / file) for name, file in index.items()})
        except (OSError, ValueError, AttributeError) as error:
            raise InputError(
                f"“{folder.name}” holds no tensors.",
                f"Its {INDEX_FILE} or a file named there cannot be read ({error}).",
                "Make it again.",
            ) from error

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    @property
    def count(self) -> int:
        return min((len(column) for column in self.columns.values()), default=0)

    def sample(self, index: int) -> "dict[str, np.ndarray]":
        return {name: column[index] for name, column in self.columns.items()}

    def first(self, count: int) -> "Tensors":
        """The beginning of every column, still mapped."""
        return self.take(range(min(count, self.count)))

    def take(self, indices: Sequence[int]) -> "Tensors":
        """Some samples, read into memory."""
        import numpy as np

        def some(column: "np.ndarray | Ragged") -> "np.ndarray | Ragged":
            if isinstance(column, np.ndarray):
                return column[np.asarray(indices, dtype=np.int64)]
            return ragged([column[index] for index in indices])

        return Tensors({name: some(column) for name, column in self.columns.items()})

    def derived(self, key: Hashable, make: Callable[[], _MADE]) -> _MADE:
        """What `make` computes from these tensors, once; it lives as long as they do."""
        if key not in self._derived:
            self._derived[key] = make()
        return cast("_MADE", self._derived[key])

    def stacked(self, name: str) -> "np.ndarray | None":
        """(samples, *shape), or None where the shapes differ."""
        import numpy as np

        column = self.columns[name]
        return column if isinstance(column, np.ndarray) else None


def column_of(tensors: "Sequence[np.ndarray]") -> "np.ndarray | Ragged":
    """One tensor for each sample; an array where all have the same shape."""
    import numpy as np

    alike = len({tensor.shape for tensor in tensors}) == 1
    return np.stack(tensors) if alike else ragged(tensors)


def ragged(tensors: "Sequence[np.ndarray]") -> Ragged:
    """Tensors with the same number of axes and dtype, whatever their shapes."""
    import numpy as np

    axes = {tensor.ndim for tensor in tensors}
    if len(axes) > 1:
        raise ValueError("tensors of one name need the same number of axes")
    shapes = np.asarray([tensor.shape for tensor in tensors], dtype=np.int64)
    flat = np.concatenate([tensor.reshape(-1) for tensor in tensors])
    return _ragged(flat, shapes.reshape(len(tensors), *axes))


def _ragged(flat: "np.ndarray", shapes: "np.ndarray") -> Ragged:
    import numpy as np

    sizes = shapes.prod(axis=1, dtype=np.int64)
    return Ragged(flat, shapes, np.cumsum(sizes) - sizes)


def _column(file: Path) -> "np.ndarray | Ragged":
    import numpy as np

    values = cast("np.ndarray", np.load(file, mmap_mode="r", allow_pickle=False))
    shapes = _shapes_file(file)
    if not shapes.exists():
        return values
    return _ragged(values, cast("np.ndarray", np.load(shapes, allow_pickle=False)))


def _shapes_file(file: Path) -> Path:
    return file.with_suffix(".shapes.npy")


class TensorWriter:
    """Writes samples one after the other; use as a context manager. Memory stays small.

    Real numbers are kept as float32, whole numbers as they are. The folder can be read once the
    block ends without an exception.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._columns: dict[str, _Column] = {}
        self._files = ExitStack()
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def append(self, sample: "Mapping[str, np.ndarray]") -> None:
        """Raises ValueError when a name, dtype or number of axes differs from the first sample."""
        if not self._columns:
            for number, name in enumerate(sample):
                file = self._files.enter_context((self._folder / f"{number}.npy").open("wb"))
                self._columns[name] = _Column(file)
        if sample.keys() != self._columns.keys():
            raise ValueError(f"a sample has {sorted(sample)}, not {sorted(self._columns)}")
        for name, tensor in sample.items():
            self._columns[name].append(tensor)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._files:
            if kind is not None:
                return
            for number, column in enumerate(self._columns.values()):
                column.finish(_shapes_file(self._folder / f"{number}.npy"))
        index = {name: f"{number}.npy" for number, name in enumerate(self._columns)}
        (self._folder / INDEX_FILE).write_text(json.dumps(index), encoding="utf-8")


class _Column:
    """One file that grows; its header comes last."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._shapes: list[tuple[int, ...]] = []
        self._dtype: np.dtype | None = None
        file.write(b" " * _HEADER_BYTES)

    def append(self, tensor: "np.ndarray") -> None:
        import numpy as np

        # Types that numpy does not know itself, such as bfloat16, count as real numbers too.
        whole = tensor.dtype.kind in "biu"
        values = np.ascontiguousarray(tensor if whole else tensor.astype(np.float32, copy=False))
        values = values.reshape(tensor.shape)  # a number without axes would get one
        if self._shapes and (values.dtype != self._dtype or values.ndim != len(self._shapes[0])):
            raise ValueError("tensors of one name need the same dtype and number of axes")
        self._dtype = values.dtype
        self._shapes.append(values.shape)
        self._file.write(values.tobytes())

    def finish(self, shapes_file: Path) -> None:
        import numpy as np

        alike = len(set(self._shapes)) == 1
        total = sum(math.prod(shape) for shape in self._shapes)
        shape = (len(self._shapes), *self._shapes[0]) if alike else (total,)
        if not alike:
            np.save(shapes_file, np.asarray(self._shapes, dtype=np.int64))
        assert self._dtype is not None
        self._file.seek(0)
        self._file.write(_header(self._dtype, shape))


def _header(dtype: "np.dtype", shape: tuple[int, ...]) -> bytes:
    """A .npy header, version 1.0 (numpy.lib.format), of exactly _HEADER_BYTES."""
    text = repr({"descr": dtype.str, "fortran_order": False, "shape": shape})
    start = b"\x93NUMPY\x01\x00" + (_HEADER_BYTES - 10).to_bytes(2, "little")
    return start + text.encode("ascii").ljust(_HEADER_BYTES - 11) + b"\n"


def samples_of(tensors: Tensors) -> "Iterator[dict[str, np.ndarray]]":
    """Every sample's tensors by name, in order."""
    for index in range(tensors.count):
        yield tensors.sample(index)
