"""The graph of a model as plain data: layers, tensors, scopes and costs; no library is needed.

`core.formats` reads a file into this; the window draws it; plans name its layers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NewType, cast

if TYPE_CHECKING:
    from core.model.columns import Columns
    from core.model.wires import ScopeColumn, Wires

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
    slots: tuple[str, ...] = ()
    """All that it takes by position, constants included; empty text where an optional one is left
    out. Not given by formats whose inputs have no formal places."""


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
    layers: Sequence[Layer]
    """In topological order. Those of a large model are made when they are asked for: where all are
    needed, prefer the columns (`operators`, `scope_column`, `wires`)."""
    tensors: Mapping[str, Tensor]
    weights: Mapping[str, Weight]
    file_bytes: int
    """The model file plus its external data."""
    sha256: str
    """Of the model with its external data, or empty: `core.model.fingerprint` finds it out."""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    warnings: tuple[str, ...] = ()
    """Faults that do not stop drawing: cycles, duplicate names, failed shape inference."""
    opsets: Mapping[str, int] = field(default_factory=dict[str, int])
    """Domain of operators to the version that the model asks for; “” is the standard's."""
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further facts about the file in words for people: “IR version” to “10”."""
    prepared: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Constants that layers take and that are made of stored weights, such as dequantized ones:
    their name to the names of those weights."""

    @cached_property
    def columns(self) -> "Columns":
        """The layers as columns, which are fast where all layers are needed."""
        from core.model.column_making import columns_of

        return columns_of(self)

    @cached_property
    def index_of(self) -> Mapping[LayerId, int]:
        """LayerId to its place in `layers`."""
        ids = cast("list[LayerId]", self.columns.texts.all_of(self.columns.ids))
        return dict(zip(ids, range(len(ids)), strict=True))

    @cached_property
    def operators(self) -> Sequence[str]:
        """Operator of each layer."""
        return self.columns.texts.all_of(self.columns.operators)

    @cached_property
    def scope_column(self) -> "ScopeColumn":
        """The different scopes, and which of them each layer lies in."""
        from core.model.wires import ScopeColumn

        return ScopeColumn(self.columns.scope_paths, self.columns.scopes)

    @cached_property
    def wires(self) -> "Wires":
        """What flows from where to where, the model's inputs and outputs included."""
        from core.model.wires import wires_of

        return wires_of(self)

    @cached_property
    def by_id(self) -> Mapping[LayerId, Layer]:
        from core.model.columns import LayersById

        return LayersById(self.index_of, self.layers)

    @cached_property
    def producers(self) -> Mapping[str, LayerId]:
        """Tensor name to the layer that makes it."""
        made = self.columns.outputs
        names = self.columns.texts.all_of(made.of)
        ids = self.columns.texts.all_of(self.columns.ids[made.rows])
        return {name: LayerId(layer) for name, layer in zip(names, ids, strict=True)}

    @property
    def parameters(self) -> int:
        return int(self.columns.parameters.sum())

    @property
    def operations(self) -> int:
        """Known operations of all layers for one inference, batch 1."""
        counts = self.columns.operations
        return int(counts[counts > 0].sum())

    @cached_property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Pairs of layer indices, producer to consumer, each once, in topological order."""
        sources, targets = self.wires
        layers = len(self.layers)
        inside = (sources < layers) & (targets < layers)
        pairs = zip(sources[inside].tolist(), targets[inside].tolist(), strict=True)
        return tuple(sorted(pairs, key=lambda pair: pair[1]))
