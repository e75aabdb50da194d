"""INT8 with ranges found at run time: no images needed, for fully connected layers."""

from typing import TYPE_CHECKING

from core.model.graph import Layer, LayerId, ModelGraph, Weight
from core.model.identity import set_stamp
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome, Variant
from core.techniques.editing import ModelEdit, attribute
from core.techniques.int8_weights import PER_CHANNEL
from core.techniques.refusals import domain_refusal, float_refusal, kernel_refusal
from core.techniques.weights import channel_axis, int8_bytes, int8_weight, pair_safe_scales

if TYPE_CHECKING:
    import numpy as np
    import onnx

_OPERATORS = frozenset({"Gemm", "MatMul"})


class Int8Dynamic(Technique):
    """x·W becomes DynamicQuantizeLinear → MatMulInteger → scale → bias.

    The ONNX operators fix uint8 activations; ONNX Runtime fuses the pattern into one kernel.
    """

    name = "int8-dynamic"
    label = "INT8, ranges at run time"
    short = "INT8 dyn"
    summary = (
        "Fully connected layers compute with 8-bit integers whose range is found anew for each "
        "input. Needs no images. Suits transformers; convolutions stay as they are."
    )
    parameters = (PER_CHANNEL,)
    weight_bits = 8
    variants = (Variant("int8-dynamic", "INT8 dynamic"),)

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        if layer.operator not in _OPERATORS:
            return "Ranges at run time pay only in fully connected layers (MatMul, Gemm)."
        problem = domain_refusal(layer) or kernel_refusal(layer, graph)
        return problem or float_refusal(layer, graph) or _gemm_refusal(layer, graph)

    def weight_bytes_after(self, weight: Weight) -> int:
        return int8_bytes(weight)

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        edit = ModelEdit.open(work.source)
        layers = {
            layer: node
            for layer, node in edit.layers(work.choices).items()
            if edit.is_weight(node.input[1]) and not attribute(node, "transA", 0)
        }
        for done, (layer, node) in enumerate(layers.items()):
            per_channel = bool(work.choices[layer]["per_channel"])
            edit.replace(node, _integer_nodes(edit, layer, node, per_channel))
            work.progress(done + 1, len(layers), "Rounding weights")
        edit.save(work.target)
        return TechniqueOutcome(tuple(layers))


def _gemm_refusal(layer: Layer, graph: ModelGraph) -> str | None:
    """Refuses a Gemm whose first operand is transposed."""
    if layer.operator == "Gemm" and layer.attributes.get("transA", "0") not in {"0", ""}:
        return "It transposes its input, which the integer product cannot do."
    return None


def _integer_nodes(
    edit: ModelEdit, layer: LayerId, node: "onnx.NodeProto", per_channel: bool
) -> "list[onnx.NodeProto]":
    import numpy as np
    from onnx import TensorProto, helper

    values, axis = _matrix(edit, node)
    # MatMulInteger runs on the same saturating instructions as Q/DQ: see pair_safe_scales.
    rows = np.moveaxis(values, -1, 0).reshape(values.shape[-1], -1, values.shape[-2])
    bounds = pair_safe_scales(rows)
    if not per_channel or axis is None:
        axis, bounds = None, bounds.max()
    weight = int8_weight(values, axis, bounds)
    stored = edit.add_weight(f"{node.input[1]}/int8", weight.values)
    scales = edit.add_weight(f"{node.input[1]}/scale", weight.scales)
    output = node.output[0]
    names = ("int8", "input_scale", "input_zero", "product", "float", "scale", "scaled")
    integers, scale, zero, product, real, factor, scaled = (
        edit.fresh(f"{output}/{name}") for name in names
    )
    bias = _bias(edit, node)
    end = scaled if bias else output
    made = [
        helper.make_node("DynamicQuantizeLinear", [node.input[0]], [integers, scale, zero]),
        helper.make_node("MatMulInteger", [integers, stored, zero], [product]),
        helper.make_node("Cast", [product], [real], to=TensorProto.FLOAT),
        helper.make_node("Mul", [scale, scales], [factor]),
        helper.make_node("Mul", [real, factor], [end]),
    ]
    if bias:
        made.append(helper.make_node("Add", [scaled, bias], [output]))
    for part in made:
        part.name = edit.fresh(f"{layer}/{part.op_type}")
        set_stamp(part, layer)
    return made


def _matrix(edit: ModelEdit, node: "onnx.NodeProto") -> "tuple[np.ndarray, int | None]":
    """The weight as MatMul takes it, and its output axis; Gemm's alpha is multiplied in."""
    values = edit.weight(node.input[1])
    if node.op_type == "MatMul":
        return values, channel_axis(node, values.ndim)
    return (values.T if attribute(node, "transB", 0) else values) * _factor(node, "alpha"), 1


def _bias(edit: ModelEdit, node: "onnx.NodeProto") -> str:
    """Name of what is added, empty without; Gemm's beta is multiplied in."""
    if node.op_type != "Gemm" or len(node.input) < 3 or not node.input[2]:
        return ""
    name, beta = node.input[2], _factor(node, "beta")
    if beta == 1 or not edit.is_weight(name):
        return name
    values = edit.weight(name)
    return edit.add_weight(f"{name}/scaled", (values * beta).astype(values.dtype))


def _factor(node: "onnx.NodeProto", name: str) -> float:
    return next((entry.f for entry in node.attribute if entry.name == name), 1.0)
