"""What the numbers of a stored tensor are like: statistics, histogram, ranges, pictures.

Works in blocks, so that a mapped tensor of any size takes little memory. The largest ones are
sampled, and the facts say so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

MOST_ELEMENTS = 64_000_000
"""Beyond this many only every n-th element is looked at."""
BINS = 80
MOST_DISTINCT = 4096
MOST_CHANNELS = 65_536
_BLOCK = 1_000_000
_TABLE = 100
_MOST_FILTERS, _MOST_TILES, _PICTURE, _MOST_PIXELS = 256, 64, 512, 4_000_000

Floats = NDArray[np.float64]
Told = Callable[[float, float], None]
"""Called with how much is done and of how much; may raise to stop."""


class TensorFacts(BaseModel):
    """Statistics over what was looked at; None where there is no finite number."""

    elements: int
    looked_at: int
    """Fewer than `elements` when the tensor was sampled."""
    minimum: float | None
    maximum: float | None
    mean: float | None
    deviation: float | None
    """Standard deviation."""
    zeros: int
    nans: int
    infinities: int
    distinct: int | None
    """Different values; None when they are more than MOST_DISTINCT."""
    axis: int | None
    """The axis of the output channels that `TensorPictures.low` and `high` go along."""


@dataclass(frozen=True)
class TensorPictures:
    """What is drawn of a tensor."""

    edges: Floats
    """Borders of the histogram's bins, one more than `counts`."""
    counts: NDArray[np.int64]
    low: Floats
    """Smallest and largest value of each output channel; empty for a single one."""
    high: Floats
    tiles: NDArray[np.float32]
    """(filter, tile, row, column): small images of the leading filters, or of the matrix."""
    table: NDArray[Any]
    """(row, column): the first values; a row for each place of the first axis."""


