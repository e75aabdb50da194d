"""Builds the ModelGraph of an ONNX model from its structure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.model import cost
from core.model.attributes import attribute_numbers, attribute_texts, plain
from core.model.constants import Constant, constants_of, stored_inside
from core.model.external_data import external_files
from core.model.faults import faults_of
from core.model.graph import Layer, LayerId, ModelGraph, Tensor, Weight
from core.model.identity import ids_of_rows
from core.model.onnx_file import sha256_of
from core.model.scopes import TORCH_SCOPES, Clues, Place, places_of
from core.model.shapes import shapes_of, tensor_from
from core.model.wiring import Row, opset_of, wiring_of

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
        self._wiring = wiring_of(model)
        self._constants, self._preparing = constants_of(model.graph, self._wiring)
        self._shapes = shapes_of(model)
        self._counted: set[str] = set()
        """Weights that already belong to a layer."""
        self._weights: dict[str, Weight] = {}

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
            version=f"ONNX opset {opset_of(self._model) or 'not given'}",
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
            opsets={plain(entry.domain): entry.version for entry in self._model.opset_import},
            properties=properties_of(self._model),
            prepared=self._prepared(layers),
        )

    def _layers(self) -> tuple[Layer, ...]:
        ids = ids_of_rows(self._wiring.rows)
        kept = [i for i in self._wiring.order.indices if i not in self._preparing]
        rows = [self._wiring.rows[index] for index in kept]
        behind = [self._behind(row) for row in rows]
        places = places_of(_clues(rows, behind))
        nodes = self._model.graph.node
        return tuple(
            self._layer(ids[index], nodes[index], row, constants, place)
            for index, row, constants, place in zip(kept, rows, behind, places, strict=True)
        )

    def _behind(self, row: Row) -> list[Constant]:
        """The constants that a node takes, those of its bodies included."""
        found = [self._constants[name] for name in row.taken if name in self._constants]
        for name, body in row.bodies:
            found += stored_inside(body, f"{row.outputs[0] if row.outputs else row.name}/{name}")
        return found

    def _layer(
        self,
        layer: LayerId,
        node: "onnx.NodeProto",
        row: Row,
        behind: Sequence[Constant],
        place: Place,
    ) -> Layer:
        parameters, size = self._own(behind) if behind else (0, 0)
        outputs = tuple(name for name in row.outputs if name)
        first = self._tensor(outputs[0]) if outputs else Tensor("", "unknown", None)
        work = self._work(node, row)
        known = row.standard or row.domain == "com.microsoft"
        weights = (weight.name for constant in behind for weight in constant.weights)
        return Layer(
            id=layer,
            name=plain(place.name or row.name or layer),
            operator=plain(row.operator),
            domain=plain(row.domain),
            scope=tuple(plain(part) for part in place.scope),
            inputs=tuple(name for name in row.taken if name not in self._constants),
            outputs=outputs,
            weights=tuple(dict.fromkeys(weights)) if behind else (),
            attributes=attribute_texts(node) if row.attributes else {},
            parameters=parameters,
            weight_bytes=size,
            operations=cost.operations(work) if known else None,
            output_shape=first.shape,
            output_dtype=first.dtype,
            detail=cost.detail(work),
            slots=row.slots,
        )

    def _prepared(self, layers: Sequence[Layer]) -> dict[str, tuple[str, ...]]:
        if not self._preparing:
            return {}
        taken = dict.fromkeys(name for layer in layers for name in layer.slots)
        weights = {
            name: tuple(weight.name for weight in self._constants[name].weights)
            for name in taken
            if name in self._constants
        }
        return {name: of for name, of in weights.items() if of != (name,)}

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

    def _work(self, node: "onnx.NodeProto", row: Row) -> cost.Work:
        stored = (index for index, name in enumerate(row.slots) if name in self._constants)
        return cost.Work(
            operator=row.operator,
            inputs=[self._size(name) for name in row.slots],
            outputs=[self._size(name) for name in row.outputs],
            numbers=attribute_numbers(node) if row.attributes else {},
            stored=frozenset(stored),
        )

    def _size(self, name: str) -> cost.Shape:
        constant = self._constants.get(name)
        return self._shapes.sizes.get(name) if constant is None else constant.shape

    def _tensor(self, name: str) -> Tensor:
        return self._shapes.tensors.get(name) or Tensor(name, "unknown", None)

    def _warnings(self) -> tuple[str, ...]:
        found = [fault.sentence for fault in faults_of(self._model, self._wiring)] + list(
            self._shapes.warnings
        )
        more = len(found) - _MOST_WARNINGS
        return (*found[:_MOST_WARNINGS], *([f"{more} more faults."] if more > 0 else []))


def properties_of(model: "onnx.ModelProto") -> dict[str, str]:
    """What the file says about itself besides its graph, in words for people."""
    said = {
        "IR version": str(model.ir_version or ""),
        "Model version": str(model.model_version or ""),
        "Domain": model.domain,
        "Description": model.doc_string,
        "Functions": ", ".join(dict.fromkeys(each.name for each in model.functions)),
    }
    return {words: plain(value, _LONGEST_VALUE) for words, value in said.items() if value}


def _clues(rows: Sequence[Row], behind: Sequence[Sequence[Constant]]) -> list[Clues]:
    made: dict[str, int] = {}
    clues: list[Clues] = []
    for position, (row, constants) in enumerate(zip(rows, behind, strict=True)):
        scopes = row.metadata.get(TORCH_SCOPES, "")
        weights = [weight.name for constant in constants for weight in constant.weights]
        before = [made[name] for name in row.taken if name in made]
        clues.append(Clues(row.name, row.operator, scopes, weights, before))
        made.update((name, position) for name in row.outputs if name)
    return clues


def _file_bytes(path: Path, model: "onnx.ModelProto") -> int:
    files = (path, *external_files(path, model))
    return sum(file.stat().st_size for file in files if file.is_file())
