"""Which of a model's numbers are stored as integers, as far as runtimes have to be told.

Asked while a model is compiled, whose time is measured: the bytes are searched for operators' names
first, and only what cannot be told from them is parsed.
"""
# pyright: reportUnknownMemberType=false
# onnx has no complete stubs.

import mmap
from pathlib import Path

_CONVOLUTIONS = frozenset({"Conv", "ConvTranspose"})
_DEQUANTIZE = "DequantizeLinear"
_QUANTIZE = "QuantizeLinear"
"""No part of the other name, which spells it in lower case."""


def stored_integers(model: Path) -> bool:
    """Whether an ONNX file carries Q/DQ nodes."""
    return _names(model, _DEQUANTIZE)


def only_weights_of_convolutions(model: Path) -> bool:
    """Whether convolutions take stored integers and nothing else is quantized."""
    if not _names(model, _DEQUANTIZE) or _names(model, _QUANTIZE):
        return False
    from core.model.onnx_file import read_skeleton

    nodes = read_skeleton(model).graph.node
    real = {node.output[0] for node in nodes if node.op_type == _DEQUANTIZE}
    return any(node.op_type in _CONVOLUTIONS and node.input[1] in real for node in nodes)


def _names(model: Path, operator: str) -> bool:
    """Whether the name stands anywhere in the file; an empty file or none names nothing."""
    try:
        with (
            model.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return content.find(operator.encode()) >= 0
    except (OSError, ValueError):  # whoever opens the model says so
        return False
