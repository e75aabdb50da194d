"""Reads the structure of an ONNX file from its bytes and leaves the weights where they are.

A protobuf message is a row of fields, each with its length in front, so a reader can step over the
numbers of a weight without touching them. What comes out is a small, valid ModelProto in which
every large weight has become external data that points into the original file by offset and length.
Wire format: https://protobuf.dev/programming-guides/encoding; field numbers: onnx.proto.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.protobuf import BYTES, VARINT, BrokenFile, tag, varint, varint_bytes
from core.model.protobuf import body as body_of
from core.model.protobuf import field as field_bytes

LARGE = 4096
"""Bytes from which a message is looked into; smaller ones are copied whole."""
DEEPEST = 100
"""Nesting that protobuf itself allows."""
LONGEST_SKELETON = 1 << 29
"""Bytes that a model's structure may take without its weights."""

RAW_DATA, EXTERNAL_DATA, DATA_LOCATION = 9, 13, 14
"""Fields of a TensorProto."""
LITTLE_ENDIAN_NUMBERS = {4: "float_data", 10: "double_data", RAW_DATA: "raw_data"}
"""Payloads whose bytes on the wire are the numbers themselves, so that they can be pointed to."""


@dataclass(frozen=True)
class Kind:
    """A message type that can hold weights, and its fields that lead to them."""

    name: str
    inner: Mapping[int, "Kind"] = field(default_factory=dict[int, "Kind"])


TENSOR = Kind("tensor")
_NODE_FIELDS: dict[int, Kind] = {}
NODE = Kind("node", _NODE_FIELDS)
_GRAPH = Kind("graph", {1: NODE, 5: TENSOR})
_NODE_FIELDS[5] = Kind("attribute", {5: TENSOR, 6: _GRAPH, 10: TENSOR, 11: _GRAPH})
MODEL = Kind("model", {7: _GRAPH, 25: Kind("function", {7: NODE})})
"""A ModelProto."""

_PRODUCER_NAME = 2
_MODEL_TAGS = {
    (1, VARINT), (2, BYTES), (3, BYTES), (4, BYTES), (5, VARINT), (6, BYTES), (7, BYTES),
    (8, BYTES), (14, BYTES), (20, BYTES), (25, BYTES), (26, BYTES),
}  # fmt: skip


def looks_like_model(start: bytes) -> bool:
    """Whether a file that begins with these bytes is an ONNX model, whole or cut off.

    Every field that can be seen is one of ModelProto's; the graph or the format's version is
    among them; and it is no text, which can pass for one or two fields by chance.
    """
    at, seen = 0, set[int]()
    while at < len(start):
        try:
            number, wire, at = tag(start, at, len(start))
            if (number, wire) not in _MODEL_TAGS:
                return False
            seen.add(number)
            length, after = varint(start, at, len(start))
            name = start[after : after + length] if number == _PRODUCER_NAME else b""
            if any(byte < 32 for byte in name):
                return False  # TensorFlow's SavedModel has a message in this place
            at = after if wire == VARINT else after + length
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
    found = b"".join(_Reader(data, file_name).message(MODEL, 0, len(data), 0))
    if len(found) > LONGEST_SKELETON:
        raise BrokenFile("The structure without the weights is larger than 512 MiB.", 0)
    return found


def small_message(data: memoryview, file_name: str, kind: Kind, at: int, end: int) -> bytes:
    """The same for one message inside of the file."""
    reader = _Reader(data, file_name)
    if kind is not TENSOR:
        return b"".join(reader.message(kind, at, end, 0))
    pieces = reader.tensor(at, end) if end - at > LARGE else None
    return bytes(data[at:end]) if pieces is None else b"".join(pieces)


class _Reader:
    def __init__(self, data: memoryview, file_name: str) -> None:
        self._data = data
        self._file_name = file_name

    def message(self, kind: Kind, at: int, end: int, depth: int) -> list[bytes | memoryview]:
        """The message's bytes in pieces, with its large parts made small."""
        if depth > DEEPEST:
            raise BrokenFile(f"Messages are nested more than {DEEPEST} deep.", at)
        pieces: list[bytes | memoryview] = []
        kept = at
        while at < end:
            start = at
            number, wire, at = tag(self._data, at, end)
            body, at = body_of(self._data, wire, at, end)
            inner = kind.inner.get(number) if wire == BYTES else None
            if inner is None or at - body <= LARGE:
                continue
            small = self._smaller(inner, body, at, depth + 1)
            if small is not None:
                pieces += [self._data[kept:start], field_bytes(number, b"".join(small))]
                kept = at
        pieces.append(self._data[kept:end])
        return pieces

    def _smaller(
        self, kind: Kind, at: int, end: int, depth: int
    ) -> list[bytes | memoryview] | None:
        return self.tensor(at, end) if kind is TENSOR else self.message(kind, at, end, depth)

    def tensor(self, at: int, end: int) -> list[bytes | memoryview] | None:
        """A TensorProto that refers to its own numbers, or None where it must stay as it is."""
        pieces: list[bytes | memoryview] = []
        payload: tuple[int, int] | None = None
        while at < end:
            start = at
            number, wire, at = tag(self._data, at, end)
            body, at = body_of(self._data, wire, at, end)
            if number in LITTLE_ENDIAN_NUMBERS and wire == BYTES:
                if payload is not None:
                    return None
                payload = (body, at - body)
            elif number in (EXTERNAL_DATA, DATA_LOCATION):
                return None
            else:
                pieces.append(self._data[start:at])
        if payload is None or payload[1] <= LARGE // 4:
            return None
        entries = {"location": self._file_name, "offset": payload[0], "length": payload[1]}
        for key, value in entries.items():
            entry = field_bytes(1, key.encode()) + field_bytes(2, str(value).encode())
            pieces.append(field_bytes(EXTERNAL_DATA, entry))
        pieces.append(varint_bytes(DATA_LOCATION << 3 | VARINT) + b"\x01")
        return pieces
