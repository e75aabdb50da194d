"""The way back from a model's skeleton to its bytes: the weights return to where they were.

`core.model.wire.skeleton` turns large weights into references into the model's own file. Here those
references become the numbers again, as views into that file: nothing is copied until it is written.
"""

from bisect import bisect_left
from collections.abc import Sequence

from core.model.protobuf import BYTES, body, field, head, tag, varint, varint_bytes
from core.model.wire import (
    DATA_LOCATION,
    EXTERNAL_DATA,
    LITTLE_ENDIAN_NUMBERS,
    MODEL,
    RAW_DATA,
    TENSOR,
    Kind,
)

Piece = bytes | memoryview

_FIELDS_BY_TAG = {varint_bytes(number << 3 | BYTES)[0]: number for number in LITTLE_ENDIAN_NUMBERS}


def expanded(small: bytes, source: memoryview, file_name: str) -> Sequence[Piece]:
    """The bytes of the whole model, in pieces.

    `small` is a serialized skeleton, edited or not; `source` is the content of the file that it was
    made from, called `file_name` in its references.
    """
    pieces, _ = _Expander(small, source, file_name).message(MODEL, 0, len(small))
    return pieces


class _Expander:
    def __init__(self, small: bytes, source: memoryview, file_name: str) -> None:
        self._small = small
        self._view = memoryview(small)
        self._source = source
        self._mark = field(1, b"location") + field(2, file_name.encode())
        self._marks = _positions(small, self._mark)

    def message(self, kind: Kind, at: int, end: int) -> tuple[list[Piece], int]:
        """The pieces of a message and their length."""
        pieces: list[Piece] = []
        length = 0
        kept = at
        while at < end:
            start = at
            number, wire, at = tag(self._small, at, end)
            inside, at = body(self._small, wire, at, end)
            inner = kind.inner.get(number) if wire == BYTES else None
            if inner is None or not self._has_mark(inside, at):
                continue
            found, size = self._inside(inner, inside, at)
            before = head(number, size)
            pieces += [self._view[kept:start], before, *found]
            length += start - kept + len(before) + size
            kept = at
        pieces.append(self._view[kept:end])
        return pieces, length + end - kept

    def _inside(self, kind: Kind, at: int, end: int) -> tuple[list[Piece], int]:
        return self._tensor(at, end) if kind is TENSOR else self.message(kind, at, end)

    def _has_mark(self, start: int, end: int) -> bool:
        first = bisect_left(self._marks, start)
        return first < len(self._marks) and self._marks[first] < end

    def _tensor(self, at: int, end: int) -> tuple[list[Piece], int]:
        """A tensor with its numbers in the field in which the source has them."""
        pieces: list[Piece] = []
        place: dict[bytes, int] = {}
        while at < end:
            start = at
            number, wire, at = tag(self._small, at, end)
            inside, at = body(self._small, wire, at, end)
            if number == EXTERNAL_DATA:
                key, value = _entry(self._small, inside, at)
                if key in (b"offset", b"length"):
                    place[key] = int(value)
            elif number != DATA_LOCATION:
                pieces.append(self._view[start:at])
        offset, length = place[b"offset"], place[b"length"]
        pieces.append(head(_field_at(self._source, offset), length))
        pieces.append(self._source[offset : offset + length])
        return pieces, sum(map(len, pieces))


def _positions(data: bytes, mark: bytes) -> list[int]:
    found: list[int] = []
    at = data.find(mark)
    while at >= 0:
        found.append(at)
        at = data.find(mark, at + len(mark))
    return found


def _entry(data: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """Key and value of a StringStringEntryProto."""
    texts = {1: b"", 2: b""}
    while at < end:
        number, wire, at = tag(data, at, end)
        inside, at = body(data, wire, at, end)
        texts[number] = data[inside:at]
    return texts[1], texts[2]


def _field_at(source: memoryview, offset: int) -> int:
    """Number of the field whose content begins at `offset`: raw_data, float_data or double_data.

    Before the content stands its length, whose last byte is the only one below 128, and before
    that the field's tag.
    """
    first = offset - 1
    while source[first - 1] >= 0x80:
        first -= 1
    assert varint(source, first, offset)[1] == offset
    return _FIELDS_BY_TAG.get(source[first - 1], RAW_DATA)
