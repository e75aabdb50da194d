"""Gives the layers of a converted model the ids of the layers that they were before."""
# pyright: reportUnknownMemberType=false
# onnx leaves the types of its loading and saving open.

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from core.model.graph import Layer, LayerId, ModelGraph

_FAMILIES: Mapping[str, str] = {
    "convolution": "conv", "conv1d": "conv", "conv2d": "conv", "conv3d": "conv",
    "linear": "matmul", "addmm": "matmul", "mm": "matmul", "bmm": "matmul", "gemm": "matmul",
    "batch_norm": "batchnormalization", "layer_norm": "layernormalization",
    "adaptive_avg_pool2d": "pool", "globalaveragepool": "pool", "avg_pool2d": "pool",
    "averagepool": "pool", "max_pool2d": "maxpool", "cat": "concat", "hardtanh": "clip",
    "reducemean": "mean", "reducesum": "sum",
}  # fmt: skip
"""Operators of PyTorch and of ONNX that do the same, by a common name; others by their own."""

_Key = tuple[tuple[str, ...], str]


def stamp_like(drawn: ModelGraph, converted: Path) -> None:
    """Stamp the nodes of an ONNX file with the LayerIds of the drawn layers that they come from.

    A node matches by a weight that both take, else by its module and operator, in order. Nodes
    without a match keep their own names.
    """
    import onnx

    from core.formats import read_graph
    from core.model.identity import nodes_by_layer, set_stamp

    model = onnx.load(str(converted), load_external_data=False)
    nodes = nodes_by_layer(model)
    pairs = matches(drawn, read_graph(converted))
    for mine, theirs in pairs.items():
        set_stamp(nodes[mine], theirs)
    onnx.save(model, str(converted))


def matches(drawn: ModelGraph, converted: ModelGraph) -> dict[LayerId, LayerId]:
    """Layer of the converted model to the drawn layer that it comes from, one to one."""
    owners = {weight: layer.id for layer in drawn.layers for weight in layer.weights}
    waiting: dict[_Key, list[LayerId]] = defaultdict(list)
    for layer in drawn.layers:
        waiting[_key(layer)].append(layer.id)
    found: dict[LayerId, LayerId] = {}
    for layer in converted.layers:
        owner = next((owners[name] for name in layer.weights if name in owners), None)
        candidates = [owner] if owner is not None else waiting[_key(layer)]
        taken = set(found.values())
        match = next((each for each in candidates if each not in taken), None)
        if match is not None:
            found[layer.id] = match
    return found


def _key(layer: Layer) -> _Key:
    operator = layer.operator.lower()
    return layer.scope, _FAMILIES.get(operator, operator)
