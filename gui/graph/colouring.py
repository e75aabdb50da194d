"""What the boxes of the graph are coloured by: a figure per layer, its words, and its scale."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from core.model.graph import Layer, LayerId, ModelGraph

_KINDS = {
    "convolution": "Conv ConvTranspose ConvInteger QLinearConv DeformConv",
    "matrix product": "MatMul Gemm MatMulInteger QLinearMatMul Einsum Attention LSTM GRU RNN",
    "activation": "Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid HardSwish Swish Mish Tanh "
    "Softmax LogSoftmax Softplus Softsign Clip Gelu Erf ThresholdedRelu",
    "arithmetic": "Add Sub Mul Div Pow Sqrt Exp Log Neg Abs Sum Mean Min Max Where Equal Less "
    "Greater And Or Not Floor Ceil Round Reciprocal",
    "normalization": "BatchNormalization LayerNormalization InstanceNormalization LRN "
    "GroupNormalization RMSNormalization LpNormalization",
    "pooling": "MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool Resize Upsample "
    "ReduceMean ReduceSum ReduceMax ReduceMin ReduceL2 ArgMax TopK RoiAlign",
    "quantization": "QuantizeLinear DequantizeLinear DynamicQuantizeLinear Cast",
    "shape": "Reshape Transpose Concat Split Slice Gather Squeeze Unsqueeze Flatten Pad Expand "
    "Shape Tile Identity Constant ConstantOfShape DepthToSpace SpaceToDepth Dropout GatherND "
    "ScatterND Range",
}
_OTHER = "other"
OPERATOR_KINDS = (*_KINDS, _OTHER)
_KIND_OF = {operator: kind for kind, names in _KINDS.items() for operator in names.split()}


@dataclass(frozen=True)
class Colouring:
    """One way to colour the boxes.

    For kind “heat”, `values` are figures in `unit` and small to large runs through the theme's heat
    colours. For kind “category”, `values` are indices into `palette`, whose entries are the names
    to show in the legend; the colour of an index is always the same. Layers without a value stay
    neutral. `texts` are the words in the box; where one is missing, a heat value is formatted.
    """

    title: str
    """For the switch on the canvas: “Latency”."""
    unit: str = ""
    """For the legend: “ms per layer”. The first word follows the figure in a box."""
    values: Mapping[LayerId, float] = field(default_factory=dict[LayerId, float])
    texts: Mapping[LayerId, str] = field(default_factory=dict[LayerId, str])
    kind: Literal["heat", "category"] = "heat"
    palette: tuple[str, ...] = ()
    combine: Literal["sum", "max"] = "sum"
    """How a closed group's figure follows from its layers' for kind “heat”."""

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The smallest and largest figure on the scale; figures of 0 or less lie below it."""
        known = [value for value in self.values.values() if value > 0 and math.isfinite(value)]
        if not known:
            return (0.0, 1.0)
        most = max(known)
        return (max(min(known), most / 1000), most)

    @property
    def logarithmic(self) -> bool:
        """Whether the figures span so much that equal steps would hide most of them."""
        least, most = self.bounds
        return least > 0 and most / least > 20

    def fraction(self, value: float) -> float:
        """Where a figure lies on the heat scale, 0 to 1."""
        least, most = self.bounds
        if value <= least or most <= least:
            return 1.0 if value >= most > 0 else 0.0
        if self.logarithmic:
            return min(math.log(value / least) / math.log(most / least), 1.0)
        return min((value - least) / (most - least), 1.0)

    def words(self, value: float) -> str:
        """A figure as it stands in a box: “0.31 ms”, “1.2 M”."""
        unit = self.unit.split(" ", 1)[0]
        return f"{short_number(value)} {unit}".strip()


def short_number(value: float) -> str:
    """Two to three digits that count, with k, M or G for large figures."""
    size = abs(value)
    for factor, suffix in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if size >= factor:
            return f"{value / factor:.3g}{suffix}"
    if size == 0:
        return "0"
    return f"{value:.2f}" if 0.01 <= size < 10 else f"{value:.3g}"


def operator_kind(layer: Layer) -> str:
    """One of OPERATOR_KINDS."""
    return _KIND_OF.get(layer.operator, _OTHER)


def by_operator(graph: ModelGraph) -> Colouring:
    """Every layer in the colour of what kind of work it does."""
    number = {kind: index for index, kind in enumerate(OPERATOR_KINDS)}
    present = {layer.id: float(number[operator_kind(layer)]) for layer in graph.layers}
    return Colouring("Operator", values=present, kind="category", palette=OPERATOR_KINDS)


def by_size(graph: ModelGraph) -> Colouring:
    """Stored weights in kilobytes; layers without weights stay neutral."""
    kilobytes = {
        layer.id: layer.weight_bytes / 1000 for layer in graph.layers if layer.weight_bytes
    }
    return Colouring(
        "Size",
        "KB per layer",
        kilobytes,
        {layer: bytes_text(size * 1000) for layer, size in kilobytes.items()},
    )


def by_operations(graph: ModelGraph) -> Colouring:
    """Multiplications plus additions for one inference, in millions."""
    millions = {layer.id: layer.operations / 1e6 for layer in graph.layers if layer.operations}
    return Colouring("Operations", "MFLOP per layer", millions)


def bytes_text(size: float) -> str:
    """“864 B”, “3.4 KB”, “18.7 MB”."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} B"
