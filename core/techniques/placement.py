"""Decides where INT8 begins and ends: which activations get a QuantizeLinear/DequantizeLinear pair.

The rules serve three readers of the same file. TensorRT and OpenVINO fuse a kernel with the
activation function after it and want no pair between; ONNX Runtime has INT8 kernels only where a
pair also follows. Layers that only move numbers keep one scale for what goes in and comes out.
OpenVINO rounds anew at each pair, so that its form has none behind a layer that moved INT8 numbers
(YOLOv8n on AVX2: 6 % of the time).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.techniques.activation_functions import ACTIVATIONS, GatedActivations
from core.techniques.calibration import Method
from core.techniques.editing import ModelEdit, text_attribute
from core.techniques.weights import KERNELS

if TYPE_CHECKING:
    import onnx

ARITHMETIC = frozenset({"Add", "AveragePool", "GlobalAveragePool", "Mul", "ReduceMean", "Sub"})
"""Compute new numbers from INT8 numbers."""

MOVING = frozenset(
    {
        "Concat", "DepthToSpace", "Expand", "Flatten", "GlobalMaxPool", "MaxPool", "Reshape",
        "Resize", "Slice", "SpaceToDepth", "Split", "Squeeze", "Transpose", "Unsqueeze",
    }
)  # fmt: skip
"""Give out the numbers that they get, or numbers between those."""

_FUSED_BY_ALL = frozenset({"Clip", "Relu"})
_INT8_IN_ORT = frozenset({"LeakyRelu", "Sigmoid"})
"""Activation functions for which ONNX Runtime 1.31 has an INT8 kernel."""

_BROKEN_IN_ORT = frozenset({"Softmax"})
"""WORKAROUND onnxruntime 1.31: between two pairs it becomes QLinearSoftmax, which ignores the scale
of its output (relative error 0.98 on an attention block)."""

_INTERPOLATING = frozenset({"Resize"})
"""Layers that may give numbers between those that they get."""


@dataclass(frozen=True)
class Settings:
    """How the activations at one layer are quantized."""

    symmetric: bool
    method: Method
    dense: bool
    """Also after kernels whose reader is not INT8."""

    @property
    def lean(self) -> bool:
        """Whether the file need not suit TensorRT nor ONNX Runtime."""
        return not self.symmetric and not self.dense


@dataclass
class Placement:
    """The activations that get a pair."""

    settings: dict[str, Settings]
    """Per tensor."""
    groups: list[set[str]]
    """Tensors that share one scale; every tensor is in exactly one."""
    readers: "dict[str, list[onnx.NodeProto]]"
    """Per tensor, the nodes that take the INT8 value; the others take the original."""
    shielded: "list[onnx.NodeProto]"
    """Kernels that stay in floating point although INT8 values reach them."""


def place(edit: ModelEdit, treated: "Mapping[str, tuple[onnx.NodeProto, Settings]]") -> Placement:
    """Place pairs for the treated layers: LayerId to node and settings, in topological order."""
    return _Placer(edit, treated.values()).placement()


class _Placer:
    def __init__(
        self, edit: ModelEdit, treated: "Iterable[tuple[onnx.NodeProto, Settings]]"
    ) -> None:
        self._edit = edit
        self._treated = {id(node): (node, settings) for node, settings in treated}
        self._consumers = edit.consumers()
        self._producers = edit.producers()
        self._outputs = edit.outputs()
        self._gated = GatedActivations(edit)
        self._settings: dict[str, Settings] = {}
        self._askers: dict[str, list[onnx.NodeProto]] = {}

    def placement(self) -> Placement:
        for node in reversed(self._edit.nodes):
            if id(node) in self._treated:
                self._ask(*self._treated[id(node)])
        groups, shielded, readers = self._groups(), self._shielded(), self._readers()
        moved = self._moved_only()
        return Placement(
            {name: at for name, at in self._settings.items() if name not in moved},
            [group - moved for group in groups],
            {name: nodes for name, nodes in readers.items() if name not in moved},
            shielded,
        )

    def _ask(self, node: "onnx.NodeProto", settings: Settings) -> None:
        """Mark the tensors that this treated node wants in INT8. Its readers have asked before."""
        if self._is_transparent(node, settings):
            return
        moving = node.op_type in MOVING
        if settings.dense and not moving:
            self._mark(self._result(node, settings), settings)
        if moving and not any(name in self._settings for name in node.output):
            return
        for name in self._moved(node) if moving else self._inputs(node):
            self._mark(name, settings)
            self._askers.setdefault(name, []).append(node)

    def _mark(self, name: str, settings: Settings) -> None:
        if name in self._outputs or not self._consumers.get(name):
            return
        known = self._settings.get(name)
        if known is None or (settings.symmetric and not known.symmetric):
            self._settings[name] = settings

    def _inputs(self, node: "onnx.NodeProto") -> list[str]:
        """The activations that a computing node takes."""
        taken = node.input[:2] if node.op_type in KERNELS else node.input
        taken = node.input[:1] if node.op_type == "ReduceMean" else taken
        return [name for name in taken if name and not self._edit.is_weight(name)]

    def _moved(self, node: "onnx.NodeProto") -> list[str]:
        """The activations that a moving node hands on; sizes and places are not among them."""
        taken = node.input if node.op_type == "Concat" else node.input[:1]
        return [name for name in taken if not self._edit.is_weight(name)]

    def _result(self, node: "onnx.NodeProto", settings: Settings) -> str:
        """The tensor in which a dense layer gives INT8, or "" where it must not.

        It lies behind a Relu or Clip that the layer can absorb: saturation at an asymmetric zero
        point does the work of these.
        """
        name = node.output[0]
        readers = self._consumers.get(name, [])
        if any(reader.op_type in _BROKEN_IN_ORT for reader in readers):
            return ""
        fused = not settings.symmetric and len(readers) == 1 and readers[0].op_type in _FUSED_BY_ALL
        if fused and id(readers[0]) in self._treated and name not in self._outputs:
            return readers[0].output[0]
        return name

    def _is_transparent(self, node: "onnx.NodeProto", settings: Settings) -> bool:
        """Whether a node belongs to the kernel before it, so that nothing stands between."""
        if not self._gated.is_meeting(node):
            inner = settings.dense and node.op_type in _INT8_IN_ORT
            return node.op_type in ACTIVATIONS and not inner
        gate = self._gated.gate(node)
        return not settings.dense or gate is None or gate.op_type not in _INT8_IN_ORT

    def _groups(self) -> list[set[str]]:
        """Merge what a moving node takes and gives."""
        group_of = {name: {name} for name in self._settings}
        for node, _ in self._treated.values():
            if node.op_type in MOVING:
                tied = [name for name in (*self._moved(node), *node.output) if name in group_of]
                merged = {member for name in tied for member in group_of[name]}
                for name in merged:
                    group_of[name] = merged
        unique = {id(group): group for group in group_of.values()}
        return list(unique.values())

    def _moved_only(self) -> set[str]:
        """Tensors that hold moved INT8 numbers, for which the pair before the move is enough."""
        found: set[str] = set()
        for node in self._edit.nodes:
            _, settings = self._treated.get(id(node), (node, None))
            if node.op_type not in MOVING or settings is None or not settings.lean:
                continue
            int8 = all(name in self._settings for name in self._moved(node))
            if int8 and not _interpolates(node):
                found |= {name for name in node.output if name in self._settings}
        return found

    def _shielded(self) -> "list[onnx.NodeProto]":
        return [
            node
            for node in self._edit.nodes
            if node.op_type in KERNELS
            and id(node) not in self._treated
            and self._edit.is_weight(node.input[1])
            and self._comes_from_int8(node.input[0])
        ]

    def _comes_from_int8(self, name: str) -> bool:
        """Whether a tensor is INT8, or is one that was only moved."""
        while name not in self._settings:
            maker = self._producers.get(name)
            if maker is None or maker.op_type not in MOVING:
                return False
            name = maker.input[0]
        return True

    def _readers(self) -> "dict[str, list[onnx.NodeProto]]":
        """A dense layer gives INT8 to all; others give it to those who ask."""
        return {
            name: self._consumers[name] if self._is_dense(name) else self._askers.get(name, [])
            for name in self._settings
        }

    def _is_dense(self, name: str) -> bool:
        maker = self._producers.get(name)
        return (
            maker is not None and id(maker) in self._treated and self._treated[id(maker)][1].dense
        )


def _interpolates(node: "onnx.NodeProto") -> bool:
    return node.op_type in _INTERPOLATING and text_attribute(node, "mode", "nearest") != "nearest"
