"""The structure of a model file is read without its weights, and broken bytes are told apart."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from core.model.protobuf import BrokenFile
from core.model.wire import LARGE, looks_like_model, skeleton

FILE = "model.onnx"
DTYPES = (np.float32, np.float16, np.float64, np.int8, np.int64)


@st.composite
def tensors(draw: st.DrawFn) -> onnx.TensorProto:
    size = draw(st.sampled_from([0, 1, 255, LARGE // 4, LARGE, 3 * LARGE]))
    values = np.arange(size).astype(draw(st.sampled_from(DTYPES)))
    if values.dtype == np.float32 and draw(st.booleans()):  # old writers store floats one by one
        return onnx.TensorProto(name="w", dims=[size], data_type=1, float_data=values.tolist())
    return numpy_helper.from_array(values, "w")


@st.composite
def models(draw: st.DrawFn) -> onnx.ModelProto:
    weights = draw(st.lists(tensors(), max_size=4))
    constants = [helper.make_node("Constant", [], ["c"], value=draw(tensors()))]
    inner = helper.make_graph(constants, "inner", [], [], draw(st.lists(tensors(), max_size=2)))
    nodes = [*constants, helper.make_node("If", ["x"], ["y"], then_branch=inner)]
    return helper.make_model(helper.make_graph(nodes, "outer", [], [], weights))


def all_tensors(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
    found = list(graph.initializer)
    for node in graph.node:
        for attribute in node.attribute:
            found += [attribute.t] if attribute.HasField("t") else []
            found += all_tensors(attribute.g) if attribute.HasField("g") else []
    return found


@settings(deadline=None)
@given(models())
def test_that_every_weight_can_be_found_again_from_the_skeleton(model: onnx.ModelProto) -> None:
    data = model.SerializeToString()
    small = onnx.ModelProto.FromString(skeleton(memoryview(data), FILE))
    pairs = list(zip(all_tensors(small.graph), all_tensors(model.graph), strict=True))
    for found, original in pairs:
        if found.data_location == found.EXTERNAL:
            place = {entry.key: entry.value for entry in found.external_data}
            start = int(place["offset"])
            found.raw_data = data[start : start + int(place["length"])]
            found.ClearField("data_location")
            del found.external_data[:]
        assert np.array_equal(numpy_helper.to_array(found), numpy_helper.to_array(original))
        original.CopyFrom(found)
    assert small == model


def test_that_a_large_weight_does_not_enter_the_skeleton() -> None:
    weight = numpy_helper.from_array(np.zeros(1_000_000, np.float32), "w")
    graph = helper.make_graph([], "graph", [], [], [weight])
    data = helper.make_model(graph).SerializeToString()
    assert len(skeleton(memoryview(data), FILE)) < 300


@settings(deadline=None)
@given(models(), st.data())
def test_that_a_cut_file_is_broken_or_smaller_but_never_misread(
    model: onnx.ModelProto, data: st.DataObject
) -> None:
    whole = model.SerializeToString()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        found = skeleton(memoryview(cut), FILE)
    except BrokenFile as broken:
        assert 0 <= broken.offset <= len(cut)
    else:
        assert onnx.ModelProto.FromString(found) != model


@given(st.binary(max_size=300))
def test_that_random_bytes_end_in_a_skeleton_or_a_reason(data: bytes) -> None:
    try:
        skeleton(memoryview(data), FILE)
    except BrokenFile as broken:
        assert broken.why


def test_that_endless_nesting_is_refused() -> None:
    body = b"x" * (LARGE + 1)
    for _ in range(300):
        for number in (6, 5, 1):  # from the inside out: graph in attribute in node
            body = _field(number, body)
    with pytest.raises(BrokenFile, match="nested"):
        skeleton(memoryview(_field(7, body)), FILE)


def _field(number: int, body: bytes) -> bytes:
    length, prefix = len(body), bytearray()
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([number << 3 | 2, *prefix, length]) + body


@pytest.mark.parametrize("text", [b"hello world", b"{}\n", b"Buy milk\n" * 40, b"\n\n\n", b": x"])
def test_that_text_does_not_look_like_a_model(text: bytes) -> None:
    assert not looks_like_model(text)


@given(models())
@settings(deadline=None)
def test_that_a_model_looks_like_one_however_short_it_is_cut(model: onnx.ModelProto) -> None:
    data = model.SerializeToString()
    assert all(looks_like_model(data[:size]) for size in (2, 10, 100, 4096))
