"""Writes the working copy of an ONNX model: sound, in order, each node named by its LayerId."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.constants import constants_of
from core.model.external_data import check_external_data
from core.model.faults import check_runnable, faults_of
from core.model.identity import layer_ids, set_stamp
from core.model.onnx_file import broken, read_skeleton, stored_bytes, tensors_of
from core.model.wiring import opset_of, wiring_of

if TYPE_CHECKING:
    import onnx

LARGEST_SINGLE_FILE = 1_500_000_000
"""Bytes of weights; protobuf ends at 2 GiB and every copy in memory counts."""
OPSET = 17
"""Q/DQ per channel needs 13; 17 has every operator that the techniques write."""
_IR_VERSION = 8
"""The one that goes with opset 17; from 4 on weights need not be graph inputs."""
_PAGE = 4096
"""Alignment that lets runtimes map weights straight from the file."""
_PIECE = 1 << 24
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Windows has no such flag; the check before has refused links there too."""


def write_working_copy(source: Path, target: Path) -> None:
    """See core.model.identity.stamp."""
    model = read_skeleton(source)
    check_external_data(source, model)
    check_runnable(source, model)
    _normalise(model)
    if (opset_of(model) or OPSET) < OPSET:
        model = _upgraded(model)
    outside = [tensor for tensor in tensors_of(model) if tensor.data_location == tensor.EXTERNAL]
    size = sum(stored_bytes(tensor) for tensor in outside)
    if size < LARGEST_SINGLE_FILE:
        _bring_in(outside, source)
    else:
        move_beside(outside, source, target)
    target.write_bytes(model.SerializeToString())


def _normalise(model: "onnx.ModelProto") -> None:
    graph = model.graph
    for node, layer in zip(graph.node, layer_ids(model), strict=True):
        node.name = layer
        set_stamp(node, layer)
    order = wiring_of(model).order
    if order.changed:
        nodes = [
            type(graph.node[0]).FromString(graph.node[i].SerializeToString()) for i in order.indices
        ]
        del graph.node[:]
        graph.node.extend(nodes)
    stored = {tensor.name for tensor in graph.initializer}
    free = [value for value in graph.input if value.name not in stored]
    if len(free) < len(graph.input):
        del graph.input[:]
        graph.input.extend(free)
    model.ir_version = max(model.ir_version, _IR_VERSION)


def _upgraded(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """The model in a newer opset, or as it was where onnx cannot convert it faithfully."""
    from onnx import checker, shape_inference, version_converter

    layers = [node.name for node in model.graph.node]
    try:
        found = version_converter.convert_version(model, OPSET)
    except (RuntimeError, checker.ValidationError, shape_inference.InferenceError):
        return model
    if any(fault.blocking for fault in faults_of(found, wiring_of(found))):
        return model
    kept = {node.name: node for node in found.graph.node}
    _, preparing = constants_of(model.graph, wiring_of(model))
    if any(name not in kept for i, name in enumerate(layers) if i not in preparing):
        return model
    original = set(layers)
    for node, layer in zip(found.graph.node, layer_ids(found), strict=True):
        node.name = layer
        if layer in original:
            set_stamp(node, layer)
    return found


def _bring_in(tensors: "Sequence[onnx.TensorProto]", source: Path) -> None:
    """Store the numbers of external tensors in the model itself."""
    for tensor in tensors:
        tensor.raw_data = b"".join(_numbers(tensor, source))
        del tensor.external_data[:]
        tensor.ClearField("data_location")


def move_beside(tensors: "Iterable[onnx.TensorProto]", source: Path, target: Path) -> Path:
    """Copy the numbers of external tensors into one file beside the target, and refer to that.

    They go piece by piece; the places that the tensors name were checked before. Returns the file.
    """
    data = target.with_name(f"{target.name}.data")
    with data.open("wb") as file:
        for tensor in tensors:
            file.seek(-(-file.tell() // _PAGE) * _PAGE)
            offset = file.tell()
            file.writelines(_numbers(tensor, source))
            del tensor.external_data[:]
            place = {"location": data.name, "offset": offset, "length": file.tell() - offset}
            for key, value in place.items():
                entry = tensor.external_data.add()
                entry.key, entry.value = key, str(value)
    return data


def _numbers(tensor: "onnx.TensorProto", source: Path) -> Iterator[bytes]:
    """The bytes of an external tensor; its place was checked before."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    left = stored_bytes(tensor)
    descriptor = os.open(source.parent / entries["location"], os.O_RDONLY | _NO_LINK)
    with os.fdopen(descriptor, "rb") as file:
        file.seek(int(entries.get("offset") or 0))
        while left > 0:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise broken(source, f"The numbers of weight “{tensor.name}” end early.")
            left -= len(piece)
            yield piece
