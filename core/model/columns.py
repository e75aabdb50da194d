"""The layers, tensors and weights of a graph as columns of numbers and one store of texts.

A graph of 100,000 layers is two million Python objects; as columns it is thirty arrays, which a
worker writes to a file in a few milliseconds and a window maps. The objects of core.model.graph are
made one by one, when somebody asks for one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import eq
from typing import NamedTuple, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from core.model.graph import Dimension, Layer, LayerId, Tensor, Weight

Ints: TypeAlias = NDArray[np.int64]
Row = TypeVar("Row", Tensor, Weight)

UNKNOWN = -1
"""In `operations`: not known. In a column of shapes: the rank is not known."""


class Ragged(NamedTuple):
    """Rows of different lengths, one after the other."""

    starts: Ints
    """One more than there are rows."""
    of: Ints

    def row(self, index: int) -> list[int]:
        return self.of[self.starts[index] : self.starts[index + 1]].tolist()

    @property
    def rows(self) -> Ints:
        """The row that each number belongs to."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def taken(self, rows: Ints) -> "Ragged":
        """These rows, in this order."""
        counts = np.diff(self.starts)[rows]
        starts = starts_of(counts)
        shift: Ints = np.repeat(self.starts[rows] - starts[:-1], counts)
        places = np.arange(len(shift)) + shift
        return Ragged(starts, self.of[places])

    def only(self, chosen: NDArray[np.bool_]) -> "Ragged":
        """Without the numbers for which `chosen` is false."""
        counts = np.bincount(self.rows[chosen], minlength=len(self.starts) - 1)
        return Ragged(starts_of(counts), self.of[chosen])


