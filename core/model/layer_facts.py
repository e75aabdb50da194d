"""What a layer takes and gives by its operator's formal names, and all its attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.graph import Dimension, Layer, LayerId, ModelGraph, Tensor, Weight
from core.model.operator_docs import FormalPort, Operator, formal_port, operator_of

MOST_LINKS = 32
"""How many layers of one port are named; a tensor may feed thousands."""


@dataclass(frozen=True)
class Port:
    """One actual input or output. Exactly one of `tensor` and `weights` says what stands there."""

    name: str
    """The formal name, “W”; “inputs 2” for the third of any number; empty where not known."""
    text: str
    """What the operator says about it."""
    tensor: Tensor | None
    weights: tuple[Weight, ...] = ()
    """What is stored for it: one tensor, or integers with their scale and zero point."""
    layers: tuple[LayerId, ...] = ()
    """Where the tensor comes from, or who takes it; at most MOST_LINKS."""
    layer_count: int = 0
    outside: bool = False
    """Whether it is an input or output of the whole model."""


@dataclass(frozen=True)
class AttributeFact:
    """An attribute of a layer, given by the model or by the operator's default."""

    name: str
    value: str
    given: bool
    """Whether the model says it; else `value` is the default."""
    text: str


def operator_of_layer(layer: Layer, graph: ModelGraph) -> Operator | None:
    """The definition of a layer's operator, or None; a model without opsets means none."""
    if not graph.opsets:
        return None
    return operator_of(layer.operator, layer.domain, graph.opsets)


def inputs_of(layer: Layer, graph: ModelGraph, operator: Operator | None) -> tuple[Port, ...]:
    """By position where the format tells positions, else what flows in and then what is stored."""
    formal = operator.inputs if operator else ()
    places = layer.slots or (*layer.inputs, *layer.weights)
    captured = tuple(name for name in layer.inputs if layer.slots and name not in layer.slots)
    ports = [
        _input(name, _name(formal, place), _text(formal, place), layer, graph)
        for place, name in enumerate(places)
        if name
    ]
    ports += [_input(name, "", "Taken by a graph inside.", layer, graph) for name in captured]
    return tuple(ports)


def outputs_of(layer: Layer, graph: ModelGraph, operator: Operator | None) -> tuple[Port, ...]:
    """What a layer makes, and who takes it."""
    formal = operator.outputs if operator else ()
    followers = _neighbours(layer, graph, after=True)
    ports: list[Port] = []
    for place, name in enumerate(layer.outputs):
        takers = [each.id for each in followers if name in each.inputs]
        ports.append(
            Port(
                name=_name(formal, place),
                text=_text(formal, place),
                tensor=_tensor(name, graph),
                layers=tuple(takers[:MOST_LINKS]),
                layer_count=len(takers),
                outside=any(tensor.name == name for tensor in graph.outputs),
            )
        )
    return tuple(ports)


def attributes_of(layer: Layer, operator: Operator | None) -> tuple[AttributeFact, ...]:
    """What the model gives, in its order, then the defaults of what it leaves out."""
    formal = {each.name: each for each in operator.attributes} if operator else {}
    given = [
        AttributeFact(name, value, True, formal[name].text if name in formal else "")
        for name, value in layer.attributes.items()
    ]
    left = [
        AttributeFact(each.name, each.default, False, each.text)
        for each in formal.values()
        if each.name not in layer.attributes and each.default
    ]
    return (*given, *left)


def _input(name: str, formal: str, text: str, layer: Layer, graph: ModelGraph) -> Port:
    weights = _stored(name, graph)
    if weights and name not in layer.inputs:
        return Port(formal, text, None, weights)
    makers = [each.id for each in _neighbours(layer, graph, after=False) if name in each.outputs]
    return Port(
        name=formal,
        text=text,
        tensor=_tensor(name, graph),
        layers=tuple(makers[:MOST_LINKS]),
        layer_count=len(makers),
        outside=any(tensor.name == name for tensor in graph.inputs),
    )


def _stored(name: str, graph: ModelGraph) -> tuple[Weight, ...]:
    found = (graph.weights.get(each) for each in graph.prepared.get(name, (name,)))
    return tuple(weight for weight in found if weight is not None)


def _tensor(name: str, graph: ModelGraph) -> Tensor:
    return graph.tensors.get(name) or Tensor(name, "unknown", None)


def _neighbours(layer: Layer, graph: ModelGraph, *, after: bool) -> Sequence[Layer]:
    """The layers right after or before one."""
    here, wires = graph.index_of[layer.id], graph.wires
    ours, theirs = (wires.sources, wires.targets) if after else (wires.targets, wires.sources)
    items: list[int] = np.unique(theirs[ours == here]).tolist()
    return [graph.layers[item] for item in items if item < len(graph.layers)]


def _name(formal: tuple[FormalPort, ...], place: int) -> str:
    port = formal_port(formal, place)
    if port is None:
        return ""
    several = port.presence == "variadic"
    return f"{port.name} {place - len(formal) + 1}" if several else port.name


def _text(formal: tuple[FormalPort, ...], place: int) -> str:
    port = formal_port(formal, place)
    return port.text if port else ""


def facts_text(layer: Layer, graph: ModelGraph) -> str:
    """All facts of a layer as lines of plain text, to paste elsewhere."""
    operator = operator_of_layer(layer, graph)
    operations = "not known" if layer.operations is None else str(layer.operations)
    lines = [
        f"name: {layer.name}",
        f"id: {layer.id}",
        f"operator: {layer.operator}" + (f" since opset {operator.since}" if operator else ""),
        f"scope: {'/'.join(layer.scope)}",
        f"parameters: {layer.parameters}",
        f"weight bytes: {layer.weight_bytes}",
        f"operations: {operations}",
    ]
    lines += [f"input {_line(port)}" for port in inputs_of(layer, graph, operator)]
    lines += [f"output {_line(port)}" for port in outputs_of(layer, graph, operator)]
    lines += [f"attribute {each.name}: {each.value}" for each in attributes_of(layer, None)]
    return "\n".join(lines)


def _line(port: Port) -> str:
    values = (port.tensor,) if port.tensor else port.weights
    return f"{port.name}: {', '.join(f'{v.name} {v.dtype} {_shape(v.shape)}' for v in values)}"


def _shape(shape: Sequence[Dimension] | None) -> str:
    return "?" if shape is None else "×".join("?" if s is None else str(s) for s in shape)
