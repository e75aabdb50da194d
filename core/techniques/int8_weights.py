"""INT8 weights: the file shrinks to about a quarter, the arithmetic stays as it is."""

from math import prod

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
    store_scaled,
)

_FEW = 4
"""Rows up to which a product from packed weights is faster than one from unpacked ones."""

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
        "as before. Needs no images and costs little accuracy. Faster only for fully connected "
        "layers over single rows."
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
            few_rows = _has_few_rows(work.graph.by_id[layer])
            store = store_dequantized if few_rows else store_scaled
            store(edit, node, int8_weight(values, axis))
            work.progress(done + 1, len(layers), "Rounding weights")
        edit.save(work.target)
        return TechniqueOutcome(tuple(layers))


def _has_few_rows(layer: Layer) -> bool:
    """Whether runtimes multiply a MatMul from its packed weights, and gain by it."""
    shape = layer.output_shape
    if layer.operator != "MatMul" or shape is None:
        return False
    rows = [size for size in shape[:-1] if isinstance(size, int)]
    return len(rows) == len(shape) - 1 and prod(rows) <= _FEW
