"""Makes a tensor an output of the model."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer, unknown_tensor
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Choice, Option, Value

if TYPE_CHECKING:
    import onnx

    from core.edit.draft import Draft


class AddOutput(Edit):
    name: ClassVar[str] = "add-output"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--add-output",
            "TENSOR",
            "make a tensor an output of the model",
            lambda text: AddOutput(tensor=text),
        ),
    )

    kind: Literal["add-output"] = "add-output"
    tensor: str

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        given = {each.name for each in graph.outputs}
        free = [name for name in (layer.outputs if layer else ()) if name not in given]
        if not free:
            return ()
        about = "The model gives this tensor too; nothing else changes."
        if len(free) == 1:
            return (Offer("Make its result an output", about, lambda _: cls(tensor=free[0])),)

        def make(values: Mapping[str, Value]) -> Edit:
            return cls(tensor=str(values["tensor"]))

        options = tuple(Option(name, name) for name in free)
        field = Choice("tensor", "Tensor", "Which of its results.", free[0], options)
        return (Offer("Make a result an output…", about, make, (field,)),)

    @property
    def sentence(self) -> str:
        return f"Make {self.tensor} an output"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if (unknown := unknown_tensor(draft, self.tensor)) is not None:
            yield unknown
        elif self.tensor in draft.outputs:
            yield Problem(
                field="tensor",
                what=f"“{self.tensor}” is an output of the model already.",
                remedy="Choose another tensor.",
            )
        elif self.tensor not in draft.weights and self.tensor not in draft.types:
            yield untyped(self.tensor, "tensor")

    def apply(self, draft: "Draft") -> None:
        draft.graph.output.append(typed(draft, self.tensor))
        draft.touch()


def untyped(tensor: str, field: str) -> Problem:
    """The problem that an input or output must have a type and this tensor's is not known."""
    return Problem(
        field=field,
        what=f"The type of “{tensor}” is not known, so it cannot be an input or an output.",
        remedy="Choose a tensor before or behind it; custom operators hide what they make.",
    )


def typed(draft: "Draft", tensor: str) -> "onnx.ValueInfoProto":
    """Name, type and shape of a tensor, as an input or output declares them."""
    import onnx
    from onnx import helper

    found = onnx.ValueInfoProto()
    weight = draft.weights.get(tensor)
    if weight is None:
        found.CopyFrom(draft.types[tensor])
    else:
        values = weight.values if isinstance(weight, onnx.SparseTensorProto) else weight
        found.CopyFrom(helper.make_tensor_value_info(tensor, values.data_type, weight.dims))
    return found
