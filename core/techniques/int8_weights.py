"""INT8 weights: the file shrinks to about a quarter, the arithmetic stays as it is."""

from core.model.graph import Layer, ModelGraph, Weight
from core.parameters import Toggle
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome, Variant
from core.techniques.editing import ModelEdit
from core.techniques.refusals import domain_refusal, float_refusal, kernel_refusal
from core.techniques.weights import (
    KERNELS,
    channel_axis,
    int8_bytes,
    int8_weight,
    store_dequantized,
)

PER_CHANNEL = Toggle(
    "per_channel",
    "One scale per output channel",
    "Channels of different strength each use the full range. Costs a few bytes, saves accuracy.",
    default=True,
)


class Int8Weights(Technique):
    name = "int8-weights"
    label = "INT8 weights only"
    short = "W8"
    summary = (
        "Stores weights as 8-bit integers, a quarter of the size, and computes in floating point "
        "as before. Needs no images and costs little accuracy, but is not made to run faster."
    )
    parameters = (PER_CHANNEL,)
    weight_bits = 8
    variants = (Variant("int8-weights", "INT8 weights"),)

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        if layer.operator not in KERNELS:
            return f"{layer.operator} has no kernel or matrix to store as INT8."
        return domain_refusal(layer) or kernel_refusal(layer, graph) or float_refusal(layer, graph)

    def weight_bytes_after(self, weight: Weight) -> int:
        return int8_bytes(weight)

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        edit = ModelEdit.open(work.source)
        layers = {
            layer: node
            for layer, node in edit.layers(work.choices).items()
            if edit.is_weight(node.input[1])
        }
        for done, (layer, node) in enumerate(layers.items()):
            values = edit.weight(node.input[1])
            per_channel = work.choices[layer]["per_channel"]
            axis = channel_axis(node, values.ndim) if per_channel else None
            store_dequantized(edit, node, int8_weight(values, axis))
            work.progress(done + 1, len(layers), "Rounding weights")
        edit.save(work.target)
        return TechniqueOutcome(tuple(layers))
