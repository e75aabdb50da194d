"""What rules want to know about a model, taken from its graph."""

from dataclasses import dataclass
from math import prod

import numpy as np

from core.model.graph import ModelGraph, Tensor

_ATTENTION = frozenset({"Attention", "MultiHeadAttention", "GroupQueryAttention"})
_QUANTIZED = frozenset({"QuantizeLinear", "DequantizeLinear", "QLinearConv", "MatMulInteger"})
_DEPTHWISE_SHARE = 0.2
"""Of the convolutions; from here on a model counts as one with depthwise convolutions."""
_FEWEST_SOFTMAX = 2
"""One alone is a classifier's end, not attention."""


@dataclass(frozen=True)
class ModelFacts:
    """One model, as the advisor sees it."""

    parameters: int
    convolutions: bool
    depthwise: bool
    """Whether a good part of its convolutions are depthwise."""
    transformer: bool
    """Whether it has attention."""
    quantized: bool
    free_inputs: tuple[str, ...]
    """Inputs with a size that is not fixed."""
    inputs: tuple[Tensor, ...]

    @property
    def int8_bytes(self) -> int:
        """Of the weights, stored in INT8."""
        return self.parameters

    @property
    def input_values(self) -> int:
        """Numbers that go in for one inference; free sizes count as 1."""
        return sum(
            prod(size for size in each.shape or () if isinstance(size, int)) for each in self.inputs
        )


def model_facts(graph: ModelGraph) -> ModelFacts:
    """From the graph's columns, so that large models take milliseconds."""
    counts = _operator_counts(graph)
    convolutions = sum(n for name, n in counts.items() if "conv" in name.casefold())
    return ModelFacts(
        parameters=graph.parameters,
        convolutions=convolutions > 0,
        depthwise=_depthwise(graph, counts) >= _DEPTHWISE_SHARE * max(convolutions, 1),
        transformer=_has_attention(counts),
        quantized=any(name in counts for name in _QUANTIZED),
        free_inputs=tuple(each.name for each in graph.inputs if not _is_fixed(each)),
        inputs=graph.inputs,
    )


def _operator_counts(graph: ModelGraph) -> dict[str, int]:
    columns = graph.columns
    numbers, counts = np.unique(columns.operators, return_counts=True)
    return dict(zip(columns.texts.all_of(numbers), counts.tolist(), strict=True))


def _depthwise(graph: ModelGraph, counts: dict[str, int]) -> int:
    """Convolutions that take each channel alone; other formats say so in the operator's name."""
    columns = graph.columns
    numbers, found = np.unique(columns.details, return_counts=True)
    details = zip(columns.texts.all_of(numbers), found.tolist(), strict=True)
    named = sum(n for name, n in counts.items() if "depthwise" in name.casefold())
    return named or sum(count for detail, count in details if " dw " in f"{detail} ")


def _has_attention(counts: dict[str, int]) -> bool:
    if any(name in counts for name in _ATTENTION):
        return True
    products = counts.get("MatMul", 0) + counts.get("Einsum", 0)
    softmax = counts.get("Softmax", 0)
    return softmax >= _FEWEST_SOFTMAX and products >= 2 * softmax


def _is_fixed(tensor: Tensor) -> bool:
    return tensor.shape is not None and all(isinstance(size, int) for size in tensor.shape)
