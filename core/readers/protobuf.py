"""Walks over protobuf's binary form without a schema, with every length checked.

Form: https://protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.model.protobuf import BYTES, VARINT, BrokenFile, body, tag, varint


@dataclass(frozen=True)
class Message:
    """One message. Fields are read when they are asked for; large ones are stepped over."""

    data: memoryview

    def fields(self) -> Iterator[tuple[int, int, "int | memoryview"]]:
        """Number, wire type and content of each field: a number, or bytes. Raises BrokenFile."""
        at, end = 0, len(self.data)
        while at < end:
            number, wire, at = tag(self.data, at, end)
            start, after = body(self.data, wire, at, end)
            if wire == VARINT:
                yield number, wire, varint(self.data, start, after)[0]
            else:
                yield number, wire, self.data[start:after]
            at = after

    def messages(self, wanted: int) -> "Iterator[Message]":
        """The messages in a field."""
        for number, wire, value in self.fields():
            if number == wanted and wire == BYTES and not isinstance(value, int):
                yield Message(value)

    def message(self, wanted: int) -> "Message | None":
        """The last message in a field, or None."""
        return ([None, *self.messages(wanted)])[-1]

    def texts(self, wanted: int) -> list[str]:
        """The texts in a field."""
        found = self.messages(wanted)
        return [bytes(inner.data[: 1 << 16]).decode(errors="replace") for inner in found]

    def text(self, wanted: int) -> str:
        """The last text in a field; empty without one."""
        return (self.texts(wanted) or [""])[-1]

    def numbers(self, wanted: int) -> list[int]:
        """The whole numbers in a field, packed or not, as signed 64 bits."""
        found: list[int] = []
        for number, _, value in self.fields():
            if number != wanted:
                continue
            if isinstance(value, int):
                found.append(_signed(value))
                continue
            at = 0
            while at < len(value):
                one, at = varint(value, at, len(value))
                found.append(_signed(one))
        return found

    def number(self, wanted: int, default: int = 0) -> int:
        """The last whole number in a field."""
        return (self.numbers(wanted) or [default])[-1]


def first_tags(start: bytes) -> list[tuple[int, int, bytes]]:
    """Field number, wire type and what is seen of the content, of a file that begins so.

    Empty where the bytes are no protobuf. The last field may be cut off.
    """
    found: list[tuple[int, int, bytes]] = []
    at, end = 0, len(start)
    while at < end:
        try:
            number, wire, at = tag(start, at, end)
            if wire == BYTES:
                length, at = varint(start, at, end)
                after = at + length
            else:
                at, after = body(start, wire, at, end)
        except BrokenFile as error:
            return found if error.offset >= end else []
        found.append((number, wire, start[at:after]))
        at = after
    return found


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
