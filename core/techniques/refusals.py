"""Why a layer cannot be treated, in sentences; read from the graph alone, without the weights."""

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