def facts_of(
    array: NDArray[Any],
    axis: int,
    told: Told = lambda done, total: None,
    most: int = MOST_ELEMENTS,
) -> tuple[TensorFacts, TensorPictures]:
    """Look at a tensor of numbers. `axis` is the one of its output channels."""
    rows = _rows(array, axis)
    step = max(1, -(-rows.size // most))
    first = _Moments(len(rows))
    total = 2 * -(-rows.shape[1] // step) * len(rows)
    done = 0
    for place, block in _blocks(rows, step):
        first.add(place, block)
        done += block.size
        told(done, total)
    edges = first.edges()
    counts = np.zeros(BINS, dtype=np.int64)
    for _, block in _blocks(rows, step):
        finite = block[np.isfinite(block)]
        counts += np.histogram(finite, edges)[0]
        done += block.size
        told(done, total)
    several = 1 < len(rows) <= MOST_CHANNELS
    none = np.zeros(0)
    low, high = (first.low, first.high) if several else (none, none)
    pictures = TensorPictures(edges, counts, low, high, _tiles(array, axis), _table(array))
    return first.facts(array.size, axis if several else None), pictures


def output_axis(operator: str, attributes: Mapping[str, str], rank: int) -> int:
    """Along which axis of its weight an operator's output channels lie."""
    if rank < 2:
        return 0
    if operator in ("MatMul", "QLinearMatMul", "MatMulInteger"):
        return rank - 1
    if operator == "Gemm":
        return 0 if attributes.get("transB", "0") == "1" else 1
    return 1 if operator == "ConvTranspose" else 0


class _Moments:
    """What can be gathered block by block."""

    def __init__(self, channels: int) -> None:
        self.low = np.full(channels, np.inf)
        self.high = np.full(channels, -np.inf)
        self._count = self._zeros = self._nans = self._infinities = 0
        self._mean = self._squares = 0.0
        self._distinct: NDArray[Any] | None = np.zeros(0)

    def add(self, place: slice, block: Floats) -> None:
        finite = np.isfinite(block)
        whole = bool(finite.all())
        known = block.ravel() if whole else block[finite]
        self._merge(known)
        self._zeros += int(np.count_nonzero(known == 0))
        if not whole:
            nans = int(np.isnan(block).sum())
            self._nans += nans
            self._infinities += block.size - len(known) - nans
        low = block if whole else np.where(finite, block, np.inf)
        high = block if whole else np.where(finite, block, -np.inf)
        if block.size:
            self.low[place] = np.minimum(self.low[place], low.min(axis=1))
            self.high[place] = np.maximum(self.high[place], high.max(axis=1))
        if self._distinct is not None:
            found = np.unique(np.concatenate([self._distinct, np.unique(known)]))
            self._distinct = found if len(found) <= MOST_DISTINCT else None

    def _merge(self, known: Floats) -> None:
        """Mean and squares of two parts together (Chan, Golub and LeVeque 1979)."""
        if not len(known):
            return
        mean = float(known.mean())
        squares = float(((known - mean) ** 2).sum())
        together = self._count + len(known)
        gap = mean - self._mean
        self._squares += squares + gap * gap * self._count * len(known) / together
        self._mean += gap * len(known) / together
        self._count = together

    def edges(self) -> Floats:
        low, high = self._ends() or (0.0, 0.0)
        if low == high:
            low, high = low - 0.5, high + 0.5
        return np.linspace(low, high, BINS + 1)

    def _ends(self) -> tuple[float, float] | None:
        return (float(self.low.min()), float(self.high.max())) if self._count else None

    def facts(self, elements: int, axis: int | None) -> TensorFacts:
        ends = self._ends()
        return TensorFacts(
            elements=elements,
            looked_at=self._count + self._nans + self._infinities,
            minimum=ends and ends[0],
            maximum=ends and ends[1],
            mean=self._mean if ends else None,
            deviation=float(np.sqrt(self._squares / self._count)) if ends else None,
            zeros=self._zeros,
            nans=self._nans,
            infinities=self._infinities,
            distinct=None if self._distinct is None else len(self._distinct),
            axis=axis,
        )


@dataclass(frozen=True)
class _Rows:
    """A tensor as a matrix with one row per output channel, cut out of it block by block."""

    moved: NDArray[Any]
    shape: tuple[int, int]

    @property
    def size(self) -> int:
        return self.shape[0] * self.shape[1]

    def __len__(self) -> int:
        return self.shape[0]


def _rows(array: NDArray[Any], axis: int) -> _Rows:
    if array.ndim == 0:
        return _Rows(array.reshape(1, 1), (1, 1))
    if array.ndim == 1:
        return _Rows(array.reshape(1, -1), (1, array.size))
    moved = np.moveaxis(array, axis, 0)
    return _Rows(moved, (moved.shape[0], prod(moved.shape[1:])))


def _blocks(rows: _Rows, step: int) -> Iterator[tuple[slice, Floats]]:
    """Rows of about _BLOCK elements as float64; of a longer row piece by piece."""
    length = rows.shape[1]
    if not rows.size:
        return
    many = max(1, _BLOCK // length)
    for start in range(0, len(rows), many):
        place = slice(start, start + many)
        flat = rows.moved[place].reshape(-1, rows.shape[1])
        for column in range(0, length, _BLOCK):
            piece = flat[:, column : column + _BLOCK : step]
            yield place, piece.astype(np.float64)


def _tiles(array: NDArray[Any], axis: int) -> NDArray[np.float32]:
    """The last two axes are a tile's; a matrix, or filters of 1×1, are one tile, thinned to fit."""
    if array.ndim < 2 or not array.size:
        return np.zeros((0, 0, 0, 0), dtype=np.float32)
    flat = np.moveaxis(array, axis, 0)
    if prod(array.shape) == flat.shape[0] * flat.shape[1]:
        shown = flat.reshape(1, 1, *flat.shape[:2])
    elif array.ndim == 3:
        shown = flat[:_MOST_FILTERS, None]
    else:
        inner = (slice(_MOST_FILTERS), slice(_MOST_TILES), *[0] * (array.ndim - 4))
        shown = flat[inner]
    down, across = (max(1, -(-size // _PICTURE)) for size in shown.shape[2:])
    thin = shown[:, :, ::down, ::across]
    tiles = max(1, _MOST_PIXELS // max(prod(thin.shape[2:]), 1))
    filters = max(1, tiles // thin.shape[1])
    return thin[:filters, :tiles].astype(np.float32)


def _table(array: NDArray[Any]) -> NDArray[Any]:
    first = array[:_TABLE] if array.ndim else array.reshape(1)
    shown = first.reshape(len(first), -1 if array.size else 0)[:, :_TABLE]
    return shown.astype(np.float32) if array.dtype.kind == "V" else shown.copy()
