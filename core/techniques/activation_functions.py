"""Finds activation functions, also those that an exporter wrote as several layers.

SiLU, hard-swish, GELU and Mish reach a file as x × gate(x), with sums and products between. Engines
know such a group as one function and compute it within the kernel before; a pair amid the group
hides it from them and costs accuracy.
"""

from typing import TYPE_CHECKING

from core.techniques.editing import ModelEdit

if TYPE_CHECKING:
    import onnx

ACTIVATIONS = frozenset(
    {"Clip", "HardSigmoid", "HardSwish", "LeakyRelu", "PRelu", "Relu", "Sigmoid"}
)
"""Functions of one number that engines fuse into the kernel before."""

_ELEMENTWISE = ACTIVATIONS | {
    "Abs", "Add", "Div", "Elu", "Erf", "Exp", "Identity", "Log", "Mul", "Neg", "Pow", "Reciprocal",
    "Softplus", "Sqrt", "Sub", "Tanh",
}  # fmt: skip
"""Operators that make each number from the numbers at the same place."""


class GatedActivations:
    """The places where two functions of one tensor meet, such as the Mul of x × sigmoid(x)."""

    def __init__(self, edit: ModelEdit) -> None:
        self._edit = edit
        self._producers = edit.producers()
        self._sources: dict[str, str] = {}
        """Per tensor, the one tensor that it is an elementwise function of, perhaps itself."""
        self._meetings: set[int] = set()
        for node in edit.nodes:
            self._follow(node)

    def is_meeting(self, node: "onnx.NodeProto") -> bool:
        """Whether a node joins two functions of one tensor."""
        return id(node) in self._meetings

    def gate(self, node: "onnx.NodeProto") -> "onnx.NodeProto | None":
        """The gate of x × gate(x), where that is one layer; None for longer functions."""
        for gated, plain in (tuple(node.input), tuple(reversed(node.input))):
            gate = self._producers.get(gated)
            if gate is not None and gate.op_type in ACTIVATIONS and gate.input[0] == plain:
                return gate
        return None

    def _follow(self, node: "onnx.NodeProto") -> None:
        if node.op_type not in _ELEMENTWISE:
            return
        taken = [name for name in node.input if name and not self._edit.is_weight(name)]
        sources = {self._sources.get(name, name) for name in taken}
        if len(sources) != 1:
            return
        self._sources[node.output[0]] = sources.pop()
        if len(taken) > 1:
            self._meetings.add(id(node))
