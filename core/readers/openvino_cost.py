"""The work of OpenVINO's operations in ONNX's words and layouts, to count operations."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod

from core.model.cost import Shape, Work

_SAME: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "Broadcast", "Concat", "Convert", "ConvertLike", "DepthToSpace", "EmbeddingBagOffsets",
            "Gather", "GatherElements", "GatherND", "OneHot", "Pad", "Permute", "Range", "Reshape",
            "Reverse", "ReverseSequence", "ScatterElementsUpdate", "ScatterNDUpdate",
            "ScatterUpdate", "Select", "ShapeOf", "ShuffleChannels", "Slice", "SpaceToBatch",
            "BatchToSpace", "SpaceToDepth", "Split", "Squeeze", "StridedSlice", "Tile", "Transpose",
            "Unsqueeze", "VariadicSplit", "Flatten", "ReadValue", "Assign", "Const", "Constant",
        ),
        "Identity",
    ),
    **dict.fromkeys(
        ("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2"),
        "ReduceSum",
    ),
    "SoftMax": "Softmax", "Softmax": "Softmax", "LogSoftmax": "LogSoftmax", "TopK": "TopK",
    "MVN": "LayerNormalization", "RMS": "RMSNormalization", "NormalizeL2": "RMSNormalization",
    "GroupNormalization": "GroupNormalization", "BatchNormInference": "BatchNormalization",
    "BatchNormalization": "BatchNormalization", "FakeQuantize": "QuantizeLinear",
    **dict.fromkeys(
        (
            "Abs", "Add", "Ceiling", "Clamp", "Cos", "Divide", "Elu", "Eltwise", "Equal", "Erf",
            "Exp", "Floor", "FloorMod", "Gelu", "Greater", "GreaterEqual", "HSigmoid", "HSwish",
            "HardSigmoid", "Interpolate", "Less", "LessEqual", "Log", "LogicalAnd", "LogicalNot",
            "LogicalOr", "LogicalXor", "Maximum", "Minimum", "Mish", "Mod", "Multiply", "Negative",
            "NotEqual", "PRelu", "Power", "ReLU", "Round", "ScaleShift", "Selu", "Sigmoid", "Sign",
            "Sin", "SoftPlus", "Sqrt", "SquaredDifference", "Subtract", "Swish", "Tanh", "CumSum",
        ),
        "Add",
    ),
}  # fmt: skip
"""Operations that cost what an ONNX operator costs with the same shapes."""


def work_of(work: Work) -> Work | None:
    """The same work as ONNX would have it; None where nothing is known about the operation."""
    if work.operator in _SAME:
        return replace(work, operator=_SAME[work.operator])
    rewrite = _REWRITES.get(work.operator)
    return None if rewrite is None else rewrite(work)


def numbers_of(attributes: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """The attributes that are whole numbers between commas; truth as 1 and 0."""
    found: dict[str, tuple[int, ...]] = {}
    for name, text in attributes.items():
        parts = text.lower().replace("true", "1").replace("false", "0").split(",")
        if len(parts) <= 16 and all(part.strip().isdecimal() for part in parts):
            found[name] = tuple(int(part) for part in parts)
    return found


def _convolution(work: Work) -> Work:
    return replace(work, operator="Conv")


def _grouped(work: Work) -> Work:
    """Weights are (groups, out / groups, in / groups, …)."""
    weight = work.input(1)
    numbers = {**work.numbers, "group": (weight[0] or 1,)} if weight else work.numbers
    return replace(work, operator="Conv", inputs=[work.input(0), _merged(weight)], numbers=numbers)


def _transposed(work: Work) -> Work:
    return replace(work, operator="ConvTranspose", inputs=[work.input(0), work.input(1)])


def _grouped_transposed(work: Work) -> Work:
    """Weights are (groups, in / groups, out / groups, …)."""
    return replace(work, operator="ConvTranspose", inputs=[work.input(0), _merged(work.input(1))])


def _merged(weight: Shape) -> Shape:
    """The first two sizes as one."""
    if not weight or len(weight) < 3 or weight[0] is None or weight[1] is None:
        return None
    return (weight[0] * weight[1], *weight[2:])


def _matrix(work: Work) -> Work:
    left, right = work.input(0), work.input(1)
    if left and work.number("transpose_a", 0):
        left = (*left[:-2], *left[-2:][::-1])
    if right and work.number("transpose_b", 0):
        right = (*right[:-2], *right[-2:][::-1])
    return replace(work, operator="MatMul", inputs=[left, right])


def _pooling(work: Work) -> Work:
    kernel = work.numbers.get("kernel", ())
    return replace(work, operator="AveragePool", numbers={"kernel_shape": kernel})


def _older_matrix(work: Work) -> Work:
    """FullyConnected of versions before 10: the weights are known by their bytes alone."""
    shape = work.input(0)
    known = shape is not None and all(shape[1:])
    width = prod(size or 0 for size in shape[1:]) if known and shape else None
    return replace(work, operator="MatMul", inputs=[(1, width) if width else None])


_REWRITES: Mapping[str, Callable[[Work], Work]] = {
    "Convolution": _convolution,
    "BinaryConvolution": _convolution,
    "GroupConvolution": _grouped,
    "ConvolutionBackpropData": _transposed,
    "GroupConvolutionBackpropData": _grouped_transposed,
    "MatMul": _matrix,
    "FullyConnected": _older_matrix,
    "AvgPool": _pooling,
    "MaxPool": _pooling,
}
