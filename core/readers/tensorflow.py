"""Reads TensorFlow's graphs from their protobuf bytes: frozen graphs and SavedModels.

Field numbers: graph.proto, node_def.proto, function.proto, saved_model.proto, meta_graph.proto of
TensorFlow 2.21 (Apache-2.0).
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.model.graph import Dimension
from core.readers.protobuf import Message

_TYPES: Mapping[int, str] = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string",
    8: "complex64", 9: "int64", 10: "bool", 11: "int8", 12: "uint8", 13: "int32", 14: "bfloat16",
    15: "int16", 16: "uint16", 17: "uint16", 18: "complex128", 19: "float16", 20: "resource",
    21: "variant", 22: "uint32", 23: "uint64", 24: "float8e5m2", 25: "float8e4m3fn", 29: "int4",
    30: "uint4",
}  # fmt: skip
"""DataType of types.proto; 100 more stands for a reference to one."""
_MOST_ITEMS = 16


@dataclass(frozen=True)
class Attribute:
    """One attribute of a node: as text, and what else of it is needed."""

    text: str
    functions: tuple[str, ...] = ()
    dtype: str = ""
    shape: tuple[Dimension, ...] | None = None
    """Of the tensor or the shape that it holds."""
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class GraphNode:
    """One node as the file gives it; `inputs` are references such as “conv:0” and “^init”."""

    name: str
    op: str
    inputs: Sequence[str]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True)
class Function:
    """A function of the library; `results` are references, in the order of its outputs."""

    name: str
    arguments: Sequence[str]
    nodes: Sequence[GraphNode]
    results: Sequence[str]


@dataclass(frozen=True)
class Port:
    """An input or output of a signature."""

    title: str
    tensor: str
    dtype: str
    shape: tuple[Dimension, ...] | None


@dataclass(frozen=True)
class TensorFlowGraph:
    """A graph, its functions, and what a SavedModel says about how to call it."""

    nodes: Sequence[GraphNode]
    functions: Mapping[str, Function]
    inputs: Sequence[Port] = ()
    outputs: Sequence[Port] = ()
    version: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


def read_graph_def(data: memoryview) -> TensorFlowGraph:
    """A frozen graph. Raises BrokenFile."""
    return _graph(Message(data))


def read_saved_model(data: memoryview) -> TensorFlowGraph:
    """The first graph of a SavedModel, with the signature that is used for serving."""
    meta = next(Message(data).messages(2), Message(memoryview(b"")))
    graph = _graph(meta.message(2) or Message(memoryview(b"")))
    about = meta.message(1)
    signatures = {entry.text(1): entry.message(2) for entry in meta.messages(5)}
    signatures.pop("__saved_model_init_op", None)
    name = "serving_default" if "serving_default" in signatures else next(iter(signatures), "")
    chosen = signatures.get(name)
    metadata = (
        {"signatures": ", ".join(signatures), "tags": ", ".join(about.texts(4))} if about else {}
    )
    return TensorFlowGraph(
        nodes=graph.nodes,
        functions=graph.functions,
        inputs=list(_ports(chosen, 1)),
        outputs=list(_ports(chosen, 2)),
        version=about.text(5) if about else "",
        metadata=metadata,
    )


def _graph(message: Message) -> TensorFlowGraph:
    library = message.message(2)
    functions = [_function(inner) for inner in library.messages(1)] if library else []
    return TensorFlowGraph(
        nodes=[_node(inner) for inner in message.messages(1)],
        functions={function.name: function for function in functions},
    )


def _function(message: Message) -> Function:
    signature = message.message(1) or Message(memoryview(b""))
    results = {entry.text(1): entry.text(2) for entry in message.messages(4)}
    return Function(
        name=signature.text(1),
        arguments=[inner.text(1) for inner in signature.messages(2)],
        nodes=[_node(inner) for inner in message.messages(3)],
        results=[results.get(inner.text(1), "") for inner in signature.messages(3)],
    )


def _node(message: Message) -> GraphNode:
    attributes = {
        entry.text(1): _attribute(entry.message(2) or Message(memoryview(b"")))
        for entry in message.messages(5)
    }
    return GraphNode(message.text(1), message.text(2), message.texts(3), attributes)


def _attribute(message: Message) -> Attribute:
    """One AttrValue: exactly one of its fields is there."""
    for number, _, value in message.fields():
        if isinstance(value, int):
            texts = {3: str(value), 5: "true" if value else "false", 6: type_name(value)}
            return Attribute(texts.get(number, ""), dtype=texts[6], numbers=(value,))
        reader = _READERS.get(number)
        if reader is not None:
            return reader(Message(value))
    return Attribute("")


def _text(message: Message) -> Attribute:
    return Attribute(bytes(message.data[:200]).decode(errors="replace"))


def _float(message: Message) -> Attribute:
    content = message.data
    return Attribute(f"{struct.unpack('<f', content)[0]:g}" if len(content) == 4 else "")


def _shape(message: Message) -> Attribute:
    shape = shape_of(message)
    return Attribute(_shape_text(shape), shape=shape)


def _tensor(message: Message) -> Attribute:
    dtype = type_name(message.number(1))
    shape = shape_of(message.message(2))
    return Attribute(f"{dtype} {_shape_text(shape)}", dtype=dtype, shape=shape)


def _call(message: Message) -> Attribute:
    return Attribute(message.text(1), functions=(message.text(1),))


def _list(message: Message) -> Attribute:
    numbers = message.numbers(3)
    types = [type_name(number) for number in message.numbers(6)]
    functions = [inner.text(1) for inner in message.messages(9)]
    shapes = [shape_of(inner) for inner in message.messages(7)]
    texts = [*map(str, numbers), *types, *functions, *map(_shape_text, shapes), *message.texts(2)]
    shown = ", ".join(texts[:_MOST_ITEMS]) + (", …" if len(texts) > _MOST_ITEMS else "")
    first = shapes[0] if shapes else None
    return Attribute(shown, tuple(functions), shape=first, numbers=tuple(numbers))


def type_name(number: int) -> str:
    """A DataType's name."""
    return _TYPES.get(number - 100 if number > 100 else number, "unknown")


def shape_of(message: Message | None) -> tuple[Dimension, ...] | None:
    """A TensorShapeProto; None for an unknown rank."""
    if message is None:
        return ()
    if message.number(3):
        return None
    sizes = [dim.number(1) for dim in message.messages(2)]
    return tuple(size if size >= 0 else None for size in sizes)


def _shape_text(shape: tuple[Dimension, ...] | None) -> str:
    if shape is None:
        return "any shape"
    return "×".join("?" if size is None else str(size) for size in shape) or "scalar"


def _ports(signature: Message | None, number: int) -> Iterator[Port]:
    for entry in signature.messages(number) if signature else ():
        about = entry.message(2)
        if about is not None:
            dtype, shape = type_name(about.number(2)), shape_of(about.message(3))
            yield Port(entry.text(1), about.text(1), dtype, shape)


_READERS: Mapping[int, Callable[[Message], Attribute]] = {
    1: _list,
    2: _text,
    4: _float,
    7: _shape,
    8: _tensor,
    10: _call,
}
"""By the fields of AttrValue that are no plain numbers."""
