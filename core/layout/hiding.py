"""Layers that are not drawn: what flows through them goes on to the next visible layer."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from core.layout.structure import Ints
from core.model.columns import distinct
from core.model.graph import ModelGraph
from core.model.wires import Wires

MOST_SOURCES = 8
"""Through a hidden layer with many inputs only the nearest ones are followed, so that hiding every
Add of a long residual chain does not join everything to everything."""


def folded_by_default(graph: ModelGraph) -> frozenset[int]:
    """Layers that only say how numbers are stored: QuantizeLinear straight before DequantizeLinear.

    A Q goes only when all that it feeds are DQs, a DQ only when it is fed by such a Q, so that
    none stays behind alone.
    """
    if "QuantizeLinear" not in graph.operators:
        return frozenset()
    operators = np.array(graph.operators, dtype=np.str_)
    count = len(operators)
    quantize = np.zeros(count + len(graph.inputs) + len(graph.outputs), bool)
    dequantize = quantize.copy()
    quantize[:count] = operators == "QuantizeLinear"
    dequantize[:count] = operators == "DequantizeLinear"
    wires = graph.wires
    pairs = quantize[wires.sources] & dequantize[wires.targets]
    hidden = np.zeros_like(quantize)
    hidden[wires.sources[pairs]] = True
    hidden[wires.sources[quantize[wires.sources] & ~dequantize[wires.targets]]] = False
    hidden[wires.targets[pairs & hidden[wires.sources]]] = True
    return frozenset(np.flatnonzero(hidden).tolist())


def contracted(wires: Wires, hidden: Collection[int], items: int) -> Wires:
    """The wires between visible items, each pair once."""
    if not hidden:
        return wires
    unseen = np.zeros(items, bool)
    unseen[list(hidden)] = True
    wires = _past_single_inputs(wires, unseen)
    if unseen[wires.targets].any():
        wires = _past_many_inputs(wires, unseen)
    kept = ~unseen[wires.sources] & ~unseen[wires.targets] & (wires.sources != wires.targets)
    return _unique(wires.sources[kept], wires.targets[kept], items)


def _past_single_inputs(wires: Wires, unseen: NDArray[np.bool_]) -> Wires:
    """Leave out hidden items with a single input: their readers read that input instead."""
    single = unseen & (np.bincount(wires.targets, minlength=len(unseen)) == 1)
    origin = np.arange(len(unseen))
    into = single[wires.targets]
    origin[wires.targets[into]] = wires.sources[into]
    for _ in range(64):  # each round doubles the reach; only a cycle would go on for ever
        if np.array_equal(further := origin[origin], origin):
            break
        origin = further
    return Wires(origin[wires.sources[~into]], wires.targets[~into])


def _past_many_inputs(wires: Wires, unseen: NDArray[np.bool_]) -> Wires:
    """The same for hidden items with several inputs."""
    order = np.argsort(wires.targets, kind="stable")
    into = order[unseen[wires.targets[order]]]
    seen_through: dict[int, list[int]] = {}
    ends = wires.sources[into].tolist(), wires.targets[into].tolist()
    for source, target in zip(*ends, strict=True):
        found = seen_through.setdefault(target, [])
        found.extend(seen_through.get(source, []) if unseen[source] else [source])
        if len(found) > MOST_SOURCES:
            seen_through[target] = sorted(set(found))[-MOST_SOURCES:]
    beyond = ~unseen[wires.targets]
    sources, targets = wires.sources[beyond], wires.targets[beyond]
    from_hidden = np.flatnonzero(unseen[sources])
    pairs = [
        (origin, target)
        for source, target in zip(
            sources[from_hidden].tolist(), targets[from_hidden].tolist(), strict=True
        )
        for origin in seen_through.get(source, [])
    ]
    more = np.array(pairs, np.int64).reshape(-1, 2)
    return Wires(np.concatenate([sources, more[:, 0]]), np.concatenate([targets, more[:, 1]]))


def _unique(sources: Ints, targets: Ints, items: int) -> Wires:
    keys = distinct(sources * items + targets)
    return Wires(keys // items, keys % items)
