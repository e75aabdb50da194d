"""Puts a kernel and the addition of its bias together, which some formats keep apart.

ONNX has one Conv with a bias; OpenVINO has a Convolution “NAME/WithoutBiases” and an Add “NAME”.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from core.diff.families import family_of
from core.model.graph import Layer, LayerId, ModelGraph

_KERNELS = frozenset({"conv", "matmul"})


def with_biases_inside(graph: ModelGraph) -> ModelGraph:
    """Each Add of a stored constant that alone reads a kernel becomes one layer with it.

    The layer has the Add's name and result, and the kernel's operator.
    """
    readers = Counter(name for layer in graph.layers for name in layer.inputs)
    shown = {tensor.name for tensor in graph.outputs}
    kernels = {
        layer.outputs[0]: layer
        for layer in graph.layers
        if family_of(layer.operator) in _KERNELS
        and len(layer.outputs) == 1
        and readers[layer.outputs[0]] == 1
        and layer.outputs[0] not in shown
    }
    joined = {
        layer.id: kernels[layer.inputs[0]] for layer in graph.layers if _adds_bias(layer, kernels)
    }
    gone = {kernel.id for kernel in joined.values()}
    return replace(graph, layers=tuple(_layers(graph, joined, gone)))


def _adds_bias(layer: Layer, kernels: dict[str, Layer]) -> bool:
    takes_one = layer.operator == "Add" and len(layer.inputs) == 1
    return takes_one and len(layer.weights) == 1 and layer.inputs[0] in kernels


def _layers(
    graph: ModelGraph, joined: Mapping[LayerId, Layer], gone: Container[LayerId]
) -> Iterator[Layer]:
    for layer in graph.layers:
        kernel = joined.get(layer.id)
        if kernel is not None:
            yield _together(kernel, layer)
        elif layer.id not in gone:
            yield layer


def _together(kernel: Layer, addition: Layer) -> Layer:
    return replace(
        addition,
        operator=kernel.operator,
        domain=kernel.domain,
        inputs=kernel.inputs,
        weights=(*kernel.weights, *addition.weights),
        attributes=kernel.attributes,
        parameters=kernel.parameters + addition.parameters,
        weight_bytes=kernel.weight_bytes + addition.weight_bytes,
        operations=kernel.operations,
        detail=kernel.detail,
        slots=(*kernel.slots, *addition.slots[1:]) if kernel.slots else (),
    )
