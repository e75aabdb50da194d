"""Numbers for texts and shapes while columns are made: equal ones get the same number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count, islice

import numpy as np

from core.model.columns import FREE, NAMED, SIZE, UNKNOWN, Ints, Ragged, Texts, ragged, starts_of
from core.model.graph import Dimension

LARGEST = (1 << 63) - 1


class TextStore:
    """Texts as UTF-8 and their numbers. The empty text has the number 0."""

    def __init__(self) -> None:
        self._number = defaultdict[bytes, int](count(1).__next__, {b"": 0})
        """Whoever asks for a text that is new gives it the next number."""
        self._listed: list[bytes] = []

    def __len__(self) -> int:
        return len(self._number)

    def number(self, text: str) -> int:
        return self._number[text.encode()]

    def numbers(self, texts: Iterable[str]) -> list[int]:
        return [self.number(text) for text in texts]

    def numbers_of(self, pieces: Sequence[bytes]) -> Ints:
        """The numbers of very many texts in UTF-8. Raises UnicodeDecodeError for others."""
        before = len(self._number)
        found = np.fromiter(map(self._number.__getitem__, pieces), np.int64, len(pieces))
        is_new = len(self._number) > before
        if is_new and not all(map(bytes.isascii, islice(self._number, before, None))):
            b" ".join(islice(self._number, before, None)).decode()
        return found

    def known(self, text: str) -> int | None:
        """The number of a text, if it has one."""
        return self._number.get(text.encode())

    def text(self, number: int) -> str:
        return self._all[number].decode()

    def all_of(self, numbers: Ints) -> list[str]:
        """The texts with these numbers."""
        return list(map(bytes.decode, map(self._all.__getitem__, numbers.tolist())))

    @property
    def _all(self) -> list[bytes]:
        """The texts by number; renewed when there are more."""
        if len(self._listed) < len(self._number):
            self._listed = list(self._number)
        return self._listed

    def texts(self) -> Texts:
        octets = b" ".join((*self._number, b""))
        lengths = np.fromiter(map(len, self._number), np.int64, len(self._number))
        return Texts(octets, starts_of(lengths + 1))


class ShapeStore:
    """Shapes and their numbers; None, the shape of unknown rank, has the number UNKNOWN."""

    def __init__(self, texts: TextStore) -> None:
        self._texts = texts
        self._number: dict[tuple[Dimension, ...], int] = {}

    def number(self, shape: tuple[Dimension, ...] | None) -> int:
        return UNKNOWN if shape is None else self._number.setdefault(shape, len(self._number))

    def numbers(self, shapes: Iterable[tuple[Dimension, ...] | None]) -> Ints:
        return np.array([self.number(shape) for shape in shapes], np.int64)

    def columns(self) -> tuple[Ragged, Ints]:
        """The sizes, and of what kind each is."""
        rows = ragged([[self._size(size) for size in shape] for shape in self._number])
        kinds = [_kind(size) for shape in self._number for size in shape]
        return rows, np.array(kinds, np.int64)

    def _size(self, size: Dimension) -> int:
        match size:
            case None:
                return 0
            case str():
                return self._texts.number(size)
            case _:
                return bounded(size)


def bounded(number: int) -> int:
    """A number that a column can hold: a forged model may claim more bytes than there can be."""
    return min(max(number, -LARGEST), LARGEST)


def _kind(size: Dimension) -> int:
    return FREE if size is None else NAMED if isinstance(size, str) else SIZE
