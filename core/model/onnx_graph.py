"""Builds the ModelGraph of an ONNX model from its structure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.model import cost
from core.model.attributes import attribute_numbers, attribute_texts, plain
from core.model.constants import Constant, constants_of, stored_inside, subgraphs
from core.model.external_data import external_files
from core.model.faults import faults_of, inputs_of, order_of
from core.model.graph import Layer, LayerId, ModelGraph, Tensor, Weight
from core.model.identity import layer_ids
from core.model.onnx_file import sha256_of
from core.model.scopes import TORCH_SCOPES, Clues, Place, places_of
from core.model.shapes import shapes_of, tensor_from

if TYPE_CHECKING:
    import onnx

_LONGEST_VALUE = 500
_MOST_WARNINGS = 50


def graph_from_onnx(path: Path, model: "onnx.ModelProto") -> ModelGraph:
    """The graph of `model`, the skeleton of the file at `path`.

    `sha256` is that of the file itself, without its external data, which stays unread.
    """
    return _Builder(path, model).graph()


class _Builder:
    def __init__(self, path: Path, model: "onnx.ModelProto") -> None:
        self._path = path
        self._model = model
        self._nodes = list(model.graph.node)
        self._order = order_of(model.graph).indices
        self._constants, self._preparing = constants_of(model.graph, self._order)
        self._shapes = shapes_of(model)
        self._counted: set[str] = set()
        """Weights that already belong to a layer."""

    def graph(self) -> ModelGraph:
        layers = self._layers()
        used = {name for layer in layers for name in (*layer.inputs, *layer.outputs)}
        inputs = tuple(
            tensor_from(value)
            for value in self._model.graph.input
            if value.name not in self._constants
        )
        outputs = tuple(tensor_from(value) for value in self._model.graph.output)
        used.update(tensor.name for tensor in (*inputs, *outputs))
        return ModelGraph(
            name=self._path.stem,
            format="onnx",
            version=_version(self._model),
            producer=plain(f"{self._model.producer_name} {self._model.producer_version}".strip()),
            inputs=inputs,
            outputs=outputs,
            layers=layers,
            tensors={name: self._tensor(name) for name in sorted(used)},
            weights=self._weights,
            file_bytes=_file_bytes(self._path, self._model),
            sha256=sha256_of(self._path),
            metadata={
                plain(entry.key): plain(entry.value, _LONGEST_VALUE)
                for entry in self._model.metadata_props
            },
            warnings=self._warnings(),
        )

    def _layers(self) -> tuple[Layer, ...]:
        ids = layer_ids(self._model)
        kept = [index for index in self._order if index not in self._preparing]
        self._weights: dict[str, Weight] = {}
        found = [self._behind(self._nodes[index]) for index in kept]
        clues = self._clues(kept, found)
        return tuple(
            self._layer(ids[index], self._nodes[index], constants, place)
            for index, constants, place in zip(kept, found, places_of(clues), strict=True)
        )

    def _behind(self, node: "onnx.NodeProto") -> list[Constant]:
        """The constants that a node takes, those of its bodies included."""
        found = [self._constants[name] for name in inputs_of(node) if name in self._constants]
        for body in subgraphs(node):
            found += stored_inside(body)
        return found

    def _clues(self, kept: Sequence[int], constants: Sequence[list[Constant]]) -> list[Clues]:
        made: dict[str, int] = {}
        clues: list[Clues] = []
        for position, (index, behind) in enumerate(zip(kept, constants, strict=True)):
            node = self._nodes[index]
            scopes = next((e.value for e in node.metadata_props if e.key == TORCH_SCOPES), "")
            weights = [weight.name for constant in behind for weight in constant.weights]
            before = [made[name] for name in inputs_of(node) if name in made]
            clues.append(Clues(node.name, node.op_type, scopes, weights, before))
            made.update(dict.fromkeys(node.output, position))
        return clues

    def _layer(
        self, layer: LayerId, node: "onnx.NodeProto", behind: Sequence[Constant], place: Place
    ) -> Layer:
        parameters, size = self._own(behind)
        outputs = tuple(name for name in node.output if name)
        first = self._tensor(outputs[0]) if outputs else Tensor("", "unknown", None)
        work = self._work(node)
        known = node.domain in ("", "ai.onnx", "com.microsoft")
        return Layer(
            id=layer,
            name=plain(place.name or node.name or layer),
            operator=plain(node.op_type),
            domain=plain(node.domain),
            scope=tuple(plain(part) for part in place.scope),
            inputs=tuple(name for name in inputs_of(node) if name not in self._constants),
            outputs=outputs,
            weights=tuple(
                dict.fromkeys(weight.name for constant in behind for weight in constant.weights)
            ),
            attributes=attribute_texts(node),
            parameters=parameters,
            weight_bytes=size,
            operations=cost.operations(work) if known else None,
            output_shape=first.shape,
            output_dtype=first.dtype,
            detail=cost.detail(work),
        )

    def _own(self, behind: Sequence[Constant]) -> tuple[int, int]:
        """Parameters and stored bytes; a shared weight belongs to the first layer that uses it."""
        parameters = size = 0
        for constant in behind:
            fresh = [weight for weight in constant.weights if weight.name not in self._counted]
            if constant.weights[0] in fresh:
                parameters += constant.parameters
            size += sum(weight.bytes for weight in fresh)
            self._counted.update(weight.name for weight in fresh)
            self._weights.update((weight.name, weight) for weight in fresh)
        return parameters, size

    def _work(self, node: "onnx.NodeProto") -> cost.Work:
        stored = (name in self._constants for name in node.input)
        return cost.Work(
            operator=node.op_type,
            inputs=[self._size(name) for name in node.input],
            outputs=[self._size(name) for name in node.output],
            numbers=attribute_numbers(node),
            stored=frozenset(index for index, is_stored in enumerate(stored) if is_stored),
        )

    def _size(self, name: str) -> cost.Shape:
        constant = self._constants.get(name)
        return self._shapes.sizes.get(name) if constant is None else constant.shape

    def _tensor(self, name: str) -> Tensor:
        return self._shapes.tensors.get(name) or Tensor(name, "unknown", None)

    def _warnings(self) -> tuple[str, ...]:
        found = [fault.sentence for fault in faults_of(self._model)] + list(self._shapes.warnings)
        more = len(found) - _MOST_WARNINGS
        return (*found[:_MOST_WARNINGS], *([f"{more} more faults."] if more > 0 else []))


def _version(model: "onnx.ModelProto") -> str:
    for entry in model.opset_import:
        if entry.domain in ("", "ai.onnx"):
            return f"ONNX opset {entry.version}"
    return "ONNX"


def _file_bytes(path: Path, model: "onnx.ModelProto") -> int:
    files = (path, *external_files(path, model))
    return sum(file.stat().st_size for file in files if file.is_file())
