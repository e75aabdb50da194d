"""The main graph of an ONNX file as columns, straight from its bytes.

Nodes, weights and declared tensors are rows; names are numbers of texts. What many nodes share,
such as their attributes, is decoded once for all of them. Weights' numbers are never touched.
Field numbers: onnx.proto.
"""

import mmap
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.model import wire
from core.model.column_stores import TextStore
from core.model.columns import Ints, Ragged, starts_of
from core.model.external_data import Reference, references_of
from core.model.identity import STAMP
from core.model.onnx_file import (
    broken,
    check_versions,
    decoded,
    node_tensors,
    read_skeleton,
    tensors_of,
    unreadable,
)
from core.model.onnx_rows import Declared, NodeKind, Nodes, Stored
from core.model.protobuf import BYTES, VARINT, BrokenFile
from core.model.scopes import TORCH_SCOPES
from core.model.wire_columns import Fields, Source

if TYPE_CHECKING:
    import onnx

_GRAPH, _FUNCTIONS = 7, 25
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE, _SPARSE = 1, 5, 11, 12, 13, 15
_PAYLOADS = tuple(wire.LITTLE_ENDIAN_NUMBERS)


class OnnxTable:
    """The structure of one file; see `opened`."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path = path
        self.source = source
        self.texts = TextStore()
        top = source.fields(0, len(source))
        graphs = top.of(_GRAPH, BYTES)
        self.has_functions = bool(len(top.of(_FUNCTIONS, BYTES).start))
        self.header = self._header(top.where(top.number != _GRAPH))
        parts = source.fields_of(graphs.start, graphs.end)
        self._parts = parts
        self.inputs = self._messages(parts.of(_INPUT, BYTES))
        self.outputs = self._messages(parts.of(_OUTPUT, BYTES))
        self.nodes = self._nodes(parts.of(_NODE, BYTES))
        self.stored = self._stored(parts.of(_INITIALIZER, BYTES))
        self.declared = self._declared(parts.of(_VALUE, BYTES))
        self._check()
        source.let_go()

    @cached_property
    def skeleton(self) -> "onnx.ModelProto":
        """The whole model as protobuf's classes have it: slow for large graphs."""
        return read_skeleton(self.path)

    @cached_property
    def sparse(self) -> "list[onnx.SparseTensorProto]":
        from core.model.onnx_parts import SparseTensorProto

        found = self._parts.of(_SPARSE, BYTES)
        pieces = self.source.pieces(found.start, found.end)
        return [decoded(SparseTensorProto, piece) for piece in pieces]

    def tensor(self, row: int) -> "onnx.TensorProto":
        """A stored tensor; large numbers become a reference into the file."""
        from core.model.onnx_parts import TensorProto

        one, two = int(self.stored.begins[row]), int(self.stored.ends[row])
        return decoded(TensorProto, self._small(wire.TENSOR, one, two))

    def node(self, row: int) -> "onnx.NodeProto":
        """A node; large tensors in it become references into the file."""
        from core.model.onnx_parts import NodeProto

        one, two = int(self.nodes.begins[row]), int(self.nodes.ends[row])
        return decoded(NodeProto, self._small(wire.NODE, one, two))

    def other_tensors(self) -> "Iterator[onnx.TensorProto]":
        """Tensors other than those whose numbers are stored in the main graph of this file."""
        if self.has_functions:
            yield from tensors_of(self.skeleton)
            return
        for row in self.stored.external.tolist():
            yield self.tensor(row)
        for sparse in self.sparse:
            yield sparse.values
            yield sparse.indices
        for kind in self.nodes.known_kinds:
            yield from node_tensors(kind.proto)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Where weights lie in other files. Raises InputError for senseless ones."""
        return tuple(references_of(self.path, self.other_tensors()))

    def _header(self, fields: Fields) -> "onnx.ModelProto":
        from core.model.onnx_parts import ModelProto

        if self.has_functions:
            return self.skeleton
        pieces = self.source.pieces(fields.begin, fields.end)
        header = decoded(ModelProto, b"".join(pieces))
        check_versions(self.path, header)
        return header

    def _messages(self, fields: Fields) -> "list[onnx.ValueInfoProto]":
        from core.model.onnx_parts import ValueInfoProto

        pieces = self.source.pieces(fields.start, fields.end)
        return [decoded(ValueInfoProto, piece) for piece in pieces]

    def _nodes(self, spans: Fields) -> Nodes:
        found = self.source.fields_of(spans.start, spans.end)
        count = len(spans.start)
        names = self._last_text(found.of(3, BYTES), count)  # first: names become neighbours
        operators = self._last_text(found.of(4, BYTES), count)
        domains = self._last_text(found.of(7, BYTES), count)
        attributes, blobs = self._runs(found.of(5, BYTES), count)
        kinds, known = self._kinds(operators, domains, attributes, blobs)
        return Nodes(
            begins=spans.start,
            ends=spans.end,
            names=names,
            operators=operators,
            domains=domains,
            kinds=kinds,
            known_kinds=known,
            slots=self._texts_of(found.of(1, BYTES), count),
            outputs=self._texts_of(found.of(2, BYTES), count),
            metadata=self._metadata(found.of(9, BYTES)),
        )

    def _kinds(
        self, operators: Ints, domains: Ints, attributes: Ints, blobs: list[bytes]
    ) -> tuple[Ints, tuple[NodeKind, ...]]:
        from core.model.onnx_parts import NodeProto

        protos = [decoded(NodeProto, blob) for blob in blobs]
        _, pairs = np.unique(operators * len(self.texts) + domains, return_inverse=True)
        key = pairs * len(blobs) + attributes
        _, first, kinds = np.unique(key, return_index=True, return_inverse=True)
        text = self.texts.text
        return kinds, tuple(
            NodeKind(
                text(int(operators[row])), text(int(domains[row])), protos[int(attributes[row])]
            )
            for row in first.tolist()
        )

    def _stored(self, spans: Fields) -> Stored:
        found = self.source.fields_of(spans.start, spans.end)
        count = len(spans.start)
        dims = found.where(found.number == 1)
        shapes, blobs = self._runs(dims, count)
        payloads = np.full(count, -1)
        for number in _PAYLOADS:
            numbers = found.of(number, BYTES)
            payloads[numbers.message] = numbers.end - numbers.start
        where = found.of(wire.DATA_LOCATION, VARINT)
        return Stored(
            begins=spans.start,
            ends=spans.end,
            names=self._last_text(found.of(8, BYTES), count),
            dtypes=_last_value(found.of(2, VARINT), count),
            shapes=shapes,
            known_shapes=tuple(_dims(blob) for blob in blobs),
            payloads=payloads,
            external=where.message[where.value == 1],
        )

    def _declared(self, spans: Fields) -> Declared:
        from core.model.onnx_parts import TypeProto

        found = self.source.fields_of(spans.start, spans.end)
        count = len(spans.start)
        types = found.of(2, BYTES)
        numbers, blobs = _numbered(self.source.pieces(types.start, types.end))
        of = np.full(count, -1)
        of[types.message] = numbers
        typed = of >= 0
        return Declared(
            self._last_text(found.of(1, BYTES), count)[typed],
            of[typed],
            tuple(decoded(TypeProto, blob) for blob in blobs),
        )

    def _metadata(self, fields: Fields) -> dict[str, dict[int, str]]:
        entries = self.source.fields_of(fields.start, fields.end)
        keys = self._last_text(entries.of(1, BYTES), len(fields.start))
        values = entries.of(2, BYTES)
        found: dict[str, dict[int, str]] = {}
        for name in (STAMP, TORCH_SCOPES):
            mine = values.where(keys[values.message] == self.texts.known(name))
            pieces = self.source.pieces(mine.start, mine.end)
            owners = fields.message[mine.message].tolist()
            found[name] = {
                node: text.decode(errors="replace")
                for node, text in zip(owners, pieces, strict=True)
            }
        return found

    def _texts_of(self, fields: Fields, count: int) -> Ragged:
        starts = starts_of(np.bincount(fields.message, minlength=count))
        return Ragged(starts, self._numbers(fields))

    def _last_text(self, fields: Fields, count: int) -> Ints:
        """One text per message, the last that it gives; the empty one where it gives none."""
        found = np.zeros(count, np.int64)
        found[fields.message] = self._numbers(fields)
        return found

    def _numbers(self, fields: Fields) -> Ints:
        try:
            return self.texts.numbers_of(self.source.pieces(fields.start, fields.end))
        except UnicodeDecodeError as error:
            raise BrokenFile("The text in it is not UTF-8.", 0) from error

    def _runs(self, fields: Fields, count: int) -> tuple[Ints, list[bytes]]:
        """Per message the number of the bytes of all these fields, and the different bytes."""
        one, two = np.zeros(count, np.int64), np.zeros(count, np.int64)
        one[fields.message[::-1]] = fields.begin[::-1]
        two[fields.message] = fields.end
        length = np.bincount(fields.message, fields.end - fields.begin, count).astype(np.int64)
        special = np.flatnonzero((length != two - one) | (length > wire.LARGE))
        two[special] = one[special]
        pieces = self.source.pieces(one, two)
        for row in special.tolist():
            mine = fields.where(fields.message == row)
            parts = zip(mine.begin.tolist(), mine.end.tolist(), strict=True)
            pieces[row] = b"".join(self._small(wire.NODE, *part) for part in parts)
        return _numbered(pieces)

    def _small(self, kind: wire.Kind, at: int, end: int) -> bytes:
        with memoryview(self.source.data) as view:
            return wire.small_message(view, self.path.name, kind, at, end)

    def _check(self) -> None:
        parts, stored = self._parts, self.stored
        size = int((parts.end - parts.begin).sum() - (stored.ends - stored.begins).sum())
        if size > wire.LONGEST_SKELETON:
            assert self.skeleton  # reading it refuses what is too large without its weights


@contextmanager
def opened(path: Path) -> Generator[OnnxTable]:
    """The table of a file. Raises InputError for one that cannot be read or is no whole model."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        yield OnnxTable(path, Source(data))
    except OSError as error:
        raise unreadable(path, error) from error
    except BrokenFile as error:
        where = f" This shows at byte {error.offset:,}." if error.offset else ""
        raise broken(path, f"{error.why}{where}") from error


def _numbered(pieces: list[bytes]) -> tuple[Ints, list[bytes]]:
    known = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    return np.fromiter(map(known.__getitem__, pieces), np.int64, len(pieces)), list(known)


def _last_value(fields: Fields, count: int) -> Ints:
    found = np.zeros(count, np.int64)
    found[fields.message] = fields.value
    return found


def _dims(blob: bytes) -> tuple[int, ...]:
    from core.model.onnx_parts import TensorProto

    return tuple(decoded(TensorProto, blob).dims)
