"""Both models in one graph, to be drawn: all of B, and what only A has in its place."""

from dataclasses import replace

from core.diff.outline import Outline
from core.diff.structure import Compared
from core.model.graph import Layer, LayerId, ModelGraph, Tensor
from core.model.topology import running_order

REMOVED = " (A)"
"""After the id of a layer that only A has, where B has another layer of that id."""


def merged_ids(compared: Compared) -> dict[LayerId, LayerId]:
    """For each layer that only A has: its id in the merged graph."""
    taken = {layer.id for layer in compared.b.layers}
    return {
        layer.id: LayerId(layer.id + REMOVED) if layer.id in taken else layer.id
        for layer in _only_in_a(compared)
    }


def merged_graph(compared: Compared) -> ModelGraph:
    """Layers of B under their ids; those that only A has under the ids of `merged_ids`.

    Removed layers hang where they hung: what they took is B's tensor of the same layer, and the
    layers that took their results in A are drawn as if they still did.
    """
    a, b = compared.a, compared.b
    names = _names_in_b(compared)
    removed = _only_in_a(compared)
    ids = merged_ids(compared)
    for layer in removed:
        names |= {name: name + REMOVED for name in layer.outputs}
    ghosts = [
        replace(
            layer,
            id=ids[layer.id],
            inputs=tuple(names.get(name, name) for name in layer.inputs),
            outputs=tuple(names[name] for name in layer.outputs),
            slots=(),
        )
        for layer in removed
    ]
    layers = _in_order([*_still_taking(compared, names), *ghosts])
    tensors = dict(b.graph.tensors)
    for layer in removed:
        for name in layer.outputs:
            known = a.graph.tensors.get(name)
            if known is not None:
                tensors[names[name]] = Tensor(names[name], known.dtype, known.shape)
    return replace(
        b.graph,
        name=f"{a.graph.name} → {b.graph.name}",
        layers=tuple(layers),
        tensors=tensors,
        weights={**a.graph.weights, **b.graph.weights},
    )


def _only_in_a(compared: Compared) -> list[Layer]:
    paired = compared.alignment.to_b >= 0
    return [layer for layer, has in zip(compared.a.layers, paired.tolist(), strict=True) if not has]


def _names_in_b(compared: Compared) -> dict[str, str]:
    """A's tensors under their names in B."""
    names: dict[str, str] = {}
    for i, j in compared.alignment.pairs:
        pairs = zip(compared.a.layers[i].outputs, compared.b.layers[j].outputs, strict=False)
        names.update(pairs)
    return names


def _still_taking(compared: Compared, names: dict[str, str]) -> list[Layer]:
    """B's layers; those that took a removed layer's result take it in the drawing."""
    lost = {name for layer in _only_in_a(compared) for name in layer.outputs}
    layers = list(compared.b.layers)
    if not lost:
        return layers
    for i, j in compared.alignment.pairs:
        more = tuple(names[name] for name in _inputs(compared.a, i) if name in lost)
        if more:
            layers[j] = replace(layers[j], inputs=(*layers[j].inputs, *more))
    return layers


def _inputs(side: Outline, index: int) -> tuple[str, ...]:
    return side.layers[index].inputs


def _in_order(layers: list[Layer]) -> list[Layer]:
    order = running_order([layer.inputs for layer in layers], [layer.outputs for layer in layers])
    return [layers[index] for index in order.indices]
