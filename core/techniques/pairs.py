"""Inserts QuantizeLinear/DequantizeLinear pairs for activations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from core.techniques.calibration import Range
from core.techniques.editing import ModelEdit, rewire

if TYPE_CHECKING:
    import onnx

_SIGNED_TOP = 127
_UNSIGNED_TOP = 255


@dataclass(frozen=True)
class Int8Activations:
    """value ≈ (integer − zero) × scale."""

    scale: float
    zero: int
    signed: bool
    """int8 with zero point 0, else uint8."""

    @classmethod
    def covering(cls, values: Range, *, symmetric: bool) -> Self:
        """The finest steps that reach the whole range; 0 is always exact."""
        low, high = min(values.low, 0.0), max(values.high, 0.0)
        if symmetric:
            return cls(_scale(max(-low, high), _SIGNED_TOP), 0, signed=True)
        scale = _scale(high - low, _UNSIGNED_TOP)
        return cls(scale, round(-low / scale), signed=False)


def _scale(width: float, top: int) -> float:
    """The float32 scale for a width, rounded so that top × scale never exceeds it.

    ONNX Runtime 1.31 removes a Clip before QuantizeLinear only if no INT8 value lies beyond it.
    """
    import numpy as np

    if width <= 0:
        return 1.0
    scale = np.float32(width / top)
    while np.float32(scale * np.float32(top)) > np.float32(width):
        scale = np.nextafter(scale, np.float32(0))
    return float(max(scale, np.finfo(np.float32).tiny))


def insert_pairs(
    edit: ModelEdit,
    activations: Mapping[str, Int8Activations],
    readers: "Mapping[str, Sequence[onnx.NodeProto]]",
) -> None:
    """Give each tensor in `activations` a pair, and let its readers take the INT8 value."""
    import numpy as np
    from onnx import helper

    for name, numbers in activations.items():
        dtype = np.int8 if numbers.signed else np.uint8
        scale = edit.add_weight(f"{name}/scale", np.array(numbers.scale, np.float32))
        zero = edit.add_weight(f"{name}/zero_point", np.array(numbers.zero, dtype))
        integers, back = edit.fresh(f"{name}/int8"), edit.fresh(f"{name}/dequantized")
        edit.after(
            name,
            helper.make_node(
                "QuantizeLinear", [name, scale, zero], [integers], edit.fresh(f"{name}/Q")
            ),
            helper.make_node(
                "DequantizeLinear", [integers, scale, zero], [back], edit.fresh(f"{name}/DQ")
            ),
        )
        for node in readers[name]:
            rewire(node, name, back)


def shield(edit: ModelEdit, kernels: "Sequence[onnx.NodeProto]") -> None:
    """Keep engines from turning float kernels between two pairs into INT8 ones.

    WORKAROUND onnxruntime 1.31: its optimizer WeightBiasQuantization rounds the float weights of
    such a kernel with one scale per tensor. A Sum of one value, which is that value, stops it;
    an Identity would be removed first.
    """
    from onnx import helper

    for node in kernels:
        name = node.input[0]
        same = edit.fresh(f"{name}/float")
        edit.after(name, helper.make_node("Sum", [name], [same], edit.fresh(f"{node.name}/Sum")))
        node.input[0] = same
