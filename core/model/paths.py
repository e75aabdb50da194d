"""What comes before and after an item of a graph, and all paths from one to another."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.model.graph import ModelGraph
from core.model.wires import Wires

Flags: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]


class Paths:
    """Each question takes some 30 ms for 100,000 layers.

    Items are numbered as in `Wires`: layers, then the model's inputs, then its outputs.
    """

    def __init__(self, graph: ModelGraph) -> None:
        self._items = len(graph.layers) + len(graph.inputs) + len(graph.outputs)
        self._wires = _in_order(graph.wires, len(graph.layers), len(graph.inputs))

    def producers(self, item: int) -> Ints:
        """Items whose tensors flow into this one."""
        return np.unique(self._wires.sources[self._wires.targets == item])

    def consumers(self, item: int) -> Ints:
        """Items into which this one's tensors flow."""
        return np.unique(self._wires.targets[self._wires.sources == item])

    def after(self, item: int) -> Flags:
        """All items that depend on this one, and itself."""
        return self._reached(item, self._wires.sources, self._wires.targets)

    def before(self, item: int) -> Flags:
        """All items on which this one depends, and itself."""
        return self._reached(item, self._wires.targets[::-1], self._wires.sources[::-1])

    def between(self, start: int, end: int) -> Flags:
        """All items on any path from `start` to `end`, both included; none without a path."""
        found = self.after(start) & self.before(end)
        return found if found[start] and found[end] else np.zeros_like(found)

    def _reached(self, item: int, sources: Ints, targets: Ints) -> Flags:
        """One pass does where the wires are in topological order; a cycle takes some more."""
        reached = bytearray(self._items)
        reached[item] = 1
        ends = list(zip(sources.tolist(), targets.tolist(), strict=True))
        while True:
            for source, target in ends:
                if reached[source]:
                    reached[target] = 1
            found = np.frombuffer(bytes(reached), np.uint8).astype(bool)
            if not (found[sources] & ~found[targets]).any():
                return found


def _in_order(wires: Wires, layers: int, inputs: int) -> Wires:
    """Sorted by where each starts: inputs come before the layers."""
    start = wires.sources.copy()
    start[(start >= layers) & (start < layers + inputs)] -= layers + inputs
    order = np.argsort(start, kind="stable")
    return Wires(wires.sources[order], wires.targets[order])
