"""Which scale and zero point belong to a stored tensor of integers, read from an ONNX model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class Companions:
    """Names of the scale and the zero point, and the axis that they go along."""

    scale: str
    zero_point: str
    """Empty where there is none: then it is 0."""
    axis: int
    block: int
    """Values of the axis that share a scale; 0 where the scale is one or one per channel."""


class RealRange(BaseModel):
    """What the stored integers mean: (stored - zero point) × scale."""

    scale: str
    zero_point: str
    scales: int
    """How many scales there are: 1 for the whole tensor, else one per channel or block."""
    smallest_scale: float
    largest_scale: float
    axis: int
    block: int
    minimum: float | None
    maximum: float | None
    """None where the scales lie along another axis than the output channels."""


_PLACES: Mapping[str, tuple[tuple[int, int, int], ...]] = {
    "DequantizeLinear": ((0, 1, 2),),
    "QLinearConv": ((3, 4, 5),),
    "QLinearMatMul": ((0, 1, 2), (3, 4, 5)),
}
"""Operator to its inputs that are integers, scale and zero point."""


def companions_of(model: "onnx.ModelProto", weight: str) -> Companions | None:
    """What the first node that reads `weight` as integers says about them, or None."""
    return next(_companions(model, weight), None)


def real_range(
    found: Companions, scale: NDArray[Any], zero: NDArray[Any] | None, low: Any, high: Any
) -> RealRange:
    """`low` and `high` are the stored ends, one per output channel or one of each."""
    scales = scale.astype(np.float64).ravel()
    zeros = np.zeros(1) if zero is None else zero.astype(np.float64).ravel()
    fits = not found.block and len(scales) in (1, np.size(low))
    ends: tuple[float, float] | None = None
    if fits and np.size(low):
        reals = [(np.asarray(end) - zeros) * scales for end in (low, high)]
        ends = float(np.min(reals)), float(np.max(reals))
    return RealRange(
        scale=found.scale,
        zero_point=found.zero_point,
        scales=len(scales),
        smallest_scale=float(scales.min()),
        largest_scale=float(scales.max()),
        axis=found.axis,
        block=found.block,
        minimum=ends and ends[0],
        maximum=ends and ends[1],
    )


def _companions(model: "onnx.ModelProto", weight: str) -> Iterator[Companions]:
    for node in model.graph.node:
        for values, scale, zero in _PLACES.get(node.op_type, ()):
            if len(node.input) > scale and node.input[values] == weight:
                numbers = {entry.name: entry.i for entry in node.attribute}
                axis = numbers.get("axis", 1 if node.op_type == "DequantizeLinear" else 0)
                zero_point = node.input[zero] if len(node.input) > zero else ""
                block = numbers.get("block_size", 0)
                yield Companions(node.input[scale], zero_point, axis, block)
