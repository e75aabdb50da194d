"""Many messages are read side by side as protobuf itself reads each of them."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from core.model.protobuf import BYTES, BrokenFile
from core.model.wire_columns import Source

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
nodes = st.builds(
    onnx.NodeProto,
    input=st.lists(texts, max_size=4),
    output=st.lists(texts, max_size=3),
    name=texts,
    op_type=texts,
)


def graph_of(many: list[onnx.NodeProto]) -> tuple[Source, np.ndarray, np.ndarray]:
    """The bytes of a graph, and where its nodes begin and end."""
    source = Source(helper.make_graph(many, "graph", [], []).SerializeToString())
    found = source.fields(0, len(source)).of(1, BYTES)
    return source, found.start, found.end


@settings(deadline=None)
@given(st.lists(nodes, max_size=100))
def test_that_every_text_of_every_node_is_found_in_order(many: list[onnx.NodeProto]) -> None:
    source, starts, ends = graph_of(many)
    fields = source.fields_of(starts, ends)
    for number, name in ((1, "input"), (2, "output")):
        found = fields.of(number, BYTES)
        pieces = source.pieces(found.start, found.end)
        wanted = [(row, text) for row, one in enumerate(many) for text in getattr(one, name)]
        told = zip(found.message.tolist(), pieces, strict=True)
        assert [(row, piece.decode()) for row, piece in told] == wanted


def test_that_numbers_of_all_sizes_are_read() -> None:
    values = [0, 1, 127, 128, 1 << 20, 1 << 40, (1 << 63) - 1, -1]
    tensors = [onnx.TensorProto(dims=[value], data_type=7) for value in values * 20]
    parts = [tensor.SerializeToString() for tensor in tensors]
    lengths = np.array([len(part) for part in parts])
    ends = np.cumsum(lengths)
    source = Source(b"".join(parts))
    fields = source.fields_of(ends - lengths, ends)
    assert fields.of(1, 0).value.tolist() == values * 20


@pytest.mark.parametrize("count", [1, 200])
def test_that_cut_messages_are_refused_alone_and_among_many(count: int) -> None:
    source, starts, ends = graph_of([helper.make_node("Relu", ["x"], ["y"])] * count)
    with pytest.raises(BrokenFile):
        source.fields_of(starts, ends - 1)


@pytest.mark.parametrize("count", [1, 200])
@pytest.mark.parametrize("part", [b"\x00\x01", b"\x0b\x01", b"\x0a\xff", b"\x08" + b"\xff" * 11])
def test_that_other_bytes_are_refused_alone_and_among_many(part: bytes, count: int) -> None:
    source = Source(part * count)
    starts = np.arange(count) * len(part)
    with pytest.raises(BrokenFile):
        source.fields_of(starts, starts + len(part))
