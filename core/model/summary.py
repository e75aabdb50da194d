"""A model's facts in a form for people, for JSON and for the window's cards."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.model.columns import Columns, Ints, distinct
from core.model.graph import Layer, ModelGraph, Tensor
from core.model.memory import memory_over_time

HEAVIEST = 10
"""How many of the most expensive layers a summary lists."""
_STANDARD = ("", "ai.onnx")


@dataclass(frozen=True)
class HeavyLayer:
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


@dataclass(frozen=True)
class PeakActivation:
    """The moment at which the values between layers need the most memory; see core.model.memory."""

    bytes: int
    layer: str
    """LayerId of the layer that runs then."""
    name: str
    assumed: int
    """Values of which a size is not known and was taken as 1."""
    unsized: int
    """Values that are not counted, for their rank or type is not known."""


@dataclass(frozen=True, kw_only=True)
class ModelSummary:
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
    free_inputs: tuple[str, ...] = ()
    """Inputs with a size that is not fixed."""
    operators: dict[str, int]
    """Operator to its count, the most frequent first."""
    heaviest: tuple[HeavyLayer, ...]
    precisions: dict[str, int]
    """Element type of the stored weights to their bytes, the largest first."""
    peak_activation: PeakActivation | None
    """None for a model without layers."""
    opsets: dict[str, int]
    """Domain of operators to its version; the standard's is called “ai.onnx”."""
    custom_domains: tuple[str, ...]
    """Domains of layers that the standard does not define."""
    properties: dict[str, str]
    """What else the file says about itself: “IR version” to “10”."""
    metadata: dict[str, str]
    """As whoever made the model put it in."""
    warnings: tuple[str, ...]


def summarize(graph: ModelGraph) -> ModelSummary:
    """The summary of a graph, from its columns."""
    columns = graph.columns
    known = columns.operations[columns.operations > 0]
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
        parameters=_sum(columns.parameters),
        operations=_sum(known),
        unknown_layers=int(np.count_nonzero(columns.operations < 0)),
        free_inputs=tuple(tensor.name for tensor in graph.inputs if _is_free(tensor)),
        operators=_totals(columns, columns.operators, np.ones(len(columns.operators))),
        heaviest=_heaviest(graph, columns, _sum(known)),
        precisions=_totals(columns, columns.stored_dtypes, columns.stored_bytes),
        peak_activation=_peak(graph),
        opsets={domain or _STANDARD[1]: version for domain, version in graph.opsets.items()},
        custom_domains=_custom_domains(graph, columns),
        properties=dict(graph.properties),
        metadata=dict(graph.metadata),
        warnings=graph.warnings,
    )


def tensor_text(tensor: Tensor) -> str:
    """“image float32 N×3×224×224”; “?” for a size that is not known."""
    if tensor.shape is None:
        return f"{tensor.name} {tensor.dtype}"
    sizes = "×".join("?" if size is None else str(size) for size in tensor.shape)
    return f"{tensor.name} {tensor.dtype} {sizes or 'scalar'}"


def _is_free(tensor: Tensor) -> bool:
    return tensor.shape is None or not all(isinstance(size, int) for size in tensor.shape)


def full_name(layer: Layer) -> str:
    """A layer's name with its scope: “blocks.1.0.conv_dw”."""
    return ".".join((*layer.scope, layer.name))


def _sum(counts: Ints) -> int:
    """In numbers of any size: a forged model may claim more than 64 bits hold."""
    return sum(counts.tolist())


def _totals(columns: Columns, keys: Ints, amounts: NDArray[Any]) -> dict[str, int]:
    """Text to the sum of its amounts, the largest first; of equal ones the one that came first."""
    different, first, places = np.unique(keys, return_index=True, return_inverse=True)
    sums = np.bincount(places.ravel(), weights=amounts, minlength=len(different))
    order = np.lexsort((first, -sums))
    return {columns.texts[int(different[i])]: int(sums[i]) for i in order}


def _heaviest(graph: ModelGraph, columns: Columns, total: int) -> tuple[HeavyLayer, ...]:
    order: list[int] = np.argsort(-columns.operations, kind="stable")[:HEAVIEST].tolist()
    layers: list[Layer] = [graph.layers[index] for index in order]
    return tuple(
        HeavyLayer(
            id=layer.id,
            name=full_name(layer),
            operator=layer.operator,
            detail=layer.detail,
            operations=layer.operations,
            share=layer.operations / total,
            parameters=layer.parameters,
            weight_bytes=layer.weight_bytes,
        )
        for layer in layers
        if layer.operations
    )


def _peak(graph: ModelGraph) -> PeakActivation | None:
    if not graph.layers:
        return None
    memory = memory_over_time(graph)
    layer = graph.layers[memory.peak_layer]
    return PeakActivation(
        bytes=memory.peak,
        layer=layer.id,
        name=full_name(layer),
        assumed=memory.assumed,
        unsized=memory.unsized,
    )


def _custom_domains(graph: ModelGraph, columns: Columns) -> tuple[str, ...]:
    if not graph.opsets:
        return ()
    found = {columns.texts[number] for number in distinct(columns.domains).tolist()}
    return tuple(sorted(found.difference(_STANDARD)))
