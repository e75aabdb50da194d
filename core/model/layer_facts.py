"""What a layer takes and gives by its operator's formal names, and all its attributes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.model.columns import Ints
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
    near = _Surroundings(layer, graph)
    places = layer.slots or (*layer.inputs, *layer.weights)
    captured = tuple(name for name in layer.inputs if layer.slots and name not in layer.slots)
    ports = [
        near.input(name, _name(formal, place), _text(formal, place))
        for place, name in enumerate(places)
        if name
    ]
    return (*ports, *(near.input(name, "", "Taken by a graph inside.") for name in captured))


def outputs_of(layer: Layer, graph: ModelGraph, operator: Operator | None) -> tuple[Port, ...]:
    """What a layer makes, and who takes it."""
    formal = operator.outputs if operator else ()
    near = _Surroundings(layer, graph)
    return tuple(
        near.output(name, _name(formal, place), _text(formal, place))
        for place, name in enumerate(layer.outputs)
    )


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


class _Surroundings:
    """Finds the tensors, weights and neighbours of one layer in the graph's columns.

    The mappings of a graph would first make all its names: 0.1 s for 100,000 layers.
    """

    def __init__(self, layer: Layer, graph: ModelGraph) -> None:
        self._layer, self._graph = layer, graph
        self._here = graph.index_of[layer.id]
        columns = graph.columns
        self._number: dict[str, int] = {}
        for names, column in (
            (layer.slots, columns.slots),
            (layer.inputs, columns.inputs),
            (layer.outputs, columns.outputs),
            (layer.weights, columns.weights),
        ):
            self._number.update(zip(names, column.row(self._here), strict=True))

    def input(self, name: str, formal: str, text: str) -> Port:
        weights = self._weights(name)
        if weights and name not in self._layer.inputs:
            return Port(formal, text, None, weights)
        makers = [each.id for each in self._before if name in each.outputs]
        return Port(
            name=formal,
            text=text,
            tensor=self._tensor(name),
            layers=tuple(makers[:MOST_LINKS]),
            layer_count=len(makers),
            outside=any(tensor.name == name for tensor in self._graph.inputs),
        )

    def output(self, name: str, formal: str, text: str) -> Port:
        takers = [each.id for each in self._after if name in each.inputs]
        return Port(
            name=formal,
            text=text,
            tensor=self._tensor(name),
            layers=tuple(takers[:MOST_LINKS]),
            layer_count=len(takers),
            outside=any(tensor.name == name for tensor in self._graph.outputs),
        )

    def _tensor(self, name: str) -> Tensor:
        columns = self._graph.columns
        rows = np.flatnonzero(columns.tensor_names == self._number[name])
        return columns.tensor(int(rows[0])) if len(rows) else Tensor(name, "unknown", None)

    def _weights(self, name: str) -> tuple[Weight, ...]:
        columns = self._graph.columns
        numbers = [self._number.get(each) for each in self._graph.prepared.get(name, (name,))]
        rows = [np.flatnonzero(columns.stored_names == number) for number in numbers]
        return tuple(columns.weight(int(row[0])) for row in rows if len(row))

    @cached_property
    def _before(self) -> list[Layer]:
        wires = self._graph.wires
        return self._layers(wires.sources[wires.targets == self._here])

    @cached_property
    def _after(self) -> list[Layer]:
        wires = self._graph.wires
        return self._layers(wires.targets[wires.sources == self._here])

    def _layers(self, items: Ints) -> list[Layer]:
        layers = self._graph.layers
        places: list[int] = np.unique(items[items < len(layers)]).tolist()
        return [layers[place] for place in places]


def _name(formal: tuple[FormalPort, ...], place: int) -> str:
    port = formal_port(formal, place)
    if port is None:
        return ""
    several = port.presence == "variadic"
    return f"{port.name} {place - len(formal) + 1}" if several else port.name


def _text(formal: tuple[FormalPort, ...], place: int) -> str:
    port = formal_port(formal, place)
    return port.text if port else ""


def warm(graph: ModelGraph) -> bool:
    """Make what the first look at any layer makes and all later ones find: 0.2 s at 100,000.

    Whether there is anything to look at.
    """
    operator_of("", "", graph.opsets)
    asked = ["" in each for each in (graph.index_of, graph.tensors, graph.weights)]
    return len(graph.wires.sources) > 0 or any(asked)


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
