"""What a layer costs: operations for one inference, and its kernel in a few characters.

Operations count a multiplication and an addition each as one, the way hardware peaks are given, so
a convolution has twice its multiply-accumulates. They say nothing about time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

Shape = tuple[int | None, ...] | None
"""None for an unknown rank, None inside for an unknown size."""


@dataclass(frozen=True)
class Work:
    """One layer as the formulas see it. Shapes are for batch 1; absent inputs are None."""

    operator: str
    inputs: Sequence[Shape]
    outputs: Sequence[Shape]
    numbers: Mapping[str, Sequence[int]]
    """Integer attributes, such as kernel_shape and group; single integers as one-item lists."""
    stored: frozenset[int] = frozenset()
    """Indices of the inputs that are weights."""

    def input(self, index: int) -> Shape:
        return self.inputs[index] if index < len(self.inputs) else None

    def output(self) -> Shape:
        return self.outputs[0] if self.outputs else None

    def number(self, name: str, default: int) -> int:
        return next(iter(self.numbers.get(name, ())), default)


def operations(work: Work) -> int | None:
    """Operations of one inference, or None where shapes or the operator's meaning are not known."""
    if work.operator in _MOVES_ONLY:
        return 0
    formula = _FORMULAS.get(work.operator)
    if formula is not None:
        return formula(work)
    return None if work.operator in _UNKNOWN else _times(_count(work.output()), 1)


def detail(work: Work) -> str:
    """“3×3 dw 96” or “1×1 96×16” for a convolution, “1000×1280” for a matrix, else empty."""
    if work.operator == _PACKED:
        return _joined([work.number(size, 0) or None for size in ("K", "N")])
    place = _WEIGHT_INPUT.get(work.operator)
    if place is None:
        return _joined(work.numbers.get("kernel_shape", ()))
    weight = work.input(place) if place in work.stored else None
    if weight is None or len(weight) < 2:
        return ""
    if work.operator in _CONVOLUTIONS and len(weight) > 2:
        channels = weight[0]
        groups = work.number("group", 1)
        kernel = _joined(weight[2:])
        if groups > 1 and groups == channels:
            return f"{kernel} dw {channels}"
        return f"{kernel} {_joined(weight[:2])}" + (f" /{groups} groups" if groups > 1 else "")
    return _joined(weight)


def _joined(sizes: Sequence[int | None]) -> str:
    return "×".join("?" if size is None else str(size) for size in sizes)


def _count(shape: Shape) -> int | None:
    if shape is None:
        return None
    known = [size for size in shape if size is not None]
    return prod(known) if len(known) == len(shape) else None


def _times(count: int | None, *factors: int | None) -> int | None:
    total = count
    for factor in factors:
        if total is None or factor is None:
            return None
        total *= factor
    return total


def _convolution(weight_input: int) -> Callable[[Work], int | None]:
    """Weight (out, in / groups, *kernel): each output element sums over in / groups × kernel."""

    def count(work: Work) -> int | None:
        weight = work.input(weight_input)
        return None if weight is None else _times(_count(work.output()), 2, _count(weight[1:]))

    return count


def _transposed_convolution(work: Work) -> int | None:
    """Weight (in, out / groups, *kernel): each input element feeds out / groups × kernel."""
    weight = work.input(1)
    return None if weight is None else _times(_count(work.input(0)), 2, _count(weight[1:]))


def _matrix(first: int) -> Callable[[Work], int | None]:
    """Each output element sums over the last axis of the left matrix."""

    def count(work: Work) -> int | None:
        left = work.input(first)
        if not left:
            return None
        return _times(_count(work.output()), 2, left[-1])

    return count


def _packed_matrix(work: Work) -> int | None:
    """Weight packed into blocks of bits; its sizes K × N are attributes."""
    return _times(_count(work.input(0)), 2, work.number("N", 0) or None)