def starts_of(counts: Ints) -> Ints:
    """Where rows of these lengths begin, and where the last ends."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


N = TypeVar("N", bound=np.generic)


def distinct(numbers: NDArray[N]) -> NDArray[N]:
    """The different numbers, sorted. numpy's own unique takes ten times as long for large ones, and
    imports half a hundred milliseconds of masked arrays.
    """
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def ragged(rows: Iterable[Sequence[int]]) -> Ragged:
    rows = list(rows)
    counts = np.array([len(row) for row in rows], np.int64)
    return Ragged(starts_of(counts), np.array([n for row in rows for n in row], np.int64))


class Texts:
    """Many texts, UTF-8, each stored once; known by their numbers."""

    def __init__(self, octets: bytes | memoryview, starts: Ints) -> None:
        """Text i reaches from `starts[i]` to one before `starts[i + 1]`, where a space stands."""
        self.octets = octets
        self.starts = starts

    def __getitem__(self, number: int) -> str:
        return str(self.octets[self.starts[number] : self.starts[number + 1] - 1], "utf-8")

    def __len__(self) -> int:
        return len(self.starts) - 1

    def find(self, text: str) -> int | None:
        """The number of a text."""
        wanted = np.frombuffer(text.encode(), np.uint8)
        same = np.flatnonzero(np.diff(self.starts) == len(wanted) + 1)
        octets = np.frombuffer(self.octets, np.uint8)
        for place in range(len(wanted) - 1, -1, -1):  # names differ at their ends
            same = same[octets[self.starts[same] + place] == wanted[place]]
        return int(same[0]) if len(same) else None

    def joined(self, numbers: Ints) -> bytes:
        """The texts with these numbers one after the other, each with a space behind it."""
        first = np.flatnonzero(np.diff(numbers, prepend=-2) != 1)  # of each run of neighbours
        last = np.append(first, len(numbers))[1:] - 1
        begins, ends = self.starts[numbers[first]], self.starts[numbers[last] + 1]
        pieces = zip(begins.tolist(), ends.tolist(), strict=True)
        return b"".join([self.octets[one:two] for one, two in pieces])

    def all_of(self, numbers: Ints) -> list[str]:
        """The texts with these numbers; each different one is made once."""
        if (np.diff(numbers) > 0).all():
            return self._made(numbers)
        different, places = np.unique(numbers, return_inverse=True)
        return list(map(self._made(different).__getitem__, places.tolist()))

    def _made(self, numbers: Ints) -> list[str]:
        """The same for different numbers, sorted."""
        ends = np.cumsum(self.starts[numbers + 1] - self.starts[numbers])
        octets = self.joined(numbers)
        spans = pairwise([0, *ends.tolist()])
        if octets.isascii():
            text = octets.decode()
            return [text[one : two - 1] for one, two in spans]
        return [octets[one : two - 1].decode() for one, two in spans]


@dataclass(frozen=True, eq=False)
class Columns:
    """Numbers of texts unless it says otherwise; one row per layer, tensor or weight."""

    texts: Texts
    ids: Ints
    names: Ints
    operators: Ints
    domains: Ints
    scopes: Ints
    """Rows of `scope_parts`."""
    scope_parts: Ragged
    inputs: Ragged
    outputs: Ragged
    weights: Ragged
    slots: Ragged
    attributes: Ints
    """Rows of `attribute_texts`."""
    attribute_texts: Ragged
    """Name, value, name, value …"""
    parameters: Ints
    """A count, as are the next two."""
    weight_bytes: Ints
    operations: Ints
    output_shapes: Ints
    """Rows of `sizes`, as are the other columns of shapes."""
    output_dtypes: Ints
    details: Ints
    sizes: Ragged
    """Each a size, or the number of the text that names it."""
    size_kinds: Ints
    """Beside `sizes.of`: what each number is, see `SIZE`, `NAMED` and `FREE`."""
    tensor_names: Ints
    tensor_dtypes: Ints
    tensor_shapes: Ints
    stored_names: Ints
    """Weights, as are the next three."""
    stored_dtypes: Ints
    stored_shapes: Ints
    stored_bytes: Ints
    """A count."""

    def shape(self, row: int) -> tuple[Dimension, ...] | None:
        if row == UNKNOWN:
            return None
        one, two = self.sizes.starts[row : row + 2]
        kinds = self.size_kinds[one:two].tolist()
        return tuple(
            number if kind == SIZE else self.texts[number] if kind == NAMED else None
            for number, kind in zip(self.sizes.of[one:two].tolist(), kinds, strict=True)
        )

    @cached_property
    def scope_paths(self) -> tuple[tuple[str, ...], ...]:
        words = self.texts.all_of(self.scope_parts.of)
        starts = self.scope_parts.starts.tolist()
        return tuple(tuple(words[one:two]) for one, two in pairwise(starts))

    def layer(self, row: int) -> Layer:
        """One layer, made afresh."""
        words = self._row(self.attribute_texts, int(self.attributes[row]))
        operations = int(self.operations[row])
        return Layer(
            id=LayerId(self.texts[int(self.ids[row])]),
            name=self.texts[int(self.names[row])],
            operator=self.texts[int(self.operators[row])],
            domain=self.texts[int(self.domains[row])],
            scope=tuple(self._row(self.scope_parts, int(self.scopes[row]))),
            inputs=tuple(self._row(self.inputs, row)),
            outputs=tuple(self._row(self.outputs, row)),
            weights=tuple(self._row(self.weights, row)),
            attributes=dict(zip(words[::2], words[1::2], strict=True)),
            parameters=int(self.parameters[row]),
            weight_bytes=int(self.weight_bytes[row]),
            operations=None if operations == UNKNOWN else operations,
            output_shape=self.shape(int(self.output_shapes[row])),
            output_dtype=self.texts[int(self.output_dtypes[row])],
            detail=self.texts[int(self.details[row])],
            slots=tuple(self._row(self.slots, row)),
        )

    def tensor(self, row: int) -> Tensor:
        return Tensor(
            self.texts[int(self.tensor_names[row])],
            self.texts[int(self.tensor_dtypes[row])],
            self.shape(int(self.tensor_shapes[row])),
        )

    def weight(self, row: int) -> Weight:
        shape = self.shape(int(self.stored_shapes[row])) or ()
        return Weight(
            self.texts[int(self.stored_names[row])],
            self.texts[int(self.stored_dtypes[row])],
            tuple(size for size in shape if isinstance(size, int)),
            int(self.stored_bytes[row]),
        )

    def _row(self, column: Ragged, row: int) -> list[str]:
        return [self.texts[number] for number in column.row(row)]


SIZE, NAMED, FREE = 0, 1, 2


class ColumnLayers(Sequence[Layer]):
    """The layers in columns. One that was asked for by its place stays the same object."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._made: dict[int, Layer] = {}

    @override
    def __len__(self) -> int:
        return len(self.columns.ids)

    @overload
    def __getitem__(self, index: int) -> Layer: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Layer, ...]: ...
    @override
    def __getitem__(self, index: int | slice) -> Layer | tuple[Layer, ...]:
        if isinstance(index, slice):
            return tuple(self[row] for row in range(*index.indices(len(self))))
        row = range(len(self))[index]
        if row not in self._made:
            self._made[row] = self.columns.layer(row)
        return self._made[row]

    @override
    def __iter__(self) -> Iterator[Layer]:
        """Without keeping them: all layers of a large graph are many objects."""
        return (self._made.get(row) or self.columns.layer(row) for row in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        layers: Sequence[object] = other  # pyright: ignore[reportUnknownVariableType]  # of anything
        return len(self) == len(layers) and all(map(eq, self, layers))

    __hash__ = None  # pyright: ignore[reportAssignmentType]  # as Python has it for lists


class ColumnRows(Mapping[str, Row]):
    """Tensors or weights by name, from their columns."""

    def __init__(self, texts: Texts, names: Ints, row: Callable[[int], Row]) -> None:
        self._texts = texts
        self._names = names
        self._row = row

    @cached_property
    def _rows(self) -> dict[str, int]:
        names = self._texts.all_of(self._names)
        return {name: row for row, name in enumerate(names)}

    @override
    def __getitem__(self, name: str) -> Row:
        return self._row(self._rows[name])

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    @override
    def __contains__(self, name: object) -> bool:
        return name in self._rows

    @override
    def __len__(self) -> int:
        return len(self._names)


class LayersById(Mapping[LayerId, Layer]):
    """Layers by their ids."""

    def __init__(self, index_of: Mapping[LayerId, int], layers: Sequence[Layer]) -> None:
        self._index_of = index_of
        self._layers = layers

    @override
    def __getitem__(self, layer: LayerId) -> Layer:
        return self._layers[self._index_of[layer]]

    @override
    def __iter__(self) -> Iterator[LayerId]:
        return iter(self._index_of)

    @override
    def __len__(self) -> int:
        return len(self._index_of)
