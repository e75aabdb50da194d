"""Takes MXNet's symbol.json apart."""

import re
from collections.abc import Sequence

from core.model.cost import Work
from core.model.graph import Dimension, Tensor
from core.readers.assembly import Node, Parts, Stored
from core.readers.json_text import Json, texts_in

_NOTHING = "null"
"""The operator of nodes that are inputs or weights."""
_WEIGHT = re.compile(
    r"(weight|bias|gamma|beta|moving_mean|moving_var|running_mean|running_var|parameters|alpha"
    r"|mean|var|std|state|state_cell|anchors?)$"
)


class BrokenSymbol(ValueError):
    """The JSON is no network; the sentence says what is missing."""


def parts_of(symbol: Json) -> Parts:
    """The network's nodes. Raises BrokenSymbol."""
    rows = _rows(symbol, "nodes")
    nodes: list[Node] = []
    tensors: dict[str, Tensor] = {}
    constants: dict[str, Stored] = {}
    inputs: list[str] = []
    made: list[str] = []
    for number, row in enumerate(rows):
        operator, name, attributes = _described(row, number)
        if operator == _NOTHING:
            made.append(name)
            tensors[name] = Tensor(name, "float32", _shape(attributes.get("__shape__", "")))
            if _WEIGHT.search(name):
                constants[name] = Stored((), 0)
            else:
                inputs.append(name)
            continue
        made.append(name)
        taken = tuple(_source(made, source, number) for source in _inputs(row))
        nodes.append(_node(operator, name, taken, attributes))
    nodes = _with_outputs(nodes)
    heads = symbol.get("heads") if isinstance(symbol, dict) else None
    outputs = [_source(made, head, len(made)) for head in heads] if isinstance(heads, list) else []
    return Parts(nodes, tensors, constants, inputs, list(dict.fromkeys(outputs)))


def version_of(symbol: Json) -> str:
    """MXNet's version as “1.6.0”, or empty."""
    attributes = symbol.get("attrs") if isinstance(symbol, dict) else None
    version = attributes.get("mxnet_version") if isinstance(attributes, dict) else None
    number = version[1] if isinstance(version, list) and len(version) == 2 else None
    if not isinstance(number, int):
        return ""
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def _rows(symbol: Json, name: str) -> "Sequence[dict[str, Json]]":
    rows = symbol.get(name) if isinstance(symbol, dict) else None
    if not isinstance(rows, list):
        raise BrokenSymbol(f"It has no list of {name}.")
    return [row if isinstance(row, dict) else {} for row in rows]


def _described(row: "dict[str, Json]", number: int) -> tuple[str, str, dict[str, str]]:
    """Operator, name and settings, which older versions keep under other names."""
    attributes: dict[str, str] = {}
    for key in ("param", "attr", "attrs"):
        attributes |= texts_in(row.get(key))
    name = row.get("name")
    return str(row.get("op", _NOTHING)), str(name) if name else f"node {number}", attributes


def _inputs(row: "dict[str, Json]") -> "list[Json]":
    inputs = row.get("inputs")
    return inputs if isinstance(inputs, list) else []


def _source(made: Sequence[str], source: Json, limit: int) -> str:
    """The tensor that a pair (node, output) refers to."""
    pair = source if isinstance(source, list) else []
    numbers = [entry for entry in pair if isinstance(entry, int)]
    if not numbers or not 0 <= numbers[0] < min(limit, len(made)):
        raise BrokenSymbol("A node takes its input from one that does not come before it.")
    output = numbers[1] if len(numbers) > 1 else 0
    return made[numbers[0]] if output == 0 else f"{made[numbers[0]]}:{output}"


def _node(operator: str, name: str, taken: tuple[str, ...], attributes: dict[str, str]) -> Node:
    shown = {key: text for key, text in attributes.items() if not key.startswith("__")}
    kernel = _shape(attributes.get("kernel", "")) or ()
    sizes = [size for size in kernel if isinstance(size, int)]
    work = Work(operator=operator, inputs=[], outputs=[None], numbers={"kernel_shape": sizes})
    return Node(operator, taken, (name,), name=name, attributes=shown, work=work)


def _with_outputs(nodes: Sequence[Node]) -> list[Node]:
    """A node says nothing about how many outputs it has: those that others take are there."""
    taken: dict[str, list[str]] = {}
    for node in nodes:
        for name in dict.fromkeys(node.inputs):
            owner, colon, number = name.rpartition(":")
            if colon and number.isdecimal():
                taken.setdefault(owner, []).append(name)
    return [_widened(node, taken.get(node.name, [])) for node in nodes]


def _widened(node: Node, more: Sequence[str]) -> Node:
    outputs = (*node.outputs, *dict.fromkeys(more))
    return Node(
        node.operator, node.inputs, outputs, node.name, attributes=node.attributes, work=node.work
    )


def _shape(text: str) -> tuple[Dimension, ...] | None:
    """“(3, 3)” as sizes; 0 and negative ones are free."""
    sizes = [int(size) for size in re.findall(r"-?\d{1,18}", text)]
    return tuple(size if size > 0 else None for size in sizes) if sizes else None
