"""Folds what follows from stored weights into them: the model computes the same with fewer layers.

Batch normalization goes into the convolution before it, which quantization needs; sums with and
products by stored numbers per channel do likewise; layers that take nothing but stored numbers
become stored numbers.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from core.techniques.activations import run_nodes
from core.techniques.editing import ModelEdit, constant_nodes, rewire

if TYPE_CHECKING:
    import numpy as np
    import onnx

IDENTITIES = frozenset({"Dropout", "Identity"})
"""Layers that give what they get, once a model is trained."""

_RANDOM = frozenset({"Bernoulli", "Multinomial", "RandomNormal", "RandomUniform"})
_LARGEST = 1 << 22
"""Bytes of a tensor that is worth storing in place of the layer that makes it."""

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


def drop_identities(edit: ModelEdit) -> int:
    """Remove layers that give what they get; returns how many vanished."""
    held = edit.captured() | edit.outputs()
    dropped = 0
    for node in [node for node in edit.nodes if node.op_type in IDENTITIES]:
        made = [name for name in node.output if name]
        if len(made) == 1 and made[0] not in held and not edit.is_weight(node.input[0]):
            for reader in edit.consumers().get(made[0], []):
                rewire(reader, made[0], node.input[0])
            edit.replace(node, ())
            dropped += 1
    return dropped


def fold_constants(edit: ModelEdit) -> int:
    """Store the results of layers that take stored numbers only; returns how many vanished."""
    makers = constant_nodes(edit)
    nodes = [node for node in edit.nodes if any(node is maker for maker in makers.values())]
    nodes = [node for node in nodes if node.op_type not in _RANDOM]
    names = [name for node in nodes for name in node.output if name]
    if not nodes or edit.captured() & set(names):
        return 0
    results = next(iter(run_nodes(edit, nodes, names, [{}])))
    folded = 0
    for node in nodes:
        values = {name: results[name] for name in node.output if name}
        if sum(v.nbytes for v in values.values()) <= _LARGEST and not edit.outputs() & set(values):
            for name, numbers in values.items():
                edit.store(name, numbers)
            edit.replace(node, ())
            folded += 1
    return folded


def fold_sums_and_products(edit: ModelEdit) -> int:
    """Fold an Add or Mul of stored numbers per channel into the Conv before; returns how many."""
    folded = 0
    for conv in [node for node in edit.nodes if node.op_type == "Conv"]:
        while (after := _foldable(edit, conv)) is not None:
            numbers = next(edit.weight(name) for name in after.input if edit.is_weight(name))
            _fold_numbers(edit, conv, numbers, multiply=after.op_type == "Mul")
            conv.output[0] = after.output[0]
            edit.replace(after, ())
            folded += 1
    return folded


def _foldable(edit: ModelEdit, conv: "onnx.NodeProto") -> "onnx.NodeProto | None":
    name = conv.output[0]
    readers = edit.consumers().get(name, [])
    if len(readers) != 1 or name in edit.captured() | edit.outputs():
        return None
    stored = [other for other in readers[0].input if edit.is_weight(other)]
    if readers[0].op_type not in {"Add", "Mul"} or len(stored) != 1:
        return None
    if not all(edit.is_weight(other) for other in conv.input[1:] if other):
        return None
    return readers[0] if _is_per_channel(edit, conv, edit.weight(stored[0])) else None


def _is_per_channel(edit: ModelEdit, conv: "onnx.NodeProto", numbers: "np.ndarray") -> bool:
    """Whether numbers that are broadcast to a Conv's result differ by channel at most."""
    kernel = edit.weight(conv.input[1])
    if numbers.dtype != kernel.dtype or numbers.ndim > kernel.ndim:
        return False
    aligned = (1,) * (kernel.ndim - numbers.ndim) + numbers.shape
    return aligned[1] in {1, len(kernel)} and numbers.size == aligned[1]


def _fold_numbers(
    edit: ModelEdit, conv: "onnx.NodeProto", numbers: "np.ndarray", *, multiply: bool
) -> None:
    import numpy as np

    kernel = edit.weight(conv.input[1])
    has_bias = len(conv.input) > 2 and conv.input[2] != ""
    bias = edit.weight(conv.input[2]) if has_bias else np.zeros(len(kernel), kernel.dtype)
    flat = np.broadcast_to(numbers.ravel(), bias.shape)
    taken, weight = conv.input[0], conv.input[1]
    if multiply:
        scaled = kernel * flat.reshape(-1, *[1] * (kernel.ndim - 1))
        weight = edit.add_weight(f"{weight}/folded", scaled)
    bias = bias * flat if multiply else bias + flat
    del conv.input[:]
    conv.input.extend([taken, weight, edit.add_weight(f"{weight}/folded_bias", bias)])
