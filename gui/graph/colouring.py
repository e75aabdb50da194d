"""What the boxes of the graph are coloured by: a figure per layer, its words, and its scale."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from core.model.graph import LayerId, ModelGraph
from gui.graph.operator_sounds import kind_by_sound
from gui.wording import count_words, milliseconds_words, size_words

_KINDS = {
    "convolution": "Conv ConvTranspose ConvInteger QLinearConv DeformConv Convolution "
    "GroupConvolution ConvolutionBackpropData Deconvolution Conv1D Conv2D Conv3D DepthwiseConv2D "
    "DepthwiseConv2dNative Conv2DTranspose TransposeConv SeparableConv2D conv2d depthwise_conv2d "
    "conv2d_transpose",
    "matrix product": "MatMul Gemm MatMulInteger QLinearMatMul Einsum Attention LSTM GRU RNN "
    "FullyConnected InnerProduct Dense BatchMatMul BatchMatMulV2 LSTMSequence GRUSequence "
    "UnidirectionalSequenceLSTM SVDF matmul matmul_v2",
    "activation": "Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid HardSwish Swish Mish "
    "Tanh Softmax LogSoftmax Softplus Softsign Clip Gelu Erf ThresholdedRelu "
    "ReLU ReLU6 Relu6 PReLU SoftMax GELU ELU TanH HSwish Logistic Activation relu softmax",
    "arithmetic": "Add Sub Mul Div Pow Sqrt Exp Log Neg Abs Sum Mean Min Max Where Equal Less "
    "Greater And Or Not Floor Ceil Round Reciprocal "
    "AddV2 Addv2 BiasAdd Subtract Multiply Divide Power Maximum Minimum Negative Eltwise "
    "elementwise_add add",
    "normalization": "BatchNormalization LayerNormalization InstanceNormalization LRN "
    "GroupNormalization RMSNormalization LpNormalization "
    "BatchNormInference MVN RMS NormalizeL2 FusedBatchNormV3 L2Normalization batch_norm_",
    "pooling": "MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool Resize Upsample "
    "ReduceMean ReduceSum ReduceMax ReduceMin ReduceL2 ArgMax TopK RoiAlign "
    "AvgPool AveragePool2D MaxPool2D MaxPooling2D AveragePooling2D Pooling "
    "GlobalAveragePooling2D Interpolate ResizeBilinear pool2d",
    "quantization": "QuantizeLinear DequantizeLinear DynamicQuantizeLinear Cast "
    "FakeQuantize Quantize Dequantize Convert",
    "shape": "Reshape Transpose Concat Split Slice Gather Squeeze Unsqueeze Flatten Pad Expand "
    "Shape Tile Identity Constant ConstantOfShape DepthToSpace SpaceToDepth Dropout GatherND "
    "ScatterND Range "
    "StridedSlice VariadicSplit Pack Unpack Concatenation Concatenate ShapeOf Broadcast "
    "ExpandDims SplitV reshape",
}
_OTHER = "other"
OPERATOR_KINDS = (*_KINDS, _OTHER)
_KIND_OF = {operator: kind for kind, names in _KINDS.items() for operator in names.split()}


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Colouring:
    """One way to colour the boxes.

    For kind “heat”, `values` are figures in `unit`; small to large runs through the theme's heat
    colours. For kind “category”, `values` are indices into `palette`, whose entries are the names
    to show in the legend; an index always has the same colour. Layers without a value stay
    neutral. `texts` are the words in the box; where one is missing, a heat value is put in words.

    For many layers give `make` rather than `values`: a column costs nothing until it is looked at.
    """

    title: str
    """For the switch on the canvas: “Latency”."""
    unit: str = ""
    """For the legend: “ms per layer”. The first word is the unit of a figure in a box."""
    values: Mapping[LayerId, float] = field(default_factory=dict[LayerId, float])
    texts: Mapping[LayerId, str] = field(default_factory=dict[LayerId, str])
    kind: Literal["heat", "category"] = "heat"
    palette: tuple[str, ...] = ()
    combine: Literal["sum", "max"] = "sum"
    """How a group's figure follows from its layers' for kind “heat”."""
    worded: bool = False
    """For kind “category”: the category's name stands in the box."""
    make: Callable[[], Floats] | None = field(default=None, compare=False)
    """Gives the figure of every layer in the graph's order, NaN where there is none."""

    def column(self, graph: ModelGraph) -> Floats:
        """The figure of every layer in the graph's order, NaN where there is none."""
        if self.make is not None:
            return self.make()
        figures = np.full(len(graph.layers), np.nan)
        place_of = graph.index_of.get
        for layer, value in self.values.items():
            if (place := place_of(layer)) is not None:
                figures[place] = value
        return figures

    def text(self, graph: ModelGraph, index: int, value: float) -> str | None:
        """The words in the box of a layer that has this figure; None puts the figure in words."""
        if self.worded:
            fits = 0 <= value < len(self.palette)
            return self.palette[int(value)] if fits else None
        return self.texts.get(graph.layers[index].id) if self.texts else None

    def words(self, value: float) -> str:
        """A figure as it stands in a box: “0.31 ms”, “3.4 KB”."""
        return _IN_WORDS.get(self.unit.split(" ", 1)[0], self._plain)(value)

    def _plain(self, value: float) -> str:
        number = f"{value:.2f}" if 0.01 <= abs(value) < 1 else f"{value:.3g}"
        return f"{number} {self.unit.split(' ', 1)[0]}".strip()


