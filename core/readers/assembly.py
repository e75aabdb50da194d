"""Puts together a ModelGraph from the plain nodes that a reader found in a file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from core.model import cost
from core.model.attributes import plain
from core.model.graph import Layer, LayerId, ModelGraph, Tensor, Weight
from core.model.identity import ids_of_rows
from core.model.scopes import Clues, Path, places_of
from core.model.topology import running_order
from core.model.wiring import Row

NO_SIZES = "The file does not say how large its weights are, so none are counted."
"""A warning for graphs that are read from a description without weights."""
_MOST_WARNINGS = 50
_INDEX_TYPES = frozenset({"int32", "int64", "bool", "string", "uint32", "uint64", "unknown"})
"""Shapes, indices and switches: stored numbers that were not learnt."""


@dataclass(frozen=True)
class Node:
    """One operation as the file gives it."""

    operator: str
    inputs: tuple[str, ...]
    """Names of tensors, constants among them; empty text where an optional one is left out."""
    outputs: tuple[str, ...]
    name: str = ""
    path: str = ""
    """What tells its scope and short name, where its name does not: its output's name, say."""
    inside: Path = ()
    """The groups around it that are known for sure, such as the loop whose body it is in."""
    domain: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    work: cost.Work | None = None
    """The same work in ONNX's words and layouts, for the count of operations."""


@dataclass(frozen=True)
class Stored:
    """A constant tensor, and what is stored for it in the file."""

    weights: tuple[Weight, ...]
    parameters: int


@dataclass(frozen=True)
class Header:
    """What a file says about the model as a whole."""

    name: str
    format: str
    version: str
    producer: str
    file_bytes: int
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Parts:
    """A model taken apart."""

    nodes: Sequence[Node]
    tensors: Mapping[str, Tensor]
    constants: Mapping[str, Stored]
    """By the name of the tensor."""
    inputs: Sequence[str]
    outputs: Sequence[str]
    warnings: list[str] = field(default_factory=list[str])


def stored(weight: Weight, *, learnt: bool | None = None) -> Stored:
    """One weight as a constant; whether it was learnt is told by its type where nobody knows."""
    if learnt is None:
        learnt = bool(weight.shape) and weight.dtype not in _INDEX_TYPES
    return Stored((weight,), prod(weight.shape) if learnt else 0)


def assemble(header: Header, parts: Parts) -> ModelGraph:
    """The graph, with layers in running order, LayerIds, scopes and costs."""
    nodes = _named_outputs(parts.nodes)
    order = running_order([node.inputs for node in nodes], [node.outputs for node in nodes])
    layers, weights = _layers([nodes[index] for index in order.indices], parts)
    used = {name for layer in layers for name in (*layer.inputs, *layer.outputs)}
    used.update(parts.inputs, parts.outputs)
    tensors = {name: _tensor(parts.tensors, name) for name in sorted(used)}
    warnings = [*parts.warnings]
    if order.cyclic:
        warnings.append(f"{len(order.cyclic)} layers wait for each other in a circle.")
    more = len(warnings) - _MOST_WARNINGS
    return ModelGraph(
        name=header.name,
        format=header.format,
        version=plain(header.version),
        producer=plain(header.producer),
        inputs=tuple(tensors[name] for name in parts.inputs),
        outputs=tuple(tensors[name] for name in parts.outputs),
        layers=layers,
        tensors=tensors,
        weights=weights,
        file_bytes=header.file_bytes,
        sha256="",
        metadata={plain(key): plain(value, 500) for key, value in header.metadata.items()},
        warnings=(*warnings[:_MOST_WARNINGS], *([f"{more} more faults."] if more > 0 else [])),
    )


def _named_outputs(nodes: Sequence[Node]) -> Sequence[Node]:
    """Leave out the outputs without a name."""
    return [
        node if all(node.outputs) else replace(node, outputs=tuple(filter(None, node.outputs)))
        for node in nodes
    ]


def _layers(nodes: Sequence[Node], parts: Parts) -> tuple[tuple[Layer, ...], dict[str, Weight]]:
    ids = ids_of_rows([_row(node) for node in nodes])
    places = _places(nodes, parts.constants)
    weights: dict[str, Weight] = {}
    layers = tuple(
        _layer(layer, node, place, parts, weights)
        for layer, node, place in zip(ids, nodes, places, strict=True)
    )
    return layers, weights


def _layer(
    layer: LayerId, node: Node, place: tuple[Path, str], parts: Parts, counted: dict[str, Weight]
) -> Layer:
    """A shared weight counts for the first layer that uses it: `counted` holds those."""
    scope, name = place
    behind = [parts.constants[taken] for taken in node.inputs if taken in parts.constants]
    weights = tuple(dict.fromkeys(weight.name for found in behind for weight in found.weights))
    parameters = size = 0
    for found in behind:
        fresh = [weight for weight in found.weights if weight.name not in counted]
        if found.weights and found.weights[0] in fresh:
            parameters += found.parameters
        size += sum(weight.bytes for weight in fresh)
        counted.update((weight.name, weight) for weight in fresh)
    first = _tensor(parts.tensors, node.outputs[0] if node.outputs else "")
    return Layer(
        id=layer,
        name=plain(name or node.path or node.name or layer),
        operator=plain(node.operator),
        domain=plain(node.domain),
        scope=tuple(plain(part) for part in scope),
        inputs=tuple(one for one in node.inputs if one and one not in parts.constants),
        outputs=node.outputs,
        weights=weights,
        attributes={plain(key): plain(text) for key, text in node.attributes.items()},
        parameters=parameters,
        weight_bytes=size,
        operations=None if node.work is None else cost.operations(node.work),
        output_shape=first.shape,
        output_dtype=first.dtype,
        detail="" if node.work is None else cost.detail(node.work),
        slots=node.inputs,
    )


def _tensor(tensors: Mapping[str, Tensor], name: str) -> Tensor:
    return tensors.get(name) or Tensor(name, "unknown", None)


def _row(node: Node) -> Row:
    return Row(
        name=node.name,
        operator=node.operator,
        domain=node.domain,
        slots=node.inputs,
        outputs=node.outputs,
        taken=node.inputs,
        attributes=bool(node.attributes),
        bodies=(),
        metadata={},
    )


def _places(nodes: Sequence[Node], constants: Collection[str]) -> list[tuple[Path, str]]:
    """Scope and short name. Found within each known group apart: one says nothing about another."""
    groups: dict[Path, list[int]] = {}
    for index, node in enumerate(nodes):
        groups.setdefault(node.inside, []).append(index)
    found: list[tuple[Path, str]] = [((), "")] * len(nodes)
    for inside, members in groups.items():
        places = places_of(_clues([nodes[index] for index in members], constants))
        for index, of, name in zip(members, places.of, places.names, strict=True):
            found[index] = ((*inside, *places.paths[of]), name)
    return found


def _clues(nodes: Sequence[Node], constants: Collection[str]) -> Clues:
    made = {name: index for index, node in enumerate(nodes) for name in node.outputs}
    weights = [
        [name for name in node.inputs if name in constants] if not node.path else []
        for node in nodes
    ]
    return Clues(
        names=[node.path or node.name for node in nodes],
        operators=[node.operator for node in nodes],
        torch_scopes={},
        weights=weights.__getitem__,
        weighted=sum(map(bool, weights)),
        before=lambda index: [made[name] for name in nodes[index].inputs if name in made],
    )
