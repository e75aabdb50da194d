"""INT8 weights and activations after training, as explicit QuantizeLinear/DequantizeLinear pairs.

Written for every engine at once: weights symmetric with zero point 0, biases in float32 (TensorRT
refuses an INT32 DequantizeLinear), only standard operators. What TensorRT refuses further is an
asymmetric activation, which is an option because ONNX Runtime on x86 is fastest with it.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, cast

from core.errors import InputError
from core.model.graph import Layer, ModelGraph, Weight
from core.parameters import Choice, Option, Toggle, Value
from core.techniques.activation_functions import ACTIVATIONS
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome, Variant
from core.techniques.bias_correction import channel_means, correct_biases
from core.techniques.calibration import Method, Range, calibrate
from core.techniques.editing import ModelEdit
from core.techniques.folding import fold_batch_norms
from core.techniques.int8_weights import PER_CHANNEL
from core.techniques.pairs import Int8Activations, insert_pairs, shield
from core.techniques.placement import ARITHMETIC, MOVING, Placement, Settings, place
from core.techniques.refusals import (
    domain_refusal,
    float_refusal,
    kernel_refusal,
    statistics_refusal,
)
from core.techniques.weights import (
    KERNELS,
    channel_axis,
    int8_bytes,
    int8_weight,
    is_depthwise,
    pair_safe_scales,
    smallest_scales,
    store_dequantized,
    weight_rows,
)

if TYPE_CHECKING:
    import onnx

_SYMMETRIC = Toggle(
    "symmetric",
    "Symmetric activations",
    "Zero stays exactly zero, in the middle of the range. TensorRT takes nothing else; ONNX "
    "Runtime on x86 is faster without.",
    default=True,
)
_REDUCE_RANGE = Toggle(
    "reduce_range",
    "Safe without VNNI",
    "Scales weights so that processors without VNNI never overflow when they add two products in "
    "16 bits. Costs hardly any accuracy; without it, INT8 can be badly wrong on such processors.",
    default=True,
)
_DENSE = Toggle(
    "dense",
    "INT8 after every layer",
    "ONNX Runtime uses its INT8 kernels only where the result is INT8 too. TensorRT and OpenVINO "
    "do not need it.",
    default=False,
)
_METHOD = Choice(
    "method",
    "Range of activations",
    "How the largest value that INT8 can hold is chosen from the calibration images.",
    "minmax",
    (
        Option("minmax", "Smallest to largest", "Nothing is cut off."),
        Option("percentile", "99.99 %", "Rare outliers are cut off, the others get finer steps."),
        Option("entropy", "Least information lost", "Slower; good for long-tailed activations."),
        Option("mse", "Least squared error", "Weighs what is cut off against finer steps."),
    ),
)
_BIAS_CORRECTION = Toggle(
    "bias_correction",
    "Correct biases",
    "Takes the mean error of each output channel out of the biases, layer by layer, measured on "
    "your images. Helps small and depthwise networks; the model runs as fast as without.",
    default=False,
)


class Int8Static(Technique):
    name = "int8"
    label = "INT8 (weights and activations)"
    short = "INT8"
    summary = (
        "Computes with 8-bit integers: a quarter of the size, and usually the fastest. "
        "Learns the ranges of activations from your images; accuracy can fall and is checked."
    )
    parameters = (_SYMMETRIC, PER_CHANNEL, _REDUCE_RANGE, _DENSE, _METHOD, _BIAS_CORRECTION)
    needs_calibration = True
    weight_bits = 8
    variants = (
        Variant("int8", "INT8 symmetric"),
        Variant("int8-asymmetric", "INT8 asymmetric", {"symmetric": False, "dense": True}),
        Variant(
            "int8-fused",
            "INT8 asymmetric, fewest conversions",
            {"symmetric": False},
            after=("simplify",),
        ),
        Variant(
            "int8-percentile",
            "INT8 asymmetric, outliers cut",
            {"symmetric": False, "dense": True, "method": "percentile"},
        ),
    )

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        return domain_refusal(layer) or _refusal(layer, graph) or float_refusal(layer, graph)

    def weight_bytes_after(self, weight: Weight) -> int:
        return int8_bytes(weight)

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        if work.calibration is None:
            raise InputError(
                "INT8 for activations needs images.",
                "Their ranges are learned from real inputs, never from random ones.",
                "Add images, or choose INT8 weights only, which needs none.",
            )
        edit = ModelEdit.open(work.source)
        layers = edit.layers(work.choices)
        folded = fold_batch_norms(edit, layers.values())
        edit.arrange()
        placement = place(
            edit, {layer: (node, _settings(work.choices[layer])) for layer, node in layers.items()}
        )
        methods: dict[str, Method] = {
            name: settings.method for name, settings in placement.settings.items()
        }
        ranges = calibrate(
            edit.model,
            methods,
            work.calibration,
            count=work.calibration_count,
            scratch=work.scratch,
            progress=work.progress,
            symmetric=[name for name, at in placement.settings.items() if at.symmetric],
        )
        corrected = [
            node for layer, node in layers.items() if work.choices[layer]["bias_correction"]
        ]
        means = channel_means(edit.model, corrected, work.calibration, work.scratch)
        activations = _activations(placement, ranges)
        for layer, node in layers.items():
            _treat_weight(edit, node, work.choices[layer], activations)
        insert_pairs(edit, activations, placement.readers)
        shield(edit, placement.shielded)
        edit.arrange()
        correct_biases(edit, corrected, means, work.calibration, _correcting(work))
        edit.save(work.target)
        return TechniqueOutcome(tuple(layers), _notes(folded))


def _refusal(layer: Layer, graph: ModelGraph) -> str | None:
    """What its operator holds against a layer."""
    operator = layer.operator
    if operator == "BatchNormalization":
        return "It is folded into the convolution before it where there is one."
    if operator not in KERNELS | ARITHMETIC | MOVING | ACTIVATIONS:
        return f"{operator} has no INT8 form that all runtimes take."
    if operator in KERNELS - {"MatMul"}:
        return kernel_refusal(layer, graph)
    if operator in ARITHMETIC - {"ReduceMean"} and layer.weights:
        return "One of its inputs is a stored constant, which keeps it in FP32."
    return statistics_refusal(layer, graph) if operator in ARITHMETIC else None


def _correcting(work: TechniqueInput) -> Callable[[int, int], None]:
    return lambda done, total: work.progress(done, total, "Correcting biases")


def _settings(options: Mapping[str, Value]) -> Settings:
    return Settings(
        symmetric=bool(options["symmetric"]),
        method=cast(Method, options["method"]),
        dense=bool(options["dense"]),
    )


def _activations(placement: Placement, ranges: Mapping[str, Range]) -> dict[str, Int8Activations]:
    """Scale and zero point of every placed tensor; tied tensors get the same."""
    found: dict[str, Int8Activations] = {}
    for group in placement.groups:
        known = [ranges[name] for name in group if name in ranges]
        if not known:
            continue
        whole = known[0]
        for other in known[1:]:
            whole = whole.union(other)
        symmetric = any(placement.settings[name].symmetric for name in group)
        found |= dict.fromkeys(group, Int8Activations.covering(whole, symmetric=symmetric))
    return found


def _treat_weight(
    edit: ModelEdit,
    node: "onnx.NodeProto",
    options: Mapping[str, Value],
    activations: Mapping[str, Int8Activations],
) -> None:
    import numpy as np

    if node.op_type not in KERNELS or not edit.is_weight(node.input[1]):
        return
    values = edit.weight(node.input[1])
    axis = channel_axis(node, values.ndim) if options["per_channel"] else None
    bounds = [np.zeros(1)]
    source = activations.get(node.input[0])
    if source is not None and len(node.input) > 2 and edit.is_weight(node.input[2]):
        bounds.append(smallest_scales(edit.weight(node.input[2]), source.scale))
    if options["reduce_range"] and not is_depthwise(values, node):
        bounds.append(pair_safe_scales(weight_rows(values, node)))
    if axis is None:
        bounds = [bound.max(initial=0.0) for bound in bounds]
    smallest = reduce(np.maximum, bounds)
    store_dequantized(edit, node, int8_weight(values, axis, smallest))


def _notes(folded: int) -> tuple[str, ...]:
    if not folded:
        return ()
    return (f"{folded} batch normalizations were folded into the convolutions before them.",)