_IN_WORDS: Mapping[str, Callable[[float], str]] = {
    "bytes": size_words,
    "FLOP": lambda count: count_words(count, "FLOP"),
    "parameters": count_words,
    "ms": milliseconds_words,
}


@dataclass(frozen=True)
class Scale:
    """From figures to shares of the heat colours; logarithmic where figures span much."""

    least: float
    most: float

    @classmethod
    def over(cls, values: NDArray[np.float64]) -> Self:
        """The scale over the positive ones among these; the rest is unknown or nothing."""
        known = values[np.isfinite(values) & (values > 0)]
        if not len(known):
            return cls(0.0, 0.0)
        most = float(known.max())
        return cls(max(float(known.min()), most / 1000), most)

    @property
    def logarithmic(self) -> bool:
        return self.least > 0 and self.most / self.least > 20

    @property
    def middle(self) -> float:
        """The figure in the middle of the scale."""
        if self.logarithmic:
            return math.sqrt(self.least * self.most)
        return (self.least + self.most) / 2

    def fractions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where figures lie on the scale, 0 to 1; unknown ones stay NaN."""
        held = np.clip(values, self.least, self.most)
        if self.most <= self.least:
            return np.where(np.isnan(values), np.nan, (held >= self.most) * 1.0)
        if self.logarithmic:
            return np.log(held / self.least) / math.log(self.most / self.least)
        return (held - self.least) / (self.most - self.least)


def operator_kind(operator: str) -> str:
    """One of OPERATOR_KINDS."""
    return _KIND_OF.get(operator) or kind_by_sound(operator) or _OTHER


def colourings_of(graph: ModelGraph) -> tuple[Colouring, ...]:
    """Those that follow from the model alone."""
    return by_operator(graph), by_size(graph), by_operations(graph), by_parameters(graph)


def by_operator(graph: ModelGraph) -> Colouring:
    """Every layer in the colour of what kind of work it does."""
    number = {kind: float(index) for index, kind in enumerate(OPERATOR_KINDS)}

    @cache
    def make() -> Floats:
        columns = graph.columns
        different, of = np.unique(columns.operators, return_inverse=True)
        names = columns.texts.all_of(different)
        return np.array([number[operator_kind(name)] for name in names])[of]

    return Colouring("Operator", kind="category", palette=OPERATOR_KINDS, make=make)


def by_size(graph: ModelGraph) -> Colouring:
    """Bytes of stored weights; layers without weights stay neutral."""
    return _by_counts("Size", "bytes per layer", lambda: graph.columns.weight_bytes)


def by_operations(graph: ModelGraph) -> Colouring:
    """Multiplications plus additions for one inference."""
    return _by_counts("Operations", "FLOP per layer", lambda: graph.columns.operations)


def by_parameters(graph: ModelGraph) -> Colouring:
    """Count of weight elements; layers without weights stay neutral."""
    return _by_counts("Parameters", "parameters per layer", lambda: graph.columns.parameters)


def _by_counts(title: str, unit: str, counts: Callable[[], NDArray[np.int64]]) -> Colouring:
    """Coloured by a figure that each layer has; nothing and not known are the same."""

    @cache
    def make() -> Floats:
        figures = counts().astype(float)
        return np.where(figures > 0, figures, np.nan)

    return Colouring(title, unit, make=make)
