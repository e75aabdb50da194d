"""Reads the structure of an ONNX file from its bytes and leaves the weights where they are.

A protobuf message is a row of fields, each with its length in front, so a reader can step over the
numbers of a weight without touching them. What comes out is a small, valid ModelProto in which
every large weight has become external data that points into the original file by offset and length.
Wire format: https://protobuf.dev/programming-guides/encoding; field numbers: onnx.proto.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

LARGE = 4096
"""Bytes from which a message is looked into; smaller ones are copied whole."""
DEEPEST = 100
"""Nesting that protobuf itself allows."""
LONGEST_SKELETON = 1 << 29
"""Bytes that a model's structure may take without its weights."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_RAW_DATA, _EXTERNAL_DATA, _DATA_LOCATION = 9, 13, 14
_LITTLE_ENDIAN_NUMBERS = {4: "float_data", 10: "double_data", _RAW_DATA: "raw_data"}
"""Payloads whose bytes on the wire are the numbers themselves, so that they can be pointed to."""


class BrokenFile(ValueError):
    """The bytes are no protobuf message; `offset` is where that became clear."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.why = why
        self.offset = offset


@dataclass(frozen=True)
class _Kind:
    """A message type that can hold weights, and its fields that lead to them."""

    name: str
    inner: Mapping[int, "_Kind"] = field(default_factory=dict[int, "_Kind"])


_TENSOR = _Kind("tensor")
_NODE_FIELDS: dict[int, _Kind] = {}
_GRAPH = _Kind("graph", {1: _Kind("node", _NODE_FIELDS), 5: _TENSOR})
_NODE_FIELDS[5] = _Kind("attribute", {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH})
_MODEL = _Kind("model", {7: _GRAPH, 25: _Kind("function", {7: _Kind("node", _NODE_FIELDS)})})

_MODEL_TAGS = {
    (1, _VARINT), (2, _BYTES), (3, _BYTES), (4, _BYTES), (5, _VARINT), (6, _BYTES), (7, _BYTES),
    (8, _BYTES), (14, _BYTES), (20, _BYTES), (25, _BYTES), (26, _BYTES),
}  # fmt: skip


def looks_like_model(start: bytes) -> bool:
    """Whether a file that begins with these bytes is an ONNX model, whole or cut off.

    Every field that can be seen is one of ModelProto's; the graph or the format's version is
    among them; and it is no text, which can pass for one or two fields by chance.
    """
    at, seen = 0, set[int]()
    while at < len(start):
        try:
            number, wire, at = _tag(start, at, len(start))
            if (number, wire) not in _MODEL_TAGS:
                return False
            seen.add(number)
            length, after = _varint(start, at, len(start))
            at = after if wire == _VARINT else after + length
        except BrokenFile as broken:
            if broken.offset < len(start):
                return False
            break
    text = start[:64].decode("ascii", errors="replace")
    return bool(seen & {1, 7}) and not all(c.isprintable() or c.isspace() for c in text)


def skeleton(data: memoryview, file_name: str) -> bytes:
    """The ModelProto in `data` with large weights replaced by references into `file_name`.

    Raises BrokenFile when the bytes end early or cannot be a message.
    """
    found = b"".join(_Reader(data, file_name).message(_MODEL, 0, len(data), 0))
    if len(found) > LONGEST_SKELETON:
        raise BrokenFile("The structure without the weights is larger than 512 MiB.", 0)
    return found


class _Reader:
    def __init__(self, data: memoryview, file_name: str) -> None:
        self._data = data
        self._file_name = file_name

    def message(self, kind: _Kind, at: int, end: int, depth: int) -> list[bytes | memoryview]:
        """The message's bytes in pieces, with its large parts made small."""
        if depth > DEEPEST:
            raise BrokenFile(f"Messages are nested more than {DEEPEST} deep.", at)
        pieces: list[bytes | memoryview] = []
        kept = at
        while at < end:
            start = at
            number, wire, at = _tag(self._data, at, end)
            body, at = _body(self._data, wire, at, end)
            inner = kind.inner.get(number) if wire == _BYTES else None
            if inner is None or at - body <= LARGE:
                continue
            small = self._smaller(inner, body, at, depth + 1)
            if small is not None:
                pieces += [self._data[kept:start], _field(number, b"".join(small))]
                kept = at
        pieces.append(self._data[kept:end])
        return pieces

    def _smaller(
        self, kind: _Kind, at: int, end: int, depth: int
    ) -> list[bytes | memoryview] | None:
        return self._tensor(at, end) if kind is _TENSOR else self.message(kind, at, end, depth)

    def _tensor(self, at: int, end: int) -> list[bytes | memoryview] | None:
        """A TensorProto that refers to its own numbers, or None where it must stay as it is."""
        pieces: list[bytes | memoryview] = []
        payload: tuple[int, int] | None = None
        while at < end:
            start = at
            number, wire, at = _tag(self._data, at, end)
            body, at = _body(self._data, wire, at, end)
            if number in _LITTLE_ENDIAN_NUMBERS and wire == _BYTES:
                if payload is not None:
                    return None
                payload = (body, at - body)
            elif number in (_EXTERNAL_DATA, _DATA_LOCATION):
                return None
            else:
                pieces.append(self._data[start:at])
        if payload is None or payload[1] <= LARGE // 4:
            return None
        entries = {"location": self._file_name, "offset": payload[0], "length": payload[1]}
        for key, value in entries.items():
            entry = _field(1, key.encode()) + _field(2, str(value).encode())
            pieces.append(_field(_EXTERNAL_DATA, entry))
        pieces.append(_varint_bytes(_DATA_LOCATION << 3 | _VARINT) + b"\x01")
        return pieces


def _varint(data: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
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


def _tag(data: bytes | memoryview, at: int, end: int) -> tuple[int, int, int]:
    """Field number, wire type, and where the field's body begins."""
    tag, after = _varint(data, at, end)
    number, wire = tag >> 3, tag & 7
    if number == 0 or wire not in (_VARINT, _FIXED64, _BYTES, _FIXED32):
        raise BrokenFile("This is no protobuf field.", at)
    return number, wire, after


def _body(data: bytes | memoryview, wire: int, at: int, end: int) -> tuple[int, int]:
    """Where a field's content begins and ends."""
    if wire == _VARINT:
        return at, _varint(data, at, end)[1]
    if wire == _BYTES:
        length, start = _varint(data, at, end)
    else:
        length, start = (8 if wire == _FIXED64 else 4), at
    if start + length > end:
        missing = start + length - end
        raise BrokenFile(f"A part of {length:,} bytes lacks its last {missing:,}.", at)
    return start, start + length


def _varint_bytes(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _field(number: int, body: bytes) -> bytes:
    return _varint_bytes(number << 3 | _BYTES) + _varint_bytes(len(body)) + body
