"""An ONNX model held in memory while a technique rewrites it, addressed by LayerId."""
# onnx.load and onnx.save are partly untyped:
# pyright: reportUnknownMemberType=false

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.model.graph import LayerId
from core.model.identity import nodes_by_layer

if TYPE_CHECKING:
    import numpy as np
    import onnx

ONE_FILE_LIMIT = 1_500_000_000
"""Protobuf refuses messages over 2 GB; larger weights go into a file beside the model."""


class ModelEdit:
    """A model that is being rewritten. Tensor names of the original keep their meaning.

    Nodes are added through `first` and `after` and take their places on `save`, so that the
    order stays topological.
    """

    def __init__(self, model: "onnx.ModelProto") -> None:
        self.model = model
        self.graph = model.graph
        _constants_to_weights(model.graph)
        self._initializers = {tensor.name: tensor for tensor in self.graph.initializer}
        self._by_layer = nodes_by_layer(model)
        self.nodes = list(self._by_layer.values())
        self._names = _all_names(self)
        self._first: list[onnx.NodeProto] = []
        self._after: dict[str, list[onnx.NodeProto]] = {}

    @classmethod
    def open(cls, path: Path) -> "ModelEdit":
        """Load a model with its weights. Raises InputError."""
        import onnx
        from google.protobuf.message import DecodeError

        try:
            return cls(onnx.load(str(path)))
        except (OSError, DecodeError, onnx.checker.ValidationError) as error:
            raise InputError(
                f"The model {path.name} could not be read.",
                f"{error}.",
                "Check that the file is a whole ONNX model.",
            ) from error

    def arrange(self) -> None:
        """Bring `model` up to date: every added node takes its place."""
        ordered: list[onnx.NodeProto] = []
        for value in self.graph.input:
            self._follow(value.name, ordered)
        for node in (*self._first, *self.nodes):
            ordered.append(node)
            for name in node.output:
                self._follow(name, ordered)
        assert not self._after, f"no layer makes {sorted(self._after)}"
        self._first = []
        self.nodes = ordered
        del self.graph.node[:]
        self.graph.node.extend(ordered)

    def save(self, path: Path) -> None:
        """Put added nodes in their places, drop weights that nothing uses, and write the model."""
        self.arrange()
        self._drop_unused_weights()
        save_model(self.model, path)

    @property
    def opset(self) -> int:
        """Version of the standard operators."""
        return max(
            (o.version for o in self.model.opset_import if o.domain in {"", "ai.onnx"}), default=1
        )

    def layers(self, ids: Iterable[LayerId]) -> "dict[LayerId, onnx.NodeProto]":
        """The layers of `ids` that this model has, in its own order."""
        wanted = set(ids)
        return {key: node for key, node in self._by_layer.items() if key in wanted}

    def is_weight(self, name: str) -> bool:
        return name in self._initializers

    def dtype(self, name: str) -> str | None:
        """The dtype of a stored weight, or None for other tensors."""
        from onnx import helper

        tensor = self._initializers.get(name)
        return None if tensor is None else helper.tensor_dtype_to_np_dtype(tensor.data_type).name

    def weight(self, name: str) -> "np.ndarray":
        """The numbers of a stored weight. Raises KeyError for other tensors."""
        from onnx import numpy_helper

        return numpy_helper.to_array(self._initializers[name])

    def add_weight(self, name: str, values: "np.ndarray") -> str:
        """Store an array under a fresh name like `name`, and return that name."""
        fresh = self.fresh(name)
        self.store(fresh, values)
        return fresh

    def store(self, name: str, values: "np.ndarray") -> None:
        """Store an array under the name of a tensor that no node makes any more."""
        from onnx import numpy_helper

        tensor = self.graph.initializer.add()
        tensor.CopyFrom(numpy_helper.from_array(values, name))
        self._initializers[name] = tensor

    def fresh(self, name: str) -> str:
        """A tensor or node name that the model does not use yet; reserved by this call."""
        number, fresh = 1, name
        while fresh in self._names:
            number += 1
            fresh = f"{name}/{number}"
        self._names.add(fresh)
        return fresh

    def first(self, *nodes: "onnx.NodeProto") -> None:
        """Add nodes that need only weights."""
        self._first += nodes

    def after(self, tensor: str, *nodes: "onnx.NodeProto") -> None:
        """Add nodes that need `tensor`, right after the node that makes it."""
        self._after.setdefault(tensor, []).extend(nodes)

    def replace(self, old: "onnx.NodeProto", new: "Sequence[onnx.NodeProto]") -> None:
        """Put nodes, possibly none, in the place of one."""
        place = next(i for i, node in enumerate(self.nodes) if node is old)
        self.nodes[place : place + 1] = new

    def consumers(self) -> "dict[str, list[onnx.NodeProto]]":
        """Tensor name to the nodes of the main graph that take it."""
        found: dict[str, list[onnx.NodeProto]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                if name:
                    found.setdefault(name, []).append(node)
        return found

    def producers(self) -> "dict[str, onnx.NodeProto]":
        return {name: node for node in self.nodes for name in node.output if name}

    def captured(self) -> set[str]:
        """Names that the bodies of loops and branches use; they must keep their meaning."""
        return {name for node in self.nodes for body in _bodies(node) for name in _used(body)}

    def outputs(self) -> set[str]:
        return {value.name for value in self.graph.output}

    def _follow(self, tensor: str, ordered: "list[onnx.NodeProto]") -> None:
        """Append what was added after a tensor, and after the results of that."""
        for node in self._after.pop(tensor, []):
            ordered.append(node)
            for name in node.output:
                self._follow(name, ordered)

    def _drop_unused_weights(self) -> None:
        used = {name for node in self.nodes for name in node.input} | self.captured()
        used |= self.outputs()
        kept = [tensor for tensor in self.graph.initializer if tensor.name in used]
        dropped = set(self._initializers) - used
        del self.graph.initializer[:]
        self.graph.initializer.extend(kept)
        inputs = [value for value in self.graph.input if value.name not in dropped]
        del self.graph.input[:]
        self.graph.input.extend(inputs)


def save_model(model: "onnx.ModelProto", path: Path) -> bool:
    """Write a model; weights that are too large for one file go into PATH.data.

    Returns whether they did: then onnx has taken them out of `model`.
    """
    import onnx

    external = model.ByteSize() > ONE_FILE_LIMIT
    onnx.save(model, str(path), save_as_external_data=external, location=f"{path.name}.data")
    return external


def attribute(node: "onnx.NodeProto", name: str, default: int) -> int:
    """An integer attribute of a node."""
    return next((entry.i for entry in node.attribute if entry.name == name), default)


def float_attribute(node: "onnx.NodeProto", name: str, default: float) -> float:
    """A number that a node has as an attribute."""
    return next((entry.f for entry in node.attribute if entry.name == name), default)


def text_attribute(node: "onnx.NodeProto", name: str, default: str) -> str:
    """A word that a node has as an attribute."""
    return next((entry.s.decode() for entry in node.attribute if entry.name == name), default)


def taken_by(node: "onnx.NodeProto") -> list[str]:
    """The tensors that a node takes, those that its bodies use included."""
    names = [name for name in node.input if name]
    return names + [name for body in _bodies(node) for name in _used(body)]


def constant_nodes(edit: ModelEdit) -> "dict[str, onnx.NodeProto]":
    """Tensor name to the node that makes it from stored weights alone."""
    found: dict[str, onnx.NodeProto] = {}
    for node in edit.nodes:
        if all(edit.is_weight(name) or name in found for name in taken_by(node)):
            found |= dict.fromkeys(node.output, node)
    return found


def rewire(node: "onnx.NodeProto", old: str, new: str) -> None:
    """Let a node take another tensor wherever it took `old`."""
    for index, name in enumerate(node.input):
        if name == old:
            node.input[index] = new


def _constants_to_weights(graph: "onnx.GraphProto") -> None:
    """Turn Constant nodes with a tensor into stored weights, as most exporters write them."""
    kept: list[onnx.NodeProto] = []
    for node in graph.node:
        values = [entry.t for entry in node.attribute if entry.name == "value"]
        if node.op_type == "Constant" and values:
            tensor = graph.initializer.add()
            tensor.CopyFrom(values[0])
            tensor.name = node.output[0]
        else:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)


def _all_names(edit: ModelEdit) -> set[str]:
    names = {value.name for value in edit.graph.input} | {t.name for t in edit.graph.initializer}
    for node in edit.nodes:
        names |= {node.name, *node.input, *node.output}
        for body in _bodies(node):
            names |= set(_used(body))
    return names


def _bodies(node: "onnx.NodeProto") -> "Iterator[onnx.GraphProto]":
    for entry in node.attribute:
        if entry.HasField("g"):
            yield entry.g
        yield from entry.graphs


def _used(body: "onnx.GraphProto") -> Iterator[str]:
    for value in body.output:
        yield value.name
    for node in body.node:
        yield from node.input
        yield from node.output
        for inner in _bodies(node):
            yield from _used(inner)
