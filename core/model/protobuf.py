"""Protobuf's bytes: numbers, tags and fields, read and written one at a time.

Wire format: https://protobuf.dev/programming-guides/encoding.
"""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class BrokenFile(ValueError):
    """The bytes are no protobuf message; `offset` is where that became clear."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.why = why
        self.offset = offset


def varint(data: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends."""
    value = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise BrokenFile("A number is longer than a protobuf number can be.", at)
    raise BrokenFile("The file ends in the middle of a number.", at)


def tag(data: bytes | memoryview, at: int, end: int) -> tuple[int, int, int]:
    """Field number, wire type, and where the field's body begins."""
    value, after = varint(data, at, end)
    number, wire = value >> 3, value & 7
    if number == 0 or wire not in (VARINT, FIXED64, BYTES, FIXED32):
        raise BrokenFile("This is no protobuf field.", at)
    return number, wire, after


def body(data: bytes | memoryview, wire: int, at: int, end: int) -> tuple[int, int]:
    """Where a field's content begins and ends."""
    if wire == VARINT:
        return at, varint(data, at, end)[1]
    if wire == BYTES:
        length, start = varint(data, at, end)
    else:
        length, start = (8 if wire == FIXED64 else 4), at
    if start + length > end:
        missing = start + length - end
        raise BrokenFile(f"A part of {length:,} bytes lacks its last {missing:,}.", at)
    return start, start + length


def varint_bytes(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def head(number: int, length: int) -> bytes:
    """What stands before the content of a field of bytes."""
    return varint_bytes(number << 3 | BYTES) + varint_bytes(length)


def field(number: int, content: bytes) -> bytes:
    """A whole field of bytes."""
    return head(number, len(content)) + content
