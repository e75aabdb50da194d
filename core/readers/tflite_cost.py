"""The work of TensorFlow Lite's operators in ONNX's words and layouts, to count operations.

TensorFlow Lite keeps images as (batch, height, width, channels) and a convolution's weights as
(out, height, width, in); the formulas of core.model.cost expect channels first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.model.cost import Shape, Work

_SAME: Mapping[str, str] = {
    "MEAN": "ReduceMean",
    "SUM": "ReduceSum",
    "REDUCE_MAX": "ReduceMax",
    "REDUCE_MIN": "ReduceMin",
    "REDUCE_PROD": "ReduceProd",
    "ARG_MAX": "ArgMax",
    "ARG_MIN": "ArgMin",
    "TOPK_V2": "TopK",
    "SOFTMAX": "Softmax",
    "LOG_SOFTMAX": "LogSoftmax",
    "QUANTIZE": "QuantizeLinear",
    "DEQUANTIZE": "DequantizeLinear",
    "L2_NORMALIZATION": "RMSNormalization",
    "LOCAL_RESPONSE_NORMALIZATION": "GroupNormalization",
    **dict.fromkeys(
        (
            "BATCH_TO_SPACE_ND", "BITCAST", "BROADCAST_TO", "CAST", "CONCATENATION",
            "DEPTH_TO_SPACE", "DYNAMIC_UPDATE_SLICE", "EMBEDDING_LOOKUP", "EXPAND_DIMS", "FILL",
            "GATHER", "GATHER_ND", "MIRROR_PAD", "PACK", "PAD", "PADV2", "RANK", "RESHAPE",
            "REVERSE_SEQUENCE", "REVERSE_V2", "SCATTER_ND", "SELECT", "SELECT_V2", "SHAPE",
            "SLICE", "SPACE_TO_BATCH_ND", "SPACE_TO_DEPTH", "SPLIT", "SPLIT_V", "SQUEEZE",
            "STRIDED_SLICE", "TILE", "TRANSPOSE", "UNPACK", "WHERE", "ZEROS_LIKE", "DENSIFY",
            "READ_VARIABLE", "ASSIGN_VARIABLE", "VAR_HANDLE", "RANGE", "ONE_HOT",
        ),
        "Identity",
    ),
    **dict.fromkeys(
        (
            "ABS", "ADD", "ADD_N", "ATAN2", "CEIL", "COS", "CUMSUM", "DIV", "ELU", "EQUAL", "EXP",
            "FLOOR", "FLOOR_DIV", "FLOOR_MOD", "GELU", "GREATER", "GREATER_EQUAL", "HARD_SWISH",
            "LEAKY_RELU", "LESS", "LESS_EQUAL", "LOG", "LOGICAL_AND", "LOGICAL_NOT", "LOGICAL_OR",
            "LOGISTIC", "MAXIMUM", "MINIMUM", "MUL", "NEG", "NOT_EQUAL", "POW", "PRELU", "RELU",
            "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR",
            "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "SUB", "TANH",
        ),
        "Add",
    ),
}  # fmt: skip
"""Operators that cost what an ONNX operator costs with the same shapes."""


def work_of(operator: str, work: Work) -> Work | None:
    """`work` with TensorFlow Lite's shapes as ONNX would have it; None where nothing is known."""
    if operator in _SAME:
        return replace(work, operator=_SAME[operator])
    rewrite = _REWRITES.get(operator)
    return None if rewrite is None else rewrite(work)


def _convolution(work: Work) -> Work:
    inputs = [_channels_first(work.input(0)), _channels_first(work.input(1))]
    return replace(work, operator="Conv", inputs=inputs, outputs=[_channels_first(work.output())])


def _depthwise(work: Work) -> Work:
    """Weights are (1, height, width, channels)."""
    weight = work.input(1)
    turned = (weight[-1], 1, *weight[1:-1]) if weight else None
    numbers = {**work.numbers, "group": (turned[0],)} if turned and turned[0] else work.numbers
    inputs = [_channels_first(work.input(0)), turned]
    outputs = [_channels_first(work.output())]
    return replace(work, operator="Conv", inputs=inputs, outputs=outputs, numbers=numbers)


def _transposed(work: Work) -> Work:
    """Inputs are the shape to make, the weights (out, height, width, in), and the image."""
    weight = work.input(1)
    turned = (weight[-1], weight[0], *weight[1:-1]) if weight else None
    inputs = [_channels_first(work.input(2)), turned]
    outputs = [_channels_first(work.output())]
    return replace(work, operator="ConvTranspose", inputs=inputs, outputs=outputs)


def _fully_connected(work: Work) -> Work:
    """Weights are (out, in); the input may be flattened on the way."""
    weight = work.input(1)
    left = (1, weight[-1]) if weight else None
    inputs = [left, weight[::-1] if weight else None]
    return replace(work, operator="MatMul", inputs=inputs)


def _matrix(work: Work) -> Work:
    return replace(work, operator="MatMul")


def _pooling(work: Work) -> Work:
    kernel: list[int] = []
    for name in ("filter_height", "filter_width"):
        kernel += work.numbers.get(name, ())
    return replace(work, operator="AveragePool", numbers={"kernel_shape": kernel})


def _channels_first(shape: Shape) -> Shape:
    """(out, …, in) as (out, in, …)."""
    return (shape[0], shape[-1], *shape[1:-1]) if shape and len(shape) > 1 else shape


def _recurrent(weights: Sequence[int], recurrences: Sequence[int]) -> Callable[[Work], Work]:
    """One step of a cell: every weight is used once. The formula takes two matrices."""

    def rewrite(work: Work) -> Work:
        first, second = _total(work, weights), _total(work, recurrences)
        shape = work.input(0)
        steps = shape if shape and len(shape) == 3 else (1, *(shape or ()))
        return replace(work, operator="LSTM", inputs=[steps, first, second])

    return rewrite


def _total(work: Work, places: Sequence[int]) -> Shape:
    """A matrix with as many elements as these inputs have together."""
    rows, width = 0, None
    for place in places:
        shape = work.input(place)
        if not shape or len(shape) != 2:
            continue
        rows += shape[0] or 0
        width = shape[1]
    return (rows, width) if width else None


_REWRITES: Mapping[str, Callable[[Work], Work]] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _depthwise,
    "TRANSPOSE_CONV": _transposed,
    "FULLY_CONNECTED": _fully_connected,
    "BATCH_MATMUL": _matrix,
    "AVERAGE_POOL_2D": _pooling,
    "MAX_POOL_2D": _pooling,
    "L2_POOL_2D": _pooling,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _recurrent((1, 2, 3, 4), (5, 6, 7, 8)),
    "UNIDIRECTIONAL_SEQUENCE_RNN": _recurrent((1,), (2,)),
    "LSTM": _recurrent((1, 2, 3, 4), (5, 6, 7, 8)),
    "RNN": _recurrent((1,), (2,)),
}
