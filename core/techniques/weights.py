"""Turns stored weights into 8-bit integers, with one scale per output channel or per tensor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.model.graph import Weight
from core.techniques.editing import ModelEdit, attribute

if TYPE_CHECKING:
    import numpy as np
    import onnx

KERNELS = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
"""Operators whose second input is a matrix or kernel that can be stored as INT8."""

_LIMIT = 127

_PAIR_LIMIT = 128
"""255 × 128 fits into 16 bits."""

_SMALLEST_SCALE = 1e-12
"""Engines refuse a scale that is not positive; an all-zero channel gets this one."""

_BIAS_LIMIT = 2.0**30
"""Engines hold the bias as INT32 in units of input scale × weight scale; this leaves headroom."""


@dataclass(frozen=True)
class Int8Weight:
    """value ≈ values × scales, with scales along `axis`, or one scale where axis is None."""

    values: "np.ndarray"
    """int8, the shape of the original."""
    scales: "np.ndarray"
    """float32, shape (channels,) or ()."""
    axis: int | None


def channel_axis(node: "onnx.NodeProto", rank: int) -> int | None:
    """The axis of a weight that counts output channels, None where scales cannot differ by it."""
    if node.op_type == "Conv":
        return 0
    if node.op_type == "ConvTranspose":
        return 1 if attribute(node, "group", 1) == 1 else None
    if node.op_type == "Gemm":
        return 0 if attribute(node, "transB", 0) else 1
    return 1 if rank == 2 else None


def int8_weight(
    values: "np.ndarray",
    axis: int | None,
    smallest: "np.ndarray | float" = 0.0,
) -> Int8Weight:
    """Round to the nearest of −127 … 127; symmetric, so that the zero point is 0.

    `smallest` bounds the scales from below: one number, or one per channel where there is an axis.
    """
    import numpy as np

    others = None if axis is None else tuple(i for i in range(values.ndim) if i != axis)
    largest = np.abs(values).max(axis=others, initial=0.0)
    floor = np.maximum(smallest, _SMALLEST_SCALE)
    scales = np.maximum(largest / _LIMIT, floor).astype(np.float32)
    spread = scales if axis is None else np.expand_dims(scales, others or ())
    rounded = np.clip(np.rint(values / spread), -_LIMIT, _LIMIT).astype(np.int8)
    return Int8Weight(rounded, np.asarray(scales), axis)


def int8_bytes(weight: Weight) -> int:
    """Predicted bytes of a weight stored by `store_dequantized`; biases stay float32."""
    if len(weight.shape) < 2 or weight.dtype != "float32":
        return weight.bytes
    return weight.bytes // 4 + 5 * weight.shape[0]


def smallest_scales(bias: "np.ndarray", input_scale: float) -> "np.ndarray":
    """Weight scales below which the bias would overflow INT32 in an engine, shape (channels,)."""
    import numpy as np

    return np.abs(bias.astype(np.float64)) / (input_scale * _BIAS_LIMIT)


def weight_rows(values: "np.ndarray", node: "onnx.NodeProto") -> "np.ndarray":
    """A weight as (output channels, kernel positions, input channels)."""
    import numpy as np

    if node.op_type == "Conv":
        moved = np.moveaxis(values, 1, -1)
    elif node.op_type == "ConvTranspose":
        moved = np.moveaxis(values, (1, 0), (0, -1))
    elif channel_axis(node, values.ndim) == 0:
        moved = values
    else:
        moved = np.moveaxis(values, -1, 0)
    return moved.reshape(moved.shape[0], -1, moved.shape[-1])


def is_depthwise(values: "np.ndarray", node: "onnx.NodeProto") -> bool:
    """Whether each group sees one channel and makes one."""
    group = attribute(node, "group", 1)
    return node.op_type == "Conv" and group > 1 and values.shape[:2] == (group, 1)


def pair_safe_scales(rows: "np.ndarray") -> "np.ndarray":
    """Scales above which no two products overflow 16 bits, shape (channels,); see `weight_rows`.

    AVX2 and AVX512 without VNNI multiply u8 by s8 and add two neighbours with saturation
    (VPMADDUBSW), so two neighbouring weights of one sign may not exceed 128 together. Halving all
    weights is the usual cure; bounding real pairs keeps most of the eighth bit. Neighbours are
    input channels at one kernel position (oneDNN), or positions and channels as one row (MLAS;
    differs for odd channel counts). Depthwise kernels of both widen first and need no bound.
    """
    import numpy as np

    flat = rows.reshape(len(rows), 1, -1)
    return np.maximum(_largest_pair(rows), _largest_pair(flat)) / _PAIR_LIMIT


def _largest_pair(rows: "np.ndarray") -> "np.ndarray":
    """Largest sum of two neighbours of one sign, by first axis."""
    import numpy as np

    even = np.pad(rows, ((0, 0), (0, 0), (0, rows.shape[-1] % 2)))
    pairs = even.reshape(len(rows), -1, 2)
    sums = np.maximum(pairs, 0).sum(-1), np.maximum(-pairs, 0).sum(-1)
    return np.maximum(*sums).max(axis=-1, initial=0.0)


def store_dequantized(edit: ModelEdit, node: "onnx.NodeProto", weight: Int8Weight) -> None:
    """Store an INT8 weight and let the node take it through a DequantizeLinear of its own."""
    import numpy as np
    from onnx import helper

    name = node.input[1]
    stored = edit.add_weight(f"{name}/int8", weight.values)
    scale = edit.add_weight(f"{name}/scale", weight.scales)
    zero = edit.add_weight(f"{name}/zero_point", np.zeros(weight.scales.shape, np.int8))
    output = edit.fresh(f"{name}/dequantized")
    back = helper.make_node(
        "DequantizeLinear", [stored, scale, zero], [output], edit.fresh(f"{name}/DQ")
    )
    if weight.axis is not None:
        back.attribute.append(helper.make_attribute("axis", weight.axis))
    edit.first(back)
    node.input[1] = output


def store_scaled(edit: ModelEdit, node: "onnx.NodeProto", weight: Int8Weight) -> None:
    """The same as a Cast and a Mul, which engines do once, as they load the model.

    ONNX Runtime 1.31 never folds a DequantizeLinear: EfficientNet-Lite0 with one before every
    convolution takes 2.3 times as long as in FP32, in this form 0.97 times.
    """
    import numpy as np
    from onnx import TensorProto, helper

    name = node.input[1]
    stored = edit.add_weight(f"{name}/int8", weight.values)
    scales = weight.scales
    if weight.axis is not None:
        others = tuple(i for i in range(weight.values.ndim) if i != weight.axis)
        scales = np.expand_dims(scales, others)
    scale = edit.add_weight(f"{name}/scale", scales)
    real, output = edit.fresh(f"{name}/float"), edit.fresh(f"{name}/dequantized")
    edit.first(
        helper.make_node(
            "Cast", [stored], [real], edit.fresh(f"{name}/Cast"), to=TensorProto.FLOAT
        ),
        helper.make_node("Mul", [real, scale], [output], edit.fresh(f"{name}/Mul")),
    )
    node.input[1] = output
