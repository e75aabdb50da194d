"""The main graph of an ONNX model as plain rows, read from its protobuf once.

Each access to a protobuf field makes Python objects anew; a graph of 100,000 nodes is read here in
one pass and everything else works on the rows.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from core.model.topology import Order, running_order

if TYPE_CHECKING:
    import onnx

STANDARD = ("", "ai.onnx")
"""Names of the domain whose operators the ONNX standard defines."""


class Row(NamedTuple):
    """One node."""

    name: str
    operator: str
    domain: str
    slots: tuple[str, ...]
    """Its inputs by position; empty text where an optional one is left out."""
    outputs: tuple[str, ...]
    taken: tuple[str, ...]
    """Every tensor it takes: its inputs, and what its bodies take from outside."""
    attributes: bool
    """Whether it has any."""
    bodies: "tuple[tuple[str, onnx.GraphProto], ...]"
    metadata: dict[str, str]

    @property
    def standard(self) -> bool:
        return self.domain in STANDARD


class Wiring(NamedTuple):
    """All nodes in file order, and the order in which they can run."""

    rows: tuple[Row, ...]
    order: Order


def wiring_of(model: "onnx.ModelProto") -> Wiring:
    """Read the main graph's nodes and find their order."""
    return ordered(rows_of(model))


def rows_of(model: "onnx.ModelProto") -> tuple[Row, ...]:
    """Read the main graph's nodes."""
    return tuple(_row(node) for node in model.graph.node)


def ordered(rows: tuple[Row, ...]) -> Wiring:
    """Find the order of nodes that were read already."""
    return Wiring(rows, running_order([row.taken for row in rows], [row.outputs for row in rows]))


def opset_of(model: "onnx.ModelProto") -> int | None:
    """Version of the standard's operators that the model asks for, or None."""
    return next((entry.version for entry in model.opset_import if entry.domain in STANDARD), None)


def bodies_of(node: "onnx.NodeProto") -> "Iterator[tuple[str, onnx.GraphProto]]":
    """The graphs in a control-flow node's attributes, with their attribute's name."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.name, attribute.g
        for index, body in enumerate(attribute.graphs):
            yield f"{attribute.name}.{index}", body


def captured_by(node: "onnx.NodeProto") -> tuple[str, ...]:
    """Names of the tensors that a node's bodies take from outside."""
    return tuple(name for _, body in bodies_of(node) for name in sorted(_captured(body)))


def _row(node: "onnx.NodeProto") -> Row:
    slots = tuple(node.input)
    attributes = bool(node.attribute)
    bodies = tuple(bodies_of(node)) if attributes else ()
    taken = slots if all(slots) else tuple(name for name in slots if name)
    taken += captured_by(node) if bodies else ()
    metadata = {entry.key: entry.value for entry in node.metadata_props}
    return Row(
        name=node.name,
        operator=node.op_type,
        domain=node.domain,
        slots=slots,
        outputs=tuple(node.output),
        taken=taken,
        attributes=attributes,
        bodies=bodies,
        metadata=metadata,
    )


def _captured(graph: "onnx.GraphProto") -> set[str]:
    """Names that a subgraph takes from outside."""
    own = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
    own.update(name for node in graph.node for name in node.output)
    used = {name for node in graph.node for name in node.input}
    used.update(value.name for value in graph.output)
    for node in graph.node:
        for _, body in bodies_of(node):
            used |= _captured(body)
    return used - own - {""}
