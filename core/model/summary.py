"""A model's facts in a form for people, for JSON and for the window's cards."""

from collections import Counter

from pydantic import BaseModel, ConfigDict

from core.model.graph import Layer, ModelGraph, Tensor

HEAVIEST = 10
"""How many of the most expensive layers a summary lists."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class HeavyLayer(_Part):
    """One of the layers with the most operations."""

    id: str
    name: str
    """With its scope: “blocks.1.0.conv_dw”."""
    operator: str
    detail: str
    operations: int
    share: float
    """Of all known operations, 0 to 1."""
    parameters: int
    weight_bytes: int


class ModelSummary(_Part):
    """What a model is, without running it."""

    name: str
    format: str
    version: str
    producer: str
    file_bytes: int
    """With external data."""
    sha256: str
    inputs: tuple[str, ...]
    """“image float32 N×3×224×224”."""
    outputs: tuple[str, ...]
    layers: int
    parameters: int
    operations: int
    """Multiplications plus additions of one inference, batch 1, as far as they are known."""
    unknown_layers: int
    """Layers whose operations are not known."""
    operators: dict[str, int]
    """Operator to its count, the most frequent first."""
    heaviest: tuple[HeavyLayer, ...]
    precisions: dict[str, int]
    """Element type of the stored weights to their bytes, the largest first."""
    warnings: tuple[str, ...]


def summarize(graph: ModelGraph) -> ModelSummary:
    """The summary of a graph."""
    precisions: Counter[str] = Counter()
    for weight in graph.weights.values():
        precisions[weight.dtype] += weight.bytes
    return ModelSummary(
        name=graph.name,
        format=graph.format,
        version=graph.version,
        producer=graph.producer,
        file_bytes=graph.file_bytes,
        sha256=graph.sha256,
        inputs=tuple(tensor_text(tensor) for tensor in graph.inputs),
        outputs=tuple(tensor_text(tensor) for tensor in graph.outputs),
        layers=len(graph.layers),
        parameters=graph.parameters,
        operations=graph.operations,
        unknown_layers=sum(layer.operations is None for layer in graph.layers),
        operators=dict(Counter(layer.operator for layer in graph.layers).most_common()),
        heaviest=_heaviest(graph),
        precisions=dict(precisions.most_common()),
        warnings=graph.warnings,
    )


def tensor_text(tensor: Tensor) -> str:
    """“image float32 N×3×224×224”; “?” for a size that is not known."""
    if tensor.shape is None:
        return f"{tensor.name} {tensor.dtype}"
    sizes = "×".join("?" if size is None else str(size) for size in tensor.shape)
    return f"{tensor.name} {tensor.dtype} {sizes or 'scalar'}"


def full_name(layer: Layer) -> str:
    """A layer's name with its scope: “blocks.1.0.conv_dw”."""
    return ".".join((*layer.scope, layer.name))


def _heaviest(graph: ModelGraph) -> tuple[HeavyLayer, ...]:
    total = graph.operations or 1
    known = [(layer.operations, layer) for layer in graph.layers if layer.operations]
    known.sort(key=lambda pair: -pair[0])
    return tuple(
        HeavyLayer(
            id=layer.id,
            name=full_name(layer),
            operator=layer.operator,
            detail=layer.detail,
            operations=count,
            share=count / total,
            parameters=layer.parameters,
            weight_bytes=layer.weight_bytes,
        )
        for count, layer in known[:HEAVIEST]
    )
