"""Finds the layers behind the kernels of ONNX Runtime's optimized model.

The optimizer fuses, renames, moves and blocks: of a convolution with its activation in blocked
layout neither the node's nor the tensor's name may be left. What stays is the flow of data. So each
tensor of the optimized model is matched with the value of the original model that it carries: by
its name, by the name of the kernel that makes it, through kernels that only change its form, and by
its place among the inputs of a kernel whose own layer is known. The layers of a kernel are then
those between the values that it makes and the values that other kernels make.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# onnx has no complete stubs.

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from core.model.graph import LayerId
from core.runtimes.origins import Node, Origins

if TYPE_CHECKING:
    import onnx

_CONVERTERS = frozenset({"QuantizeLinear", "DequantizeLinear", "ReorderInput", "ReorderOutput"})
_FORMS = frozenset({"Transpose", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Identity"})
"""Change the form only; where no layer of the model has their name, the optimizer put them in."""
_BLOCKED = "_nchwc"
"""What moves to blocked layout is named after the tensor that it used to make."""
_MARK = re.compile(r"(_token_\d+|/\w*Fusion/?|_new_reshape|_nchwc)$")
"""What the optimizer appends to the name of the node that a kernel replaced."""
_PREFIXES = ("QLinear", "Fused", "Nhwc", "Q")
"""Before the operator that a contributed kernel stands for."""


class KernelLayers(NamedTuple):
    """One kernel and what it worked for."""

    kernel: "onnx.NodeProto"
    layers: tuple[LayerId, ...]
    serves: tuple[LayerId, ...]
    """Where `layers` is empty: the layers that take what it makes."""
    converts: bool
    of_weight: bool
    """Whether it takes nothing but what is stored in the model."""


def layers_behind(
    ran: "Sequence[onnx.NodeProto]", stored: set[str], origins: Origins
) -> tuple[KernelLayers, ...]:
    """`ran` in the order of execution; `stored` names the optimized model's constants."""
    flow = _Flow(ran, stored, origins)
    layers = flow.layers()
    serves = flow.neighbours(layers)
    return tuple(
        KernelLayers(
            kernel, own, () if own else others, flow.converts(kernel), not flow.flowing(kernel)
        )
        for kernel, own, others in zip(ran, layers, serves, strict=True)
    )


class _Flow:
    """The tensors that flowed between the kernels that ran, and the values that they carried."""

    def __init__(self, ran: "Sequence[onnx.NodeProto]", stored: set[str], origins: Origins) -> None:
        self._ran = ran
        self._stored = stored
        self._origins = origins
        self._values: dict[str, str] = {}
        self._readers: dict[str, list[int]] = defaultdict(list)
        self._makers: dict[str, int] = {}
        for index, kernel in enumerate(ran):
            self._makers.update(dict.fromkeys(kernel.output, index))
            for name in self.flowing(kernel):
                self._readers[name].append(index)
        self._match()

    def converts(self, kernel: "onnx.NodeProto") -> bool:
        """Whether it only changes the form of what flows, for the sake of other kernels."""
        if kernel.op_type in _CONVERTERS:
            return True
        return kernel.op_type in _FORMS and self._origins.node(kernel.name) is None

    def _match(self) -> None:
        for kernel in self._ran:
            self._match_by_name(kernel)
        self._sure = {self._values[name] for name in self._makers if name in self._values}
        for kernel in reversed(self._ran):
            self._match_backwards(kernel)
        for kernel in self._ran:
            if self.converts(kernel) and (value := self._values.get(kernel.input[0])):
                self._values.setdefault(kernel.output[0], value)

    def _match_by_name(self, kernel: "onnx.NodeProto") -> None:
        for name in (*kernel.input, *kernel.output):
            if self._origins.knows(name):
                self._values[name] = self._origins.value(name)

    def _match_backwards(self, kernel: "onnx.NodeProto") -> None:
        made = self._values.get(kernel.output[0])
        if self.converts(kernel):
            if made is not None:
                self._values.setdefault(kernel.input[0], made)
            return
        named = self._named(kernel)
        if made is None:
            self._match_made(kernel, named)
            made = self._values.get(kernel.output[0])
        own = self._own_layer(kernel, named, made)
        if own is not None:
            places = zip(self.flowing(kernel), self._origins.flowing(own), strict=False)
            for name, value in places:
                self._values.setdefault(name, value)

    def _match_made(self, kernel: "onnx.NodeProto", named: Node | None) -> None:
        """Where no reader told: by the name, though more may have been fused into it since."""
        first = self._first_made(kernel)
        if first is not None:
            self._values.setdefault(kernel.output[0], first)
        elif named is not None:
            for name, value in zip(kernel.output, self._origins.made_by(named), strict=False):
                self._values.setdefault(name, value)

    def _first_made(self, kernel: "onnx.NodeProto") -> str | None:
        """What a kernel in blocked layout made before more was fused into it."""
        blocked = kernel.name.removesuffix(_BLOCKED)
        known = blocked != kernel.name and self._origins.knows(blocked)
        return self._origins.value(blocked) if known else None

    def _named(self, kernel: "onnx.NodeProto") -> Node | None:
        """The node that the kernel replaced, as “conv_token_3” or “mul/QuickGeluFusion/”."""
        for name in _shorter(kernel.name):
            if (node := self._origins.node(name)) is not None:
                return node
        return None

    def _own_layer(
        self, kernel: "onnx.NodeProto", named: Node | None, made: str | None
    ) -> Node | None:
        """The node that does what the kernel is called for; its inputs are the kernel's."""
        operator = _plain(kernel.op_type)
        if named is not None and named.operator == operator:
            return named
        start = self._first_made(kernel) or made
        nodes = () if start is None else self._origins.behind((start,), self._sure - {start})
        return next((node for node in nodes if node.operator == operator), None)

    def flowing(self, kernel: "onnx.NodeProto") -> list[str]:
        return [name for name in kernel.input if name and name not in self._stored]

    def layers(self) -> list[tuple[LayerId, ...]]:
        """Of each kernel those between what it makes and what other kernels make."""
        return self._origins.between([self._made(kernel) for kernel in self._ran])

    def _made(self, kernel: "onnx.NodeProto") -> tuple[str, ...]:
        if self.converts(kernel):
            return ()
        return tuple(self._values[name] for name in kernel.output if name in self._values)

    def neighbours(self, layers: Sequence[tuple[LayerId, ...]]) -> list[tuple[LayerId, ...]]:
        """The layers of each kernel, or else of those who read what it made, or of its makers."""
        found = list(layers)
        for index in reversed(range(len(found))):
            found[index] = found[index] or _joined(found, self._after(index))
        for index in range(len(found)):
            found[index] = found[index] or _joined(found, self._before(index))
        return found

    def _after(self, index: int) -> list[int]:
        return [reader for name in self._ran[index].output for reader in self._readers[name]]

    def _before(self, index: int) -> list[int]:
        inputs = self.flowing(self._ran[index])
        return [self._makers[name] for name in inputs if name in self._makers]


def _joined(layers: Sequence[tuple[LayerId, ...]], indices: Sequence[int]) -> tuple[LayerId, ...]:
    return tuple(dict.fromkeys(layer for index in indices for layer in layers[index]))


def _shorter(name: str) -> Iterator[str]:
    """The name, and what is left of it without each mark of the optimizer, from the right."""
    yield name
    while (shorter := _MARK.sub("", name)) != name:
        yield (name := shorter)


def _plain(operator: str) -> str:
    for prefix in _PREFIXES:
        if operator.startswith(prefix):
            return operator.removeprefix(prefix)
    return operator
