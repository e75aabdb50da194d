"""Tells which layers of a model a runtime's fused kernel came from."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# onnx has no complete stubs.

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.model.graph import LayerId

GLUE = frozenset({"QuantizeLinear", "DequantizeLinear"})
"""Carry precisions from layer to layer; they are never named as layers that ran."""
_CLAMPS = frozenset({"Relu", "Clip"})
"""Vanish where the quantization that follows clamps as well."""


@dataclass(frozen=True)
class Node:
    """One node of the model file."""

    layer: LayerId
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def glue(self) -> bool:
        return self.operator in GLUE


@dataclass
class Origins:
    """The layers of a model file, by node name and by the tensors that they make and take.

    A tensor and its quantized and dequantized forms are one *value*, named like the tensor that
    was there before any quantization.
    """

    _by_name: dict[str, Node] = field(default_factory=dict[str, Node])
    _maker: dict[str, Node] = field(default_factory=dict[str, Node])
    _taker: dict[str, Node] = field(default_factory=dict[str, Node])
    _takers: Counter[str] = field(default_factory=Counter[str])
    _stored: set[str] = field(default_factory=set[str])

    @staticmethod
    def of(model: Path) -> "Origins":
        """Reads the structure only, no weights. Raises InputError for what is no model."""
        from core.formats import format_of

        known = format_of(model)
        if known.name == "onnx":
            return Origins._of_onnx(model)
        origins = Origins()
        for layer in known.read_graph(model).layers:
            origins._add(layer.id, Node(layer.id, layer.operator, layer.inputs, layer.outputs))
        return origins

    @staticmethod
    def _of_onnx(model: Path) -> "Origins":
        from core.model.identity import layer_ids, stamp_of
        from core.model.onnx_file import read_skeleton

        loaded = read_skeleton(model)
        origins = Origins()
        origins._stored.update(weight.name for weight in loaded.graph.initializer)
        for node, layer in zip(loaded.graph.node, layer_ids(loaded), strict=True):
            # A technique may have replaced one layer by several nodes: all carry its stamp.
            owner = stamp_of(node) or layer
            outputs = tuple(name for name in node.output if name)
            origins._add(node.name, Node(owner, node.op_type, tuple(node.input), outputs))
        return origins

    def _add(self, name: str, node: Node) -> None:
        self._by_name[name] = node
        self._maker.update(dict.fromkeys(node.outputs, node))
        self._taker.update(dict.fromkeys(node.inputs, node))
        self._takers.update(node.inputs)

    def find(self, name: str) -> Node | None:
        """The node that a runtime names, by its own name or by a tensor that it makes."""
        return self._by_name.get(name) or self._maker.get(name)

    def named(self, names: Iterable[str]) -> tuple[LayerId, ...]:
        """The layers that a runtime names; others, and quantizations, are skipped."""
        nodes = (self.find(name) for name in names)
        return tuple(dict.fromkeys(node.layer for node in nodes if node and not node.glue))

    def node(self, name: str) -> Node | None:
        return self._by_name.get(name)

    def knows(self, tensor: str) -> bool:
        """Whether a layer of the model makes or takes this tensor."""
        return tensor in self._maker or tensor in self._takers

    def value(self, tensor: str) -> str:
        """The name of the value that a tensor carries."""
        while (maker := self._maker.get(tensor)) and maker.glue:
            tensor = maker.inputs[0]
        return tensor

    def maker(self, value: str) -> Node | None:
        return self._maker.get(value)

    def flowing(self, node: Node) -> tuple[str, ...]:
        """The values that a node takes and that are not stored in the model, in order."""
        values = (self.value(name) for name in node.inputs if name)
        return tuple(value for value in values if value not in self._stored)

    def made_by(self, node: Node) -> tuple[str, ...]:
        """The values that a node makes; past clamps that end in a quantization."""
        return tuple(self._quantized(tensor) for tensor in node.outputs)

    def _quantized(self, tensor: str) -> str:
        end = tensor
        while self._takers[end] == 1:
            taker = self._taker[end]
            if taker.operator == "QuantizeLinear":
                return end
            if taker.operator not in _CLAMPS:
                break
            end = taker.outputs[0]
        return self.value(tensor)

    def behind(self, values: Iterable[str], borders: Collection[str]) -> tuple[Node, ...]:
        """The nodes that together make `values` out of `borders`, the last one first.

        `borders` are the values that any kernel makes: what lies between two of them was fused
        into the later kernel.
        """
        found: dict[int, Node] = {}
        waiting = list(values)
        while waiting:
            node = self._maker.get(self.value(waiting.pop()))
            if node is None or id(node) in found:
                continue
            found[id(node)] = node
            waiting.extend(name for name in node.inputs if self.value(name) not in borders)
        return tuple(found.values())
