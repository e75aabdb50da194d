"""Gives a tensor another name: an input, an output, a weight, or what flows between layers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer, pair, taken_name, unknown_tensor
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Choice, Option, Text

if TYPE_CHECKING:
    from core.edit.draft import Draft

_MOST_SHOWN = 40


class RenameTensor(Edit):
    name: ClassVar[str] = "rename-tensor"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--rename",
            "OLD=NEW",
            "give an input, an output or another tensor another name",
            lambda text: RenameTensor(tensor=pair(text)[0], to=pair(text)[1]),
        ),
    )

    kind: Literal["rename-tensor"] = "rename-tensor"
    tensor: str
    to: str

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        tensors = _of_layer(layer) if layer else _of_model(graph)
        if not tensors:
            return ()
        label = "Rename tensor…" if layer else "Rename input or output…"
        options = tuple(Option(name, f"{words}: {name}") for name, words in tensors.items())
        return (
            Offer(
                label,
                "Every layer that takes the tensor takes it under its new name.",
                lambda values: cls(tensor=str(values["tensor"]), to=str(values["to"]).strip()),
                (
                    Choice("tensor", "Tensor", "Which one.", options[0].value, options),
                    Text("to", "New name", "A name that the model does not use yet.", default=""),
                ),
            ),
        )

    @property
    def sentence(self) -> str:
        return f"Rename tensor {self.tensor} to {self.to}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if (unknown := unknown_tensor(draft, self.tensor)) is not None:
            yield unknown
        yield from taken_name(draft, self.to)

    def apply(self, draft: "Draft") -> None:
        draft.rename_tensor(self.tensor, self.to)


def _of_layer(layer: Layer) -> dict[str, str]:
    """Tensor to what it is to the layer."""
    found = dict.fromkeys(layer.weights, "Weight") | dict.fromkeys(layer.inputs, "Input")
    shown = dict.fromkeys(layer.outputs, "Output") | found
    return dict(list(shown.items())[:_MOST_SHOWN])


def _of_model(graph: ModelGraph) -> dict[str, str]:
    found = dict.fromkeys([each.name for each in graph.inputs], "Input")
    found |= dict.fromkeys([each.name for each in graph.outputs], "Output")
    return dict(list(found.items())[:_MOST_SHOWN])
