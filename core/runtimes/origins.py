"""Tells which layers of a model a runtime's fused kernel came from."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# onnx has no complete stubs.

from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence
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
    _flowing: set[str] = field(default_factory=set[str])
    """Tensors that depend on what the model is given, not just on its shape."""

    @staticmethod
    def of(model: Path) -> "Origins":
        """Reads the structure only, no weights. Raises InputError for what is no model."""
        from core.formats import format_of

        known = format_of(model)
        if known.name == "onnx":
            return Origins._of_onnx(model)
        graph = known.read_graph(model)
        origins = Origins(_flowing={tensor.name for tensor in graph.inputs})
        for layer in graph.layers:
            origins._add(layer.id, Node(layer.id, layer.operator, layer.inputs, layer.outputs))
        return origins

    @staticmethod
    def _of_onnx(model: Path) -> "Origins":
        from core.model.identity import layer_ids, stamp_of
        from core.model.onnx_file import read_skeleton

        loaded = read_skeleton(model)
        stored = {weight.name for weight in loaded.graph.initializer}
        origins = Origins(_flowing={port.name for port in loaded.graph.input} - stored)
        for node, layer in zip(loaded.graph.node, layer_ids(loaded), strict=True):
            # A technique may have replaced one layer by several nodes: all carry its stamp.
            owner = stamp_of(node) or layer
            outputs = tuple(name for name in node.output if name)
            origins._add(node.name, Node(owner, node.op_type, tuple(node.input), outputs))
        return origins

    def _add(self, name: str, node: Node) -> None:
        given = tuple(filter(None, node.inputs))
        if name:
            self._by_name[name] = node
        self._maker.update(dict.fromkeys(node.outputs, node))
        self._taker.update(dict.fromkeys(given, node))
        self._takers.update(given)
        if node.operator != "Shape" and not self._flowing.isdisjoint(given):
            self._flowing.update(node.outputs)

    def layers(self) -> tuple[LayerId, ...]:
        """Every layer that something flows through, in the order of the file; no quantizations."""
        nodes = {id(node): node for node in self._maker.values()}.values()
        flowing = (node for node in nodes if not self._flowing.isdisjoint(node.inputs))
        return tuple(dict.fromkeys(node.layer for node in flowing if not node.glue))

    def find(self, name: str) -> Node | None:
        """The node that a runtime names, by its own name or by a tensor that it makes."""
        return self._by_name.get(name) or self._maker.get(name)

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
        """The values that a node takes and that change from inference to inference, in order."""
        return tuple(self.value(name) for name in node.inputs if name in self._flowing)

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

    def between(self, made: Sequence[Collection[str]]) -> list[tuple[LayerId, ...]]:
        """The layers of each kernel, given the values that each kernel makes.

        What lies between values that kernels make was fused into the later kernel. Quantizations
        are skipped, and so is what was computed once, when the model was loaded.
        """
        borders = {value for own in made for value in own}
        claimed: set[int] = set()
        found: list[tuple[LayerId, ...]] = []
        for own in made:
            nodes = self.behind(own, borders)
            # What was folded into several kernels is told with the first.
            mine = [node for node in nodes if id(node) not in claimed or set(node.outputs) & {*own}]
            claimed.update(map(id, mine))
            found.append(tuple(dict.fromkeys(node.layer for node in mine if not node.glue)))
        return found

    def behind(self, values: Iterable[str], borders: Collection[str]) -> tuple[Node, ...]:
        """The nodes that together make `values` out of `borders`, nearest to `values` first."""
        found: dict[int, Node] = {}
        waiting = deque(values)
        while waiting:
            node = self._maker.get(self.value(waiting.popleft()))
            if node is None or id(node) in found:
                continue
            found[id(node)] = node
            waiting.extend(value for value in self.flowing(node) if value not in borders)
        return tuple(found.values())
