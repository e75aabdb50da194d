"""One model as what alignment needs: numbers per layer, and wires that see through conversions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.diff.conversions import Constant, constants_of, is_conversion
from core.diff.families import family_of
from core.model.graph import Layer, ModelGraph
from core.model.whole_graph import whole

Ints = NDArray[np.int64]

_MOST_HOPS = 64
_ENDINGS = ("/int8", "/float16", "/bfloat16", "_quantized", "_dequantized", "_fp16")
"""What passes that change number formats append to a name."""


def base_name(name: str) -> str:
    """A tensor's name without what changing its number format appended."""
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name


@dataclass(frozen=True)
class Wiring:
    """Wires from item to item; items are layers first, then the model's inputs."""

    sources: Ints
    targets: Ints
    slots: Ints
    """Place among the target's inputs."""

    @cached_property
    def producers(self) -> dict[int, dict[int, int]]:
        """Item to what comes in, by slot."""
        found: dict[int, dict[int, int]] = {}
        for source, target, slot in self._rows:
            found.setdefault(target, {})[slot] = source
        return found

    @cached_property
    def consumers(self) -> dict[int, list[tuple[int, int]]]:
        """Item to (slot, target) of what takes it."""
        found: dict[int, list[tuple[int, int]]] = {}
        for source, target, slot in self._rows:
            found.setdefault(source, []).append((slot, target))
        return found

    @property
    def _rows(self) -> Iterable[tuple[int, int, int]]:
        return zip(self.sources.tolist(), self.targets.tolist(), self.slots.tolist(), strict=True)


class Outline:
    """The layers of a graph, in topological order, with what tells them apart."""

    def __init__(self, graph: ModelGraph, *, with_attributes: bool) -> None:
        """`with_attributes`: False between formats that call attributes differently."""
        self.graph = graph = whole(graph)
        self.layers: Sequence[Layer] = graph.layers
        self.conversions = [is_conversion(layer, graph) for layer in self.layers]
        self.inputs = [tensor.name for tensor in graph.inputs]
        self._with_attributes = with_attributes
        self._constants: dict[int, list[Constant]] = {}

    @property
    def items(self) -> int:
        """Layers and the model's inputs."""
        return len(self.layers) + len(self.inputs)

    def constants(self, index: int) -> list[Constant]:
        """The stored constants that a layer takes."""
        layer = self.layers[index]
        if not layer.weights:
            return _NONE
        if index not in self._constants:
            self._constants[index] = constants_of(self.graph, layer)
        return self._constants[index]

    def family(self, index: int) -> str:
        return family_of(self.layers[index].operator)

    def signature(self, index: int) -> int:
        """What a layer is by itself, whatever its name, its precision and its surroundings."""
        layer = self.layers[index]
        shapes = tuple(each.main.shape for each in self.constants(index))
        attributes = layer.attributes if self._with_attributes else _NO_ATTRIBUTES
        return hash((family_of(layer.operator), tuple(sorted(attributes.items())), shapes))

    @cached_property
    def signatures(self) -> Ints:
        """Of every item; those of a model's inputs tell their shape."""
        inputs = [hash(("input", str(tensor.shape))) for tensor in self.graph.inputs]
        layers = [self.signature(index) for index in range(len(self.layers))]
        return np.array(layers + inputs, np.int64)

    def weight_names(self, index: int) -> frozenset[str]:
        """Base names of a layer's constants."""
        constants = self.constants(index)
        return frozenset(base_name(each.main.name) for each in constants) if constants else _EMPTY

    @cached_property
    def wiring(self) -> Wiring:
        """Wires between layers that are no conversions, and from the model's inputs."""
        count = len(self.layers)
        maker: dict[str, int] = {}
        for index, layer in enumerate(self.layers):
            for name in layer.outputs:
                maker.setdefault(name, index)
        maker |= {name: count + index for index, name in enumerate(self.inputs)}
        rows: list[tuple[int, int, int]] = []
        for target, layer in enumerate(self.layers):
            if self.conversions[target]:
                continue
            for slot, name in enumerate(layer.inputs):
                source = self._root(name, maker)
                if source is not None:
                    rows.append((source, target, slot))
        table = np.array(rows, np.int64).reshape(-1, 3)
        return Wiring(table[:, 0], table[:, 1], table[:, 2])

    def _root(self, name: str, maker: dict[str, int]) -> int | None:
        """The item that makes a tensor, seen through conversions."""
        for _ in range(_MOST_HOPS):
            source = maker.get(name)
            if source is None or source >= len(self.layers) or not self.conversions[source]:
                return source
            taken = self.layers[source].inputs
            if not taken:
                return None
            name = taken[0]
        return None


_NONE: list[Constant] = []
_NO_ATTRIBUTES: dict[str, str] = {}
_EMPTY: frozenset[str] = frozenset()
