"""INT4 weights in blocks of 32: for fully connected layers that wait for memory.

Written as com.microsoft.MatMulNBits, which ONNX Runtime 1.31 and OpenVINO 2026.4 both execute from
packed weights. The standard's form (DequantizeLinear of INT4 in blocks, opset 21) ends in the same
kernels in both, but asks for an opset to which many models cannot be raised.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.model.graph import Layer, LayerId, ModelGraph, Weight
from core.model.identity import set_stamp
from core.parameters import Toggle
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome, Variant
from core.techniques.editing import ModelEdit, attribute, float_attribute
from core.techniques.refusals import domain_refusal, float_refusal, kernel_refusal

if TYPE_CHECKING:
    import numpy as np
    import onnx

BLOCK = 32
"""Weights that share one scale."""

_DENSE = frozenset({"Gemm", "MatMul"})
_DOMAIN = "com.microsoft"
_LEVELS = 15
_MIDDLE = 8
"""The stored number that stands for 0 where there are no zero points."""
_SMALLEST_SCALE = 1e-12
_INT8_INSIDE = 4
"""MatMulNBits: multiply in INT8, with a scale per block and row."""

_SYMMETRIC = Toggle(
    "symmetric",
    "Zero in the middle",
    "Without, each block has a zero point of its own: a little closer and a little slower.",
    default=True,
)
_INT8_ACTIVATIONS = Toggle(
    "int8_activations",
    "INT8 within the kernel",
    "ONNX Runtime rounds each row of activations to INT8 while it multiplies: five times faster "
    "for single rows, at an error of about 0.5 %.",
    default=True,
)


@dataclass(frozen=True)
class Int4Weight:
    """value ≈ (number − zero) × scale, by blocks of BLOCK along a row."""

    packed: "np.ndarray"
    """uint8, shape (rows, blocks, BLOCK ÷ 2); the first of two numbers in the lower bits."""
    scales: "np.ndarray"
    """float32, shape (rows, blocks)."""
    zeros: "np.ndarray | None"
    """uint8, shape (rows, ⌈blocks ÷ 2⌉), packed likewise; None where every zero is 8."""


class Int4Weights(Technique):
    name = "int4-weights"
    label = "INT4 weights only"
    short = "W4"
    summary = (
        "Stores the weights of fully connected layers as 4-bit integers, an eighth of the size, "
        "with a scale for every 32. Faster where a layer waits for memory, as with single rows. "
        "Needs no images; accuracy can fall and is checked."
    )
    parameters = (_SYMMETRIC, _INT8_ACTIVATIONS)
    weight_bits = 4
    variants = (Variant("int4-weights", "INT4 weights"),)

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        if layer.operator not in _DENSE:
            return f"No runtime has a kernel for 4-bit weights in {layer.operator}."
        problem = domain_refusal(layer) or kernel_refusal(layer, graph)
        return problem or float_refusal(layer, graph) or _shape_refusal(layer, graph)

    def weight_bytes_after(self, weight: Weight) -> int:
        if len(weight.shape) != 2 or weight.dtype != "float32":
            return weight.bytes
        return weight.bytes // 8 + weight.bytes // BLOCK

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        from onnx import helper

        edit = ModelEdit.open(work.source)
        layers = {
            layer: node
            for layer, node in edit.layers(work.choices).items()
            if node.op_type in _DENSE and _is_matrix(edit, node)
        }
        for done, (layer, node) in enumerate(layers.items()):
            options = work.choices[layer]
            level = _INT8_INSIDE if options["int8_activations"] else 0
            edit.replace(node, _nodes(edit, layer, node, bool(options["symmetric"]), level))
            work.progress(done + 1, len(layers), "Rounding weights")
        if layers and all(opset.domain != _DOMAIN for opset in edit.model.opset_import):
            edit.model.opset_import.append(helper.make_opsetid(_DOMAIN, 1))
        edit.save(work.target)
        return TechniqueOutcome(tuple(layers))


def _shape_refusal(layer: Layer, graph: ModelGraph) -> str | None:
    if layer.operator == "Gemm" and layer.attributes.get("transA", "0") not in {"0", ""}:
        return "It transposes its input, which the 4-bit product cannot do."
    matrix = next(w for n in layer.weights if len((w := graph.weights[n]).shape) > 1)
    if len(matrix.shape) != 2:
        return "Its weights have more than two dimensions."
    turned = layer.operator == "Gemm" and layer.attributes.get("transB", "0") not in {"0", ""}
    channels = matrix.shape[1 if turned else 0]
    if channels % BLOCK:
        return f"Its {channels} inputs cannot be parted into blocks of {BLOCK}."
    return None


def _is_matrix(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return edit.is_weight(node.input[1]) and edit.weight(node.input[1]).ndim == 2


def int4_weight(rows: "np.ndarray", *, symmetric: bool) -> Int4Weight:
    """Round a matrix (output channels, input channels) to 0 … 15 by blocks along its rows.

    Symmetric scales put the value of largest size at one end of −8 … 7, so that all 16 numbers
    are used.
    """
    import numpy as np

    blocks = rows.astype(np.float64).reshape(len(rows), -1, BLOCK)
    if symmetric:
        place = np.abs(blocks).argmax(axis=-1)[..., None]
        scales = -np.take_along_axis(blocks, place, axis=-1)[..., 0] / _MIDDLE
        scales = np.where(np.abs(scales) < _SMALLEST_SCALE, _SMALLEST_SCALE, scales)
        zeros = np.full(scales.shape, _MIDDLE)
    else:
        low, high = blocks.min(axis=-1).clip(max=0), blocks.max(axis=-1).clip(min=0)
        scales = np.maximum((high - low) / _LEVELS, _SMALLEST_SCALE)
        zeros = np.rint(-low / scales)
    numbers = np.rint(blocks / scales[..., None]) + zeros[..., None]
    packed = _packed(np.clip(numbers, 0, _LEVELS).astype(np.uint8))
    return Int4Weight(
        packed, scales.astype(np.float32), None if symmetric else _packed(zeros.astype(np.uint8))
    )


def _packed(numbers: "np.ndarray") -> "np.ndarray":
    """Two numbers of 0 … 15 in each byte, along the last axis."""
    import numpy as np

    even = np.pad(numbers, [(0, 0)] * (numbers.ndim - 1) + [(0, numbers.shape[-1] % 2)])
    return even[..., 0::2] | (even[..., 1::2] << 4)


def _nodes(
    edit: ModelEdit, layer: LayerId, node: "onnx.NodeProto", symmetric: bool, level: int
) -> "list[onnx.NodeProto]":
    from onnx import helper

    values = edit.weight(node.input[1])
    rows = values if attribute(node, "transB", 0) else values.T
    weight = int4_weight(rows * float_attribute(node, "alpha", 1.0), symmetric=symmetric)
    name, output = node.input[1], node.output[0]
    inputs = [
        node.input[0],
        edit.add_weight(f"{name}/int4", weight.packed),
        edit.add_weight(f"{name}/scale", weight.scales.ravel()),
    ]
    if weight.zeros is not None:
        inputs.append(edit.add_weight(f"{name}/zero_point", weight.zeros.ravel()))
    bias = _bias(edit, node)
    product = edit.fresh(f"{output}/product") if bias else output
    made = [
        helper.make_node(
            "MatMulNBits", inputs, [product], domain=_DOMAIN, bits=4, block_size=BLOCK,
            K=rows.shape[1], N=rows.shape[0], accuracy_level=level,
        )
    ]  # fmt: skip
    if bias:
        made.append(helper.make_node("Add", [product, bias], [output]))
    for part in made:
        part.name = edit.fresh(f"{layer}/{part.op_type}")
        set_stamp(part, layer)
    return made


def _bias(edit: ModelEdit, node: "onnx.NodeProto") -> str:
    """Name of what a Gemm adds, empty without; its beta is multiplied in."""
    if node.op_type != "Gemm" or len(node.input) < 3 or not node.input[2]:
        return ""
    beta = float_attribute(node, "beta", 1.0)
    if beta == 1 or not edit.is_weight(node.input[2]):
        return node.input[2]
    values = edit.weight(node.input[2])
    return edit.add_weight(f"{node.input[2]}/scaled", (values * beta).astype(values.dtype))
