"""Reads FlatBuffers by a schema that is data, with every offset checked against the file.

Format: https://flatbuffers.dev/internals. A table is a row of slots, each an offset or empty.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MOST_VALUES = 50_000_000
"""Values that one file may make this reader read: parts may be shared, and shared again."""
LONGEST_TEXT = 1 << 20

_SCALARS: Mapping[str, str] = {
    "Bool": "?", "Int8": "b", "Uint8": "B", "Int16": "h", "Uint16": "H", "Int32": "i",
    "Uint32": "I", "Int64": "q", "Uint64": "Q", "Float32": "f", "Float64": "d",
}  # fmt: skip

_READERS: Mapping[str, struct.Struct] = {
    code: struct.Struct(f"<{code}") for code in _SCALARS.values()
}


class BrokenBuffer(ValueError):
    """An offset or a length that leads out of the file."""


class Field(NamedTuple):
    """One field of a table, as the schema's data gives it."""

    slot: int
    kind: str
    """number, numbers, text, texts, table, tables or union."""
    element: str
    """The number's type, or the table's name."""
    enumeration: str
    default: Any


@dataclass
class Buffer:
    """The file's bytes and the schema's tables."""

    data: memoryview
    tables: Mapping[str, Mapping[str, Field]]
    _left: int = field(default=MOST_VALUES, init=False)

    def root(self, table: str) -> "Table":
        """The table that the file begins with."""
        return self.table(table, self.number("I", 0))

    def table(self, name: str, at: int) -> "Table":
        if name not in self.tables:
            raise BrokenBuffer(f"There is no table “{name}”.")
        vtable = at - self.number("i", at)
        size = self.number("H", vtable)
        if size < 4 or size % 2:
            raise BrokenBuffer(f"The table at byte {at:,} is broken.")
        return Table(self, name, at, self.numbers("H", vtable, size // 2))

    def number(self, code: str, at: int) -> int:
        if at < 0:
            raise BrokenBuffer("An offset leads to before the file.")
        try:
            return _READERS[code].unpack_from(self.data, at)[0]
        except struct.error as error:
            raise BrokenBuffer(f"A number at byte {at:,} is not in the file.") from error

    def numbers(self, code: str, at: int, count: int) -> tuple[Any, ...]:
        """`count` little-endian numbers."""
        self.check(at, count * _READERS[code].size)
        self.spend(count)
        return struct.unpack_from(f"<{count}{code}", self.data, at)

    def check(self, at: int, size: int) -> None:
        """Raise BrokenBuffer unless these bytes lie in the file."""
        if at < 0 or size < 0 or at + size > len(self.data):
            raise BrokenBuffer(f"A part of {size:,} bytes at byte {at:,} is not in the file.")

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise BrokenBuffer("The same parts of the file are used over and over again.")

    def vector(self, at: int, size: int) -> tuple[int, int]:
        """Where the elements of the vector that is referred to at `at` begin, and their count."""
        start = at + self.number("I", at)
        count = self.number("I", start)
        self.check(start + 4, count * size)
        return start + 4, count

    def text(self, at: int) -> str:
        start, count = self.vector(at, 1)
        count = min(count, LONGEST_TEXT)
        self.spend(count)
        return bytes(self.data[start : start + count]).decode(errors="replace")


@dataclass(frozen=True)
class Table:
    """One table; its fields are read when they are asked for."""

    buffer: Buffer
    name: str
    _at: int
    _slots: tuple[int, ...]
    """Two sizes, then where each field lies in the table; 0 for one that is left out."""

    def number(self, name: str) -> int:
        """A whole number, a switch, or the field's default."""
        about = self._field(name)
        at = self._place(about)
        if at is None:
            return about.default
        return self.buffer.number(_SCALARS[about.element], at)

    def numbers(self, name: str) -> tuple[Any, ...]:
        about = self._field(name)
        start, count = self.span(name)
        return self.buffer.numbers(_SCALARS[about.element], start, count)

    def span(self, name: str) -> tuple[int, int]:
        """Where a vector of numbers begins in the file, and its count; reads none of them."""
        about = self._field(name)
        at = self._place(about)
        if at is None:
            return 0, 0
        return self.buffer.vector(at, _READERS[_SCALARS[about.element]].size)

    def text(self, name: str) -> str:
        at = self._place(self._field(name))
        return "" if at is None else self.buffer.text(at)

    def texts(self, name: str) -> list[str]:
        return [self.buffer.text(at) for at in self._references(name)]

    def table(self, name: str) -> "Table | None":
        about = self._field(name)
        return self.union(name, about.element)

    def union(self, name: str, table: str) -> "Table | None":
        """The table behind a union, whose type another field tells."""
        at = self._place(self._field(name))
        if at is None:
            return None
        return self.buffer.table(table, at + self.buffer.number("I", at))

    def tables(self, name: str) -> "list[Table]":
        element = self._field(name).element
        number = self.buffer.number
        return [self.buffer.table(element, at + number("I", at)) for at in self._references(name)]

    def present(self) -> Iterator[tuple[str, Field]]:
        """The schema's fields, those that hold a table or are missing without default left out."""
        for name, about in self.buffer.tables[self.name].items():
            if about.kind == "number" or self._place(about) is not None:
                yield name, about

    def value(self, name: str) -> object:
        """A field of any plain kind; None for tables."""
        readers: Mapping[str, Callable[[str], object]] = {
            "number": self.number,
            "numbers": self.numbers,
            "text": self.text,
            "texts": self.texts,
        }
        reader = readers.get(self._field(name).kind)
        return None if reader is None else reader(name)

    def _references(self, name: str) -> Iterator[int]:
        at = self._place(self._field(name))
        if at is None:
            return
        start, count = self.buffer.vector(at, 4)
        self.buffer.spend(count)
        yield from range(start, start + 4 * count, 4)

    def _field(self, name: str) -> Field:
        return self.buffer.tables[self.name][name]

    def _place(self, about: Field) -> int | None:
        slot = about.slot // 2
        offset = self._slots[slot] if slot < len(self._slots) else 0
        return self._at + offset if offset else None
