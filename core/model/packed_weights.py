"""Weights packed for ONNX Runtime's MatMulNBits: whether as many are stored as the layer reads."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING

from core.model.attributes import plain

if TYPE_CHECKING:
    import onnx

OPERATOR, DOMAIN = "MatMulNBits", "com.microsoft"
_BITS_IN_BYTE = 8


def falsely_packed(graph: "onnx.GraphProto") -> Iterator[str]:
    """A sentence for each such layer: ONNX Runtime 1.31 reads past the end and crashes on it.

    Layout: ContribOperators.md of ONNX Runtime, MatMulNBits.
    """
    nodes = [node for node in graph.node if (node.op_type, node.domain) == (OPERATOR, DOMAIN)]
    if not nodes:
        return
    sizes = {tensor.name: prod(tensor.dims) for tensor in graph.initializer}
    for node in nodes:
        title = f"{OPERATOR} “{plain(node.name or next(iter(node.output), ''))}”"
        for name, needed in _needed(node).items():
            found = sizes.get(name, needed)
            if found < needed:
                yield f"{title} reads {needed:,} numbers of “{plain(name)}”, which has {found:,}."


def _needed(node: "onnx.NodeProto") -> Mapping[str, int]:
    """Packed weight and scales to how many numbers the layer's sizes ask for."""
    said = {entry.name: entry.i for entry in node.attribute}
    block = said.get("block_size", 0)
    if block < 1 or len(node.input) < 3:
        return {}
    blocks = said.get("N", 0) * -(-said.get("K", 0) // block)
    packed = blocks * -(-block * said.get("bits", 4) // _BITS_IN_BYTE)
    return {node.input[1]: packed, node.input[2]: blocks}
