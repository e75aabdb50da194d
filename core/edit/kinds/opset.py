"""Writes the model as an older ONNX opset does, for runtimes that read no newer one."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.model.wiring import STANDARD
from core.parameters import Number, Value

if TYPE_CHECKING:
    import onnx
    from onnx.defs import OpSchema

    from core.edit.draft import Draft

_OLDEST = 13
"""Before it, quantization has no scales for each channel."""
_AXES = 18
"""The opset in which the axes of reductions became an input."""
_REDUCTIONS = frozenset(
    f"Reduce{kind}"
    for kind in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare")
)
_MOST_NAMED = 3


class LowerOpset(Edit):
    name: ClassVar[str] = "opset"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--opset",
            "N",
            "write the model as an older ONNX opset does",
            lambda text: LowerOpset(opset=_number(text)),
        ),
    )

    kind: Literal["opset"] = "opset"
    opset: int

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        asked = graph.opsets.get("", 0)
        if layer is not None or graph.format != "onnx" or asked <= _OLDEST:
            return ()

        def make(values: Mapping[str, Value]) -> Edit:
            return cls(opset=int(values["opset"]))

        field = Number(
            "opset",
            "Opset",
            "TensorRT 8.5 and 8.6 read 17.",
            default=asked - 1,
            minimum=_OLDEST,
            maximum=asked - 1,
            integer=True,
        )
        about = "The same layers, written as the older opset writes them."
        return (Offer("Lower the ONNX opset…", about, make, (field,)),)

    @property
    def sentence(self) -> str:
        return f"Lower the ONNX opset to {self.opset}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        asked = draft.opset_of("")
        if not _OLDEST <= self.opset <= asked:
            yield Problem(
                field="opset",
                what=f"The opset cannot be lowered from {asked} to {self.opset}.",
                remedy=f"Give a number from {_OLDEST} to {asked}.",
            )
            return
        stuck = [
            node.name or node.op_type
            for node in draft.graph.node
            if node.domain in STANDARD and not self._can_lower(draft, node)
        ]
        if stuck:
            more = f" and {len(stuck) - _MOST_NAMED} more" if len(stuck) > _MOST_NAMED else ""
            named = ", ".join(f"“{name}”" for name in stuck[:_MOST_NAMED])
            yield Problem(
                field="opset",
                what=f"Opset {self.opset} cannot say what these layers do: {named}{more}.",
                remedy="Export the model again with that opset, or choose a newer one.",
            )

    def apply(self, draft: "Draft") -> None:
        from core.edit.shapes import infer_again

        for node in draft.graph.node:
            if node.domain in STANDARD:
                self._lower(draft, node)
        for entry in draft.model.opset_import:
            if entry.domain in STANDARD:
                entry.version = self.opset
        draft.touch()
        draft.remove_loose_weights()
        infer_again(draft)

    def _can_lower(self, draft: "Draft", node: "onnx.NodeProto") -> bool:
        """Tries it on a copy."""
        import onnx

        then = _schema(node.op_type, self.opset)
        if then is None:
            return _schema(node.op_type, draft.opset_of("")) is None  # known in no opset
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        self._lower(draft, copy)
        taken = sum(bool(name) for name in copy.input[len(then.inputs) :])
        variadic = bool(then.inputs) and then.inputs[-1].option == then.inputs[-1].option.Variadic
        return (taken == 0 or variadic) and all(a.name in then.attributes for a in copy.attribute)

    def _lower(self, draft: "Draft", node: "onnx.NodeProto") -> None:
        from onnx import helper

        if node.op_type in _REDUCTIONS and self.opset < _AXES and len(node.input) > 1:
            axes = _stored(draft, node.input[1])
            if axes is not None:
                del node.input[1:]
                node.attribute.append(helper.make_attribute("axes", axes))
        then, now = _schema(node.op_type, self.opset), _schema(node.op_type, draft.opset_of(""))
        if then is None or now is None:
            return
        for entry in list(node.attribute):
            known = entry.name in then.attributes
            if not known and _says_nothing(entry, node, now, lambda name: _stored(draft, name)):
                node.attribute.remove(entry)


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError(f"“{text}” is no whole number")
    return int(text)


def _says_nothing(
    entry: "onnx.AttributeProto",
    node: "onnx.NodeProto",
    schema: "OpSchema",
    stored: Callable[[str], list[int] | None],
) -> bool:
    """Whether a node does the same without an attribute."""
    from onnx import helper

    if node.op_type == "Split" and entry.name == "num_outputs":
        return True  # the outputs can be counted
    if node.op_type == "Reshape" and entry.name == "allowzero":
        shape = stored(node.input[1])
        return entry.i == 0 or (shape is not None and 0 not in shape)
    formal = schema.attributes.get(entry.name)
    if formal is None or not formal.default_value.name:
        return False
    default = helper.get_attribute_value(formal.default_value)
    return bool(helper.get_attribute_value(entry) == default)


def _schema(operator: str, opset: int) -> "OpSchema | None":
    from onnx import defs

    try:
        return defs.get_schema(operator, opset, "")
    except defs.SchemaError:
        return None


def _stored(draft: "Draft", name: str) -> list[int] | None:
    """Whole numbers that are stored under a name, or None."""
    from onnx import numpy_helper

    tensor = next((one for one in draft.graph.initializer if one.name == name), None)
    if tensor is None:
        made = (node for node in draft.graph.node if name in node.output)
        node = next(made, None)
        values = [entry.t for entry in node.attribute if entry.name == "value"] if node else []
        if node is None or node.op_type != "Constant" or not values:
            return None
        tensor = values[0]
    return [int(value) for value in numpy_helper.to_array(tensor).reshape(-1)]
