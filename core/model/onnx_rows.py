"""Rows of an ONNX graph's nodes, stored tensors and declared tensors, as columns of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.model.columns import Ints, Ragged
from core.model.wiring import STANDARD

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class NodeKind:
    """What nodes of one operator with the same attributes have in common."""

    operator: str
    domain: str
    proto: "onnx.NodeProto"
    """Its attributes alone; large tensors in them refer to the file."""

    @property
    def standard(self) -> bool:
        return self.domain in STANDARD


@dataclass(frozen=True)
class Nodes:
    """Numbers of texts, one row per node in file order."""

    begins: Ints
    """Where the node lies in the file, as `ends`."""
    ends: Ints
    names: Ints
    operators: Ints
    domains: Ints
    kinds: Ints
    """Rows of `known_kinds`."""
    known_kinds: tuple[NodeKind, ...]
    slots: Ragged
    outputs: Ragged
    metadata: Mapping[str, Mapping[int, str]]
    """STAMP and TORCH_SCOPES to node to value."""

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Stored:
    """The tensors stored in the main graph: initializers, and the values of sparse ones."""

    begins: Ints
    ends: Ints
    names: Ints
    dtypes: Ints
    """Numbers of TensorProto.DataType."""
    shapes: Ints
    """Rows of `known_shapes`."""
    known_shapes: tuple[tuple[int, ...], ...]
    payloads: Ints
    """Bytes of the numbers as far as they lie on the wire as they are; −1 otherwise."""
    external: Ints
    """Rows whose numbers lie in another file."""

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Declared:
    """What the graph says about tensors between nodes."""

    names: Ints
    types: Ints
    """Rows of `known_types`."""
    known_types: "tuple[onnx.TypeProto, ...]"
