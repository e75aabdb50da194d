"""Walks over protobuf's binary form without a schema, with every length checked.

Form: https://protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class BrokenMessage(ValueError):
    """The bytes are no protobuf message."""


@dataclass(frozen=True)
class Message:
    """One message. Fields are read when they are asked for; large ones are stepped over."""

    data: memoryview

    def fields(self) -> Iterator[tuple[int, int, "int | memoryview"]]:
        """Number, wire type and content of each field: a number, or bytes. Raises BrokenMessage."""
        at, end = 0, len(self.data)
        while at < end:
            tag, at = _varint(self.data, at)
            number, wire = tag >> 3, tag & 7
            if number == 0 or wire not in (_VARINT, _FIXED64, _BYTES, _FIXED32):
                raise BrokenMessage("A part of it is no protobuf field.")
            if wire == _VARINT:
                value, at = _varint(self.data, at)
                yield number, wire, value
                continue
            length = {_FIXED64: 8, _FIXED32: 4}.get(wire, 0)
            if wire == _BYTES:
                length, at = _varint(self.data, at)
            if at + length > end:
                raise BrokenMessage(f"A part lacks its last {at + length - end:,} bytes.")
            yield number, wire, self.data[at : at + length]
            at += length

    def messages(self, wanted: int) -> "Iterator[Message]":
        """The messages in a field."""
        for number, wire, value in self.fields():
            if number == wanted and wire == _BYTES and not isinstance(value, int):
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
                one, at = _varint(value, at)
                found.append(_signed(one))
        return found

    def number(self, wanted: int, default: int = 0) -> int:
        """The last whole number in a field."""
        return (self.numbers(wanted) or [default])[-1]

    def by_number(self) -> "dict[int, list[int | memoryview]]":
        """All fields at once, for a message of which most are needed."""
        found: dict[int, list[int | memoryview]] = {}
        for number, _, value in self.fields():
            found.setdefault(number, []).append(value)
        return found


def first_tags(start: bytes) -> list[tuple[int, int, bytes]]:
    """Field number, wire type and what is seen of the content, of a file that begins so.

    Empty where the bytes are no protobuf. The last field may be cut off.
    """
    found: list[tuple[int, int, bytes]] = []
    view, at = memoryview(start), 0
    while at < len(view):
        try:
            tag, at = _varint(view, at)
            number, wire = tag >> 3, tag & 7
            if number == 0 or wire not in (_VARINT, _FIXED64, _BYTES, _FIXED32):
                return []
            length = {_FIXED64: 8, _FIXED32: 4}.get(wire, 0)
            if wire in (_VARINT, _BYTES):
                value, after = _varint(view, at)
                content = start[at:after] if wire == _VARINT else b""
                at, length = after, value if wire == _BYTES else 0
            else:
                content = b""
            found.append((number, wire, content or start[at : at + length]))
            at += length
        except BrokenMessage:
            break
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            break
    raise BrokenMessage("A number in it has no end.")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