def _gemm(work: Work) -> int | None:
    left = work.input(0)
    if left is None or len(left) != 2:
        return None
    return _times(_count(work.output()), 2, left[0 if work.number("transA", 0) else 1])


def _pooling(work: Work) -> int | None:
    return _times(_count(work.output()), prod(work.numbers.get("kernel_shape", (1,))))


def _over_input(factor: int) -> Callable[[Work], int | None]:
    return lambda work: _times(_count(work.input(0)), factor)


def _recurrent(work: Work) -> int | None:
    """Input (length, batch, size); each weight is used once for every step of the sequence."""
    sequence = work.input(0)
    weight, recurrence = _count(work.input(1)), _count(work.input(2))
    if sequence is None or len(sequence) != 3 or weight is None or recurrence is None:
        return None
    return _times(_count(sequence[:2]), 2, weight + recurrence)


_PACKED = "MatMulNBits"
_CONVOLUTIONS = frozenset(
    {"Conv", "FusedConv", "ConvInteger", "ConvTranspose", "DeformConv", "QLinearConv"}
)
_WEIGHT_INPUT: Mapping[str, int] = {
    **dict.fromkeys(_CONVOLUTIONS, 1),
    **dict.fromkeys(("Gemm", "MatMul", "MatMulInteger", "FusedMatMul"), 1),
    "QLinearConv": 3,
    "QLinearMatMul": 3,
    "Gather": 0,
}
"""Where the weight stands that says what the layer is like."""

_FORMULAS: Mapping[str, Callable[[Work], int | None]] = {
    "Conv": _convolution(1),
    "FusedConv": _convolution(1),
    "ConvInteger": _convolution(1),
    "QLinearConv": _convolution(3),
    "DeformConv": _convolution(1),
    "ConvTranspose": _transposed_convolution,
    "MatMul": _matrix(0),
    "FusedMatMul": _matrix(0),
    "MatMulInteger": _matrix(0),
    "QLinearMatMul": _matrix(0),
    _PACKED: _packed_matrix,
    "Gemm": _gemm,
    "RNN": _recurrent,
    "GRU": _recurrent,
    "LSTM": _recurrent,
    "AveragePool": _pooling,
    "MaxPool": _pooling,
    "LpPool": _pooling,
    "GlobalAveragePool": _over_input(1),
    "GlobalMaxPool": _over_input(1),
    "ArgMax": _over_input(1),
    "ArgMin": _over_input(1),
    "TopK": _over_input(1),
    **{
        f"Reduce{kind}": _over_input(1)
        for kind in ("Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum")
    },
    "ReduceLogSumExp": _over_input(3),
    "Softmax": _over_input(3),
    "LogSoftmax": _over_input(3),
    "BatchNormalization": _over_input(2),
    "InstanceNormalization": _over_input(5),
    "GroupNormalization": _over_input(5),
    "LayerNormalization": _over_input(5),
    "RMSNormalization": _over_input(4),
    "QuantizeLinear": _over_input(2),
    "DequantizeLinear": _over_input(2),
}

_MOVES_ONLY = frozenset(
    {
        "Cast", "CastLike", "Compress", "Concat", "ConcatFromSequence", "Constant",
        "ConstantOfShape", "DepthToSpace", "Dropout", "Expand", "EyeLike", "Flatten", "Gather",
        "GatherElements", "GatherND", "Identity", "OneHot", "Pad", "Reshape", "ReverseSequence",
        "ScatterElements", "ScatterND", "Shape", "Size", "Slice", "SpaceToDepth", "Split",
        "Squeeze", "Tile", "Transpose", "Unsqueeze", "Where",
    }
)  # fmt: skip
"""They copy or name data and compute nothing."""

_UNKNOWN = frozenset(
    {
        "Attention", "DFT", "Einsum", "GridSample", "If", "Loop", "NonMaxSuppression", "Scan",
        "STFT", "SequenceMap", "Unique",
    }
)  # fmt: skip
"""Their work depends on more than shapes, or no formula is written yet: better none than wrong."""
