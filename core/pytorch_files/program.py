"""A PyTorch program as a list of operations, and the graph that is drawn from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from core.model import cost
from core.model.attributes import plain
from core.model.graph import Dimension, Layer, LayerId, ModelGraph, Tensor, Weight
from core.pytorch_files import aten
from core.pytorch_files.places import Place, places_in

_MOST_ITEMS = 16


@dataclass(frozen=True)
class Operation:
    """One call of an operator."""

    name: str
    """Different for each."""
    target: str
    """“torch.ops.aten.conv2d.default”."""
    module: tuple[str, ...]
    """Path of the module that calls it: (“layer1”, “0”, “conv1”)."""
    slots: tuple[str, ...]
    """Names of the tensors and weights that it takes, in order; empty for one left out."""
    outputs: tuple[str, ...]
    arguments: Mapping[str, aten.Value]
    """The others, by name."""


@dataclass(frozen=True)
class Program:
    """What a file of PyTorch computes."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    operations: Sequence[Operation]
    tensors: Mapping[str, Tensor]
    """As far as types or shapes are known."""
    weights: Mapping[str, Weight]
    """By the name that operations use."""
    sizes: Callable[[Tensor], cost.Shape]
    """Shape of a tensor for batch 1."""
    version: str
    producer: str
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further facts about the file, in words for people."""
    warnings: tuple[str, ...] = ()


def graph_of_program(path: Path, format_name: str, program: Program) -> ModelGraph:
    """The graph of a program that was read from the file at `path`."""
    return _Builder(program).graph(path, format_name)


class _Builder:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._counted: set[str] = set()
        """Weights that already belong to a layer."""

    def graph(self, path: Path, format_name: str) -> ModelGraph:
        program = self._program
        operations = program.operations
        places = places_in([each.module for each in operations], [each.name for each in operations])
        layers = tuple(map(self._layer, operations, places))
        used = {name for layer in layers for name in (*layer.inputs, *layer.outputs)}
        used.update(tensor.name for tensor in (*program.inputs, *program.outputs))
        return ModelGraph(
            name=path.stem,
            format=format_name,
            version=program.version,
            producer=program.producer,
            inputs=program.inputs,
            outputs=program.outputs,
            layers=layers,
            tensors={name: self._tensor(name) for name in sorted(used)},
            weights={weight.name: weight for weight in program.weights.values()},
            file_bytes=path.stat().st_size,
            sha256="",
            properties={key: plain(text) for key, text in program.properties.items()},
            warnings=program.warnings,
        )

    def _layer(self, operation: Operation, place: Place) -> Layer:
        use = self._use(operation)
        weights = [self._program.weights.get(name) for name in operation.slots]
        stored = tuple(dict.fromkeys(weight.name for weight in weights if weight))
        parameters, size = self._own([weight for weight in weights if weight])
        first = self._tensor(operation.outputs[0]) if operation.outputs else None
        return Layer(
            id=LayerId(plain(operation.name, 200)),
            name=plain(place.name),
            operator=plain(use.operator),
            domain=plain(aten.domain_of(operation.target)),
            scope=tuple(plain(part) for part in place.scope),
            inputs=tuple(
                name for name in operation.slots if name and name not in self._program.weights
            ),
            outputs=operation.outputs,
            weights=stored,
            attributes={plain(key): _text(value) for key, value in operation.arguments.items()},
            parameters=parameters,
            weight_bytes=size,
            operations=aten.operations(use),
            output_shape=first.shape if first else None,
            output_dtype=first.dtype if first else "unknown",
            detail=aten.detail(use),
        )

    def _use(self, operation: Operation) -> aten.Use:
        return aten.Use(
            operator=aten.plain_operator(operation.target),
            inputs=[self._size(name) for name in operation.slots],
            stored=frozenset(
                index for index, name in enumerate(operation.slots) if name in self._program.weights
            ),
            outputs=[self._size(name) for name in operation.outputs],
            arguments=operation.arguments,
            known=aten.domain_of(operation.target) in ("aten", ""),
        )

    def _own(self, weights: Sequence[Weight]) -> tuple[int, int]:
        """Parameters and stored bytes; a shared weight belongs to the first layer that uses it."""
        fresh = [weight for weight in weights if weight.name not in self._counted]
        self._counted.update(weight.name for weight in fresh)
        return sum(prod(weight.shape) for weight in fresh), sum(weight.bytes for weight in fresh)

    def _size(self, name: str) -> cost.Shape:
        weight = self._program.weights.get(name)
        if weight is not None:
            return weight.shape
        tensor = self._program.tensors.get(name)
        return None if tensor is None else self._program.sizes(tensor)

    def _tensor(self, name: str) -> Tensor:
        return self._program.tensors.get(name) or Tensor(name, "unknown", None)


def batch_of(inputs: Sequence[Tensor]) -> Callable[[Tensor], cost.Shape]:
    """Shapes for batch 1: the name of the first input's first size counts as one."""
    batch: Dimension = next((t.shape[0] for t in inputs if t.shape), None)

    def sizes(tensor: Tensor) -> cost.Shape:
        if tensor.shape is None:
            return None
        return tuple(
            size if isinstance(size, int) else (1 if size is not None and size == batch else None)
            for size in tensor.shape
        )

    return sizes


def _text(value: aten.Value) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        items = [_text(item) for item in value[:_MOST_ITEMS]]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        more = f", … ({len(value)} in all)" if len(value) > _MOST_ITEMS else ""  # pyright: ignore[reportUnknownArgumentType]
        return plain(", ".join(items) + more)
    return plain(str(value))
