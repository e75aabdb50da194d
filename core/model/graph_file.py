"""A ModelGraph as a JSON file: written by the worker that reads a model, read by the window."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from core.errors import InputError
from core.model.collector import collector_paused
from core.model.graph import Dimension, Layer, LayerId, ModelGraph, Tensor, Weight

VERSION = 1
_HEADER = (
    "name", "format", "version", "producer", "file_bytes", "sha256", "metadata", "warnings",
    "opsets", "properties", "prepared",
)  # fmt: skip


def write_graph(graph: ModelGraph, path: Path) -> None:
    """Write `graph` to `path`. Rows without keys keep a graph of 100,000 layers small."""
    document: dict[str, Any] = {"edgewright_graph": VERSION}
    document |= {key: getattr(graph, key) for key in _HEADER}
    document |= {
        "inputs": [_tensor_row(tensor) for tensor in graph.inputs],
        "outputs": [_tensor_row(tensor) for tensor in graph.outputs],
        "tensors": [_tensor_row(tensor) for tensor in graph.tensors.values()],
        "weights": [
            (weight.name, weight.dtype, weight.shape, weight.bytes)
            for weight in graph.weights.values()
        ],
        "layers": [_layer_row(layer) for layer in graph.layers],
    }
    path.write_bytes(to_json(document))


def read_graph_file(path: Path) -> ModelGraph:
    """Read what write_graph wrote. Raises InputError for anything else."""
    try:
        document = from_json(path.read_bytes())
        if document["edgewright_graph"] != VERSION:
            raise ValueError("another version wrote it")
        with collector_paused():
            return _graph(document)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise InputError(
            f"The drawing data “{path.name}” cannot be read.",
            f"{type(error).__name__}: {error}.",
            "Open the model again.",
        ) from error


def _graph(document: Mapping[str, Any]) -> ModelGraph:
    tensors = [_tensor(row) for row in document["tensors"]]
    weights = [
        Weight(name, dtype, tuple(shape), size) for name, dtype, shape, size in document["weights"]
    ]
    header: dict[str, Any] = {key: document[key] for key in _HEADER}
    header["warnings"] = tuple(document["warnings"])
    header["prepared"] = {name: tuple(of) for name, of in document["prepared"].items()}
    return ModelGraph(
        inputs=tuple(_tensor(row) for row in document["inputs"]),
        outputs=tuple(_tensor(row) for row in document["outputs"]),
        tensors={tensor.name: tensor for tensor in tensors},
        weights={weight.name: weight for weight in weights},
        layers=tuple(_layer(row) for row in document["layers"]),
        **header,
    )


def _tensor_row(tensor: Tensor) -> tuple[object, ...]:
    return tensor.name, tensor.dtype, tensor.shape


def _tensor(row: list[Any]) -> Tensor:
    name, dtype, shape = row
    return Tensor(name, dtype, _shape(shape))


def _shape(shape: list[Any] | None) -> tuple[Dimension, ...] | None:
    return None if shape is None else tuple(shape)


def _layer_row(layer: Layer) -> tuple[object, ...]:
    return (
        layer.id,
        layer.name,
        layer.operator,
        layer.domain,
        layer.scope,
        layer.inputs,
        layer.outputs,
        layer.weights,
        layer.attributes,
        layer.parameters,
        layer.weight_bytes,
        layer.operations,
        layer.output_shape,
        layer.output_dtype,
        layer.detail,
        layer.slots,
    )


def _layer(row: list[Any]) -> Layer:
    (layer, name, operator, domain, scope, inputs, outputs, weights, attributes) = row[:9]
    (parameters, weight_bytes, operations, output_shape, output_dtype, detail, slots) = row[9:]
    return Layer(
        id=LayerId(layer),
        name=name,
        operator=operator,
        domain=domain,
        scope=tuple(scope),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        weights=tuple(weights),
        attributes=attributes,
        parameters=parameters,
        weight_bytes=weight_bytes,
        operations=operations,
        output_shape=_shape(output_shape),
        output_dtype=output_dtype,
        detail=detail,
        slots=tuple(slots),
    )
