"""The graph of a model as plain data: layers, tensors, scopes and costs; no library is needed.

`core.formats` reads a file into this; the window draws it; plans name its layers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NewType

LayerId = NewType("LayerId", str)
"""Names a layer for good: the same through reload, simplification, quantization and runtimes."""

Dimension = int | str | None
"""A size, the name of a free size, or not known."""


@dataclass(frozen=True)
class Tensor:
    """A value that flows between layers. `shape` is None when the rank is not known."""

    name: str
    dtype: str
    """Lower-case numpy-like name: float32, float16, bfloat16, int8, uint8, int4, int64, bool …"""
    shape: tuple[Dimension, ...] | None


@dataclass(frozen=True)
class Weight:
    """A constant stored in the model. Its numbers stay in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    bytes: int


@dataclass(frozen=True)
class Layer:
    """One node of the graph."""

    id: LayerId
    name: str
    """The node's own name, or the LayerId where it has none."""
    operator: str
    domain: str
    scope: tuple[str, ...]
    """From the outermost module inwards; empty for a model without scopes."""
    inputs: tuple[str, ...]
    """Names of the tensors that flow in; weights are listed in `weights`."""
    outputs: tuple[str, ...]
    weights: tuple[str, ...]
    attributes: Mapping[str, str]
    """Attribute name to its value as short text."""
    parameters: int
    """Count of weight elements that belong to this layer."""
    weight_bytes: int
    operations: int | None
    """Multiplications plus additions for one inference, batch 1; None when not known."""
    output_shape: tuple[Dimension, ...] | None
    output_dtype: str
    detail: str = ""
    """Kernel in a few characters for the box in the graph, e.g. “1×1 96×16” or “3×3 dw 96”."""


@dataclass(frozen=True)
class ModelGraph:
    """What a model file says, without its weights' numbers."""

    name: str
    format: str
    """Name of the format that read it, e.g. “onnx”."""
    version: str
    """For people: “ONNX opset 18”."""
    producer: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    layers: tuple[Layer, ...]
    """In topological order."""
    tensors: Mapping[str, Tensor]
    weights: Mapping[str, Weight]
    file_bytes: int
    """The model file plus its external data."""
    sha256: str
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    warnings: tuple[str, ...] = ()
    """Faults that do not stop drawing: cycles, duplicate names, failed shape inference."""

    @cached_property
    def by_id(self) -> Mapping[LayerId, Layer]:
        return {layer.id: layer for layer in self.layers}

    @cached_property
    def producers(self) -> Mapping[str, LayerId]:
        """Tensor name to the layer that makes it."""
        return {name: layer.id for layer in self.layers for name in layer.outputs}

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def operations(self) -> int:
        """Known operations of all layers for one inference, batch 1."""
        return sum(layer.operations or 0 for layer in self.layers)

    @cached_property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Pairs of layer indices, producer to consumer, each once, in topological order."""
        index = {layer.id: i for i, layer in enumerate(self.layers)}
        pairs: dict[tuple[int, int], None] = {}
        for i, layer in enumerate(self.layers):
            for name in layer.inputs:
                if (source := self.producers.get(name)) is not None:
                    pairs[index[source], i] = None
        return tuple(pairs)
