"""Which of a model's numbers are stored as integers, as far as runtimes have to be told."""
# pyright: reportUnknownMemberType=false
# onnx has no complete stubs.

from pathlib import Path

_CONVOLUTIONS = frozenset({"Conv", "ConvTranspose"})
_DEQUANTIZE = "DequantizeLinear"


def stored_integers(model: Path) -> bool:
    """Whether a model carries Q/DQ nodes. Reads its structure only."""
    from core.model.onnx_file import read_skeleton

    return any(node.op_type == _DEQUANTIZE for node in read_skeleton(model).graph.node)


def only_weights_of_convolutions(model: Path) -> bool:
    """Whether convolutions take stored integers and nothing else is quantized."""
    from core.model.onnx_file import read_skeleton

    nodes = read_skeleton(model).graph.node
    real = {node.output[0] for node in nodes if node.op_type == _DEQUANTIZE}
    if not real or any("QuantizeLinear" in node.op_type for node in nodes):
        return False
    return any(node.op_type in _CONVOLUTIONS and node.input[1] in real for node in nodes)
