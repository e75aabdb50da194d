"""Folds batch normalization into the convolution before it, which quantization needs."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from core.techniques.editing import ModelEdit

if TYPE_CHECKING:
    import onnx

_EPSILON = 1e-5
"""Default of the operator BatchNormalization."""


def fold_batch_norms(edit: ModelEdit, convolutions: "Collection[onnx.NodeProto]") -> int:
    """Fold where a Conv's only reader is a BatchNormalization; returns how many vanished.

    y = γ (Wx + b − μ) / √(σ² + ε) + β is again a convolution, so the numbers stay the same up to
    rounding.
    """
    consumers = edit.consumers()
    held = edit.captured() | edit.outputs()
    folded = 0
    for conv in convolutions:
        if conv.op_type != "Conv" or conv.output[0] in held:
            continue
        readers = consumers.get(conv.output[0], [])
        if len(readers) == 1 and _is_constant_norm(edit, readers[0], conv):
            _fold(edit, conv, readers[0])
            folded += 1
    return folded


def _is_constant_norm(edit: ModelEdit, norm: "onnx.NodeProto", conv: "onnx.NodeProto") -> bool:
    return (
        norm.op_type == "BatchNormalization"
        and norm.input[0] == conv.output[0]
        and all(edit.is_weight(name) for name in norm.input[1:5])
        and all(edit.is_weight(name) for name in conv.input[1:] if name)
        and len([name for name in norm.output if name]) == 1
    )


def _fold(edit: ModelEdit, conv: "onnx.NodeProto", norm: "onnx.NodeProto") -> None:
    import numpy as np

    gamma, beta, mean, variance = (edit.weight(name) for name in norm.input[1:5])
    epsilon = next((entry.f for entry in norm.attribute if entry.name == "epsilon"), _EPSILON)
    factor = gamma / np.sqrt(variance + epsilon)
    kernel = edit.weight(conv.input[1])
    has_bias = len(conv.input) > 2 and conv.input[2] != ""
    bias = edit.weight(conv.input[2]) if has_bias else np.zeros_like(mean)
    shape = (-1, *[1] * (kernel.ndim - 1))
    scaled = (kernel * factor.reshape(shape)).astype(kernel.dtype)
    shifted = ((bias - mean) * factor + beta).astype(kernel.dtype)
    source = conv.input[0], conv.input[1]
    weight = edit.add_weight(f"{source[1]}/folded", scaled)
    offset = edit.add_weight(f"{source[1]}/folded_bias", shifted)
    del conv.input[:]
    conv.input.extend([source[0], weight, offset])
    conv.output[0] = norm.output[0]
    edit.replace(norm, ())
