"""Why a layer cannot be treated, in sentences; read from the graph alone, without the weights."""

from typing import cast

from core.model.graph import Layer, ModelGraph, Tensor

FLOAT32 = "float32"


def input_tensors(layer: Layer, graph: ModelGraph) -> tuple[Tensor, ...]:
    """The tensors that flow into a layer, as far as the graph describes them."""
    return tuple(graph.tensors[name] for name in layer.inputs if name in graph.tensors)


def domain_refusal(layer: Layer) -> str | None:
    if layer.domain in {"", "ai.onnx"}:
        return None
    return f"{layer.operator} is no standard ONNX operator, so its numbers must stay as they are."


def float_refusal(layer: Layer, graph: ModelGraph) -> str | None:
    """Refuses a layer that does not compute in float32."""
    dtypes = [tensor.dtype for tensor in input_tensors(layer, graph)][:1]
    dtypes += [layer.output_dtype]
    other = next((dtype for dtype in dtypes if dtype and dtype != FLOAT32), None)
    return None if other is None else f"It works on {other}, not on float32."


def kernel_refusal(layer: Layer, graph: ModelGraph) -> str | None:
    """Refuses a layer without a float32 matrix or kernel stored in the model."""
    weights = [graph.weights[name] for name in layer.weights if name in graph.weights]
    kernels = [weight for weight in weights if len(weight.shape) > 1]
    if not kernels:
        return "It has no stored matrix of weights; they come from other layers."
    dtype = kernels[0].dtype
    return None if dtype == FLOAT32 else f"Its weights are stored as {dtype}, not as float32."


_STATISTICS = "It belongs to a normalization, whose mean and variance need floating point."


def statistics_refusal(layer: Layer, graph: ModelGraph) -> str | None:
    """Refuses the parts of a normalization that is written out in single layers.

    A variance spans too many magnitudes for 256 steps: quantizing those of a text recognizer left
    a relative error of 0.8 in place of 0.1.
    """
    makers = [graph.by_id[graph.producers[n]] for n in layer.inputs if n in graph.producers]
    if layer.operator == "ReduceMean":
        squares = any(maker.operator == "Pow" or _squares(maker) for maker in makers)
        return _STATISTICS if squares or _is_subtracted(layer, graph) else None
    if layer.operator == "Sub":
        mean = any(m.operator == "ReduceMean" and m.inputs[0] in layer.inputs for m in makers)
        return _STATISTICS if mean else None
    divided = layer.operator == "Mul" and any(m.operator == "Reciprocal" for m in makers)
    return _STATISTICS if divided else None


def _squares(layer: Layer) -> bool:
    return layer.operator == "Mul" and len(set(layer.slots or layer.inputs)) == 1


def _is_subtracted(mean: Layer, graph: ModelGraph) -> bool:
    """Whether a mean is taken from the very numbers that it is the mean of."""
    sources, targets = graph.wires
    found = targets[sources == graph.index_of[mean.id]]
    readers = cast("list[int]", found.tolist())
    layers = [graph.layers[reader] for reader in readers if reader < len(graph.layers)]
    return any(one.operator == "Sub" and mean.inputs[0] in one.inputs for one in layers)
