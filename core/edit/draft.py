"""An ONNX model while it is edited: its structure in memory, its weights left in the file."""

from collections.abc import Callable, Iterable, Mapping, MutableSequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.edit import names
from core.model.identity import STAMP, ids_of_rows, set_stamp, stamp_of
from core.model.onnx_file import read_skeleton
from core.model.wiring import STANDARD, Row, opset_of, rows_of

if TYPE_CHECKING:
    import onnx

Item = TypeVar("Item")

_FRESH = ("rows", "types", "taken_names", "_by_layer", "_by_node_name")
"""Views of the model that are made anew after a change."""


class Draft:
    """A skeleton that edits change. Layers keep their LayerIds through renaming.

    While it is edited every node is stamped with its LayerId; `finish` takes those stamps away
    again that the file did not have.
    """

    def __init__(self, path: Path, model: "onnx.ModelProto") -> None:
        self.path = path
        self.model = model
        self.graph = model.graph
        self.is_cut = False
        """Whether something was taken out, so that notes about it may be left over."""
        stamps = (stamp_of(node) for node in self.graph.node)
        self._own_stamps = {stamp for stamp in stamps if stamp is not None}
        rows = rows_of(model)
        stamped: list[Row] = []
        for node, row, layer in zip(self.graph.node, rows, ids_of_rows(rows), strict=True):
            set_stamp(node, layer)
            stamped.append(row._replace(metadata=row.metadata | {STAMP: layer}))
        self.rows = tuple(stamped)

    @classmethod
    def open(cls, path: Path) -> "Draft":
        """Read the structure of an ONNX file. Raises InputError."""
        return cls(path, read_skeleton(path))

    def touch(self) -> None:
        """Every edit calls this after it changed the model."""
        for view in _FRESH:
            self.__dict__.pop(view, None)

    # looking

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The nodes as plain rows, in file order."""
        return rows_of(self.model)

    @cached_property
    def _by_layer(self) -> Mapping[str, int]:
        return {layer: index for index, layer in enumerate(ids_of_rows(self.rows))}

    @cached_property
    def _by_node_name(self) -> Mapping[str, int | None]:
        """Nodes by their present name; None for a name that several have."""
        found: dict[str, int | None] = {}
        for index, row in enumerate(self.rows):
            found[row.name] = None if row.name in found else index
        return found

    def index_of(self, layer: str) -> int | None:
        """Index of the node with this LayerId, else of the only one that is called so now."""
        index = self._by_layer.get(layer)
        return self._by_node_name.get(layer) if index is None and layer else index

    def node(self, layer: str) -> "onnx.NodeProto":
        """The node of a layer that is there."""
        index = self.index_of(layer)
        assert index is not None
        return self.graph.node[index]

    @cached_property
    def taken_names(self) -> frozenset[str]:
        """Every tensor name in use, inside of bodies too."""
        return frozenset(names.tensor_names(self.graph))

    @property
    def weights(self) -> "dict[str, onnx.TensorProto | onnx.SparseTensorProto]":
        found: dict[str, onnx.TensorProto | onnx.SparseTensorProto] = {
            tensor.name: tensor for tensor in self.graph.initializer
        }
        return found | {sparse.values.name: sparse for sparse in self.graph.sparse_initializer}

    @property
    def inputs(self) -> "dict[str, onnx.ValueInfoProto]":
        """The model's inputs, without weights that older models list among them."""
        weights = self.weights
        return {value.name: value for value in self.graph.input if value.name not in weights}

    @property
    def outputs(self) -> "dict[str, onnx.ValueInfoProto]":
        return {value.name: value for value in self.graph.output}

    def consumers(self, tensor: str) -> list[int]:
        """Indices of the nodes that take a tensor, themselves or in their bodies."""
        return [index for index, row in enumerate(self.rows) if tensor in row.taken]

    def producer(self, tensor: str) -> int | None:
        """Index of the node that makes a tensor."""
        return next((i for i, row in enumerate(self.rows) if tensor in row.outputs), None)

    def makes(self, tensor: str) -> bool:
        """Whether the main graph has a tensor of this name."""
        return bool(tensor) and (
            tensor in self.inputs or tensor in self.weights or self.producer(tensor) is not None
        )

    @cached_property
    def types(self) -> "Mapping[str, onnx.ValueInfoProto]":
        """What is known of the tensors: as written, and as onnx infers."""
        from core.edit.shapes import inferred

        graph = inferred(self.model).graph
        return {value.name: value for value in (*graph.value_info, *graph.output, *graph.input)}

    def opset_of(self, domain: str) -> int:
        """Version of a domain's operators that the model asks for."""
        if domain in STANDARD:
            return opset_of(self.model) or 1
        imports = self.model.opset_import
        return next((entry.version for entry in imports if entry.domain == domain), 1)

    def fresh_name(self, wish: str) -> str:
        """A tensor name like `wish` that nothing uses."""
        name, number = wish, 2
        while name in self.taken_names:
            name, number = f"{wish}_{number}", number + 1
        return name

    # changing

    def rename_tensor(self, old: str, new: str) -> None:
        names.rename(self.graph, old, new)
        self.touch()

    def use_instead(self, old: str, new: str) -> None:
        """Let everything that takes `old` take `new`; outputs of the model keep their names."""
        names.use_instead(self.graph, old, new)
        self.touch()

    def remove_nodes(self, indices: Iterable[int]) -> None:
        """Take nodes out, and with them the weights that only they used."""
        gone = sorted(set(indices))
        lost = {name for index in gone for name in self.rows[index].taken}
        for index in reversed(gone):
            del self.graph.node[index]
        self.is_cut = True
        self.touch()
        self._remove_unused(lost)

    def _remove_unused(self, candidates: set[str]) -> None:
        """Take out those of some tensors that nothing needs: weights, and what prepares them."""
        used = {name for row in self.rows for name in row.taken} | self.outputs.keys()
        loose = candidates - used
        self._remove_weights(loose)
        weights = self.weights
        preparing = [
            index
            for index, row in enumerate(self.rows)
            if loose.intersection(row.outputs)
            and not used.intersection(row.outputs)
            and all(name in weights for name in row.taken)
        ]
        if preparing:
            self.remove_nodes(preparing)

    def _remove_weights(self, loose: set[str]) -> None:
        stored = loose & self.weights.keys()
        if not stored:
            return
        _keep(self.graph.initializer, lambda tensor: tensor.name not in stored)
        _keep(self.graph.sparse_initializer, lambda sparse: sparse.values.name not in stored)
        _keep(self.graph.input, lambda value: value.name not in stored)

    def remove_loose_weights(self) -> None:
        """Take out every weight and every input that nothing needs."""
        used = {name for row in self.rows for name in row.taken} | self.outputs.keys()
        self._remove_weights(self.weights.keys() - used)
        _keep(self.graph.input, lambda value: value.name in used)
        self.touch()

    def finish(self) -> "onnx.ModelProto":
        """The edited model without what was only needed for editing."""
        if self.is_cut:
            self._remove_stale_notes()
        for node in self.graph.node:
            if stamp_of(node) not in self._own_stamps:
                _remove_stamp(node)
        return self.model

    def _remove_stale_notes(self) -> None:
        """Shapes and annotations of tensors that are gone."""
        known = {name for row in self.rows for name in (*row.outputs, *row.taken)}
        _keep(self.graph.value_info, lambda value: value.name in known)
        _keep(self.graph.quantization_annotation, lambda note: note.tensor_name in known)


def _remove_stamp(node: "onnx.NodeProto") -> None:
    _keep(node.metadata_props, lambda entry: entry.key != STAMP)


def _keep(items: MutableSequence[Item], wanted: Callable[[Item], bool]) -> None:
    for index in reversed([i for i, item in enumerate(items) if not wanted(item)]):
        del items[index]
