"""How much memory the values between layers need while a model runs, layer after layer.

Layers run in the graph's order; a value takes room from the layer that makes it to the last one
that takes it, and nothing is done in place. Engines that fuse layers or reuse buffers within one
need less; this is what a plain one needs. Weights are not counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.model import tensor_types
from core.model.graph import ModelGraph, Tensor


@dataclass(frozen=True)
class MemoryOverTime:
    """`live` holds the bytes of all values that exist while each layer runs."""

    live: NDArray[np.int64]
    assumed: int
    """How many values have a size that is not known; such sizes count as 1."""
    unsized: int
    """How many values are left out, for they have no known rank or type."""

    @property
    def peak(self) -> int:
        """The most bytes at one time; 0 for a model without layers."""
        return int(self.live.max()) if len(self.live) else 0

    @property
    def peak_layer(self) -> int:
        """Place of the first layer at which the most is needed."""
        return int(self.live.argmax()) if len(self.live) else 0


class _Life(NamedTuple):
    first: int
    last: int


def memory_over_time(graph: ModelGraph) -> MemoryOverTime:
    """Walks over all layers once: not for the window's thread when the model is large."""
    steps = len(graph.layers)
    change = np.zeros(steps + 1, dtype=np.int64)
    assumed = unsized = 0
    for name, life in _lives(graph):
        tensor = graph.tensors.get(name)
        size = None if tensor is None else _bytes(tensor)
        if size is None:
            unsized += 1
            continue
        assumed += not _is_fixed(tensor)
        change[life.first] += size
        change[life.last + 1] -= size
    return MemoryOverTime(np.cumsum(change[:steps]), assumed, unsized)


def _lives(graph: ModelGraph) -> Iterator[tuple[str, _Life]]:
    """From which layer to which each value exists; inputs from the start, outputs to the end."""
    if not graph.layers:
        return
    end = len(graph.layers) - 1
    first = {tensor.name: 0 for tensor in graph.inputs}
    last: dict[str, int] = {}
    for step, layer in enumerate(graph.layers):
        for name in layer.outputs:
            first.setdefault(name, step)
        for name in layer.inputs:
            last[name] = step
    last |= {tensor.name: end for tensor in graph.outputs}
    yield from _paired(first, last)


def _paired(first: Mapping[str, int], last: Mapping[str, int]) -> Iterator[tuple[str, _Life]]:
    for name, step in first.items():
        yield name, _Life(step, max(step, last.get(name, step)))


def _bytes(tensor: Tensor) -> int | None:
    if tensor.shape is None:
        return None
    return tensor_types.bytes_of(tensor.dtype, [_size(size) for size in tensor.shape])


def _size(size: int | str | None) -> int:
    return size if isinstance(size, int) and size >= 0 else 1


def _is_fixed(tensor: Tensor | None) -> bool:
    sizes = tensor.shape if tensor else None
    return sizes is not None and all(isinstance(size, int) and size >= 0 for size in sizes)
