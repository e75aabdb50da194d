"""Tells which layers of a model a runtime's fused kernel came from."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# onnx has no complete stubs.

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.model.graph import LayerId

_GLUE = frozenset({"QuantizeLinear", "DequantizeLinear"})
"""Carry precisions from layer to layer; they are never named as layers that ran."""
_CLAMPS = frozenset({"Relu", "Clip"})
"""Vanish where the quantization that follows clamps as well."""


@dataclass(frozen=True)
class _Node:
    layer: LayerId
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass
class Origins:
    """The layers of a model file, by node name and by the tensors that they make and take."""

    _by_name: dict[str, _Node] = field(default_factory=dict[str, _Node])
    _maker: dict[str, _Node] = field(default_factory=dict[str, _Node])
    _taker: dict[str, _Node] = field(default_factory=dict[str, _Node])
    _takers: Counter[str] = field(default_factory=Counter[str])

    @staticmethod
    def of(model: Path) -> "Origins":
        """Reads the structure only, no weights. Raises InputError for what is no model."""
        from core.formats import format_of

        known = format_of(model)
        if known.name == "onnx":
            return Origins._of_onnx(model)
        origins = Origins()
        for layer in known.read_graph(model).layers:
            origins._add(layer.id, _Node(layer.id, layer.operator, layer.inputs, layer.outputs))
        return origins

    @staticmethod
    def _of_onnx(model: Path) -> "Origins":
        from core.model.identity import layer_ids, stamp_of
        from core.model.onnx_file import read_skeleton

        loaded = read_skeleton(model)
        origins = Origins()
        for node, layer in zip(loaded.graph.node, layer_ids(loaded), strict=True):
            # A technique may have replaced one layer by several nodes: all carry its stamp.
            owner = stamp_of(node) or layer
            outputs = tuple(name for name in node.output if name)
            origins._add(node.name, _Node(owner, node.op_type, tuple(node.input), outputs))
        return origins

    def _add(self, name: str, node: _Node) -> None:
        self._by_name[name] = node
        self._maker.update(dict.fromkeys(node.outputs, node))
        self._taker.update(dict.fromkeys(node.inputs, node))
        self._takers.update(node.inputs)

    def named(self, names: Iterable[str]) -> tuple[LayerId, ...]:
        """The layers that a runtime names, by node name or by output tensor; others are skipped."""
        nodes = (self._by_name.get(name) or self._maker.get(name) for name in names)
        layers = (node.layer for node in nodes if node and node.operator not in _GLUE)
        return tuple(dict.fromkeys(layers))

    def makes(self, tensor: str) -> bool:
        """Whether a layer of the model makes this tensor."""
        return tensor in self._maker

    def made_by_node(self, name: str) -> tuple[str, ...]:
        """What a node makes; through what follows it, where that ends in a quantization."""
        node = self._by_name.get(name)
        return tuple(self._quantized(tensor) for tensor in node.outputs) if node else ()

    def _quantized(self, tensor: str) -> str:
        end = tensor
        while self._takers[end] == 1:
            taker = self._taker[end]
            if taker.operator == "QuantizeLinear":
                return taker.outputs[0]
            if taker.operator not in _CLAMPS:
                break
            end = taker.outputs[0]
        return tensor

    def behind(self, tensors: Iterable[str], borders: Collection[str]) -> tuple[LayerId, ...]:
        """The layers that together make `tensors` out of `borders`, the last one first.

        `borders` are the tensors that any kernel makes: what lies between two of them was
        fused into the later kernel.
        """
        found: dict[int, _Node] = {}
        waiting = list(tensors)
        while waiting:
            node = self._maker.get(waiting.pop())
            if node is None or id(node) in found:
                continue
            found[id(node)] = node
            waiting.extend(name for name in node.inputs if name not in borders)
        layers = (node.layer for node in found.values() if node.operator not in _GLUE)
        return tuple(dict.fromkeys(layers))
