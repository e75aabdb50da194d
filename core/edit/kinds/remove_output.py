"""Takes an output away from the model; the layers that make it stay."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Choice, Option, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft


class RemoveOutput(Edit):
    name: ClassVar[str] = "remove-output"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--remove-output",
            "OUTPUT",
            "let the model no longer give an output",
            lambda text: RemoveOutput(output=text),
        ),
    )

    kind: Literal["remove-output"] = "remove-output"
    output: str

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        given = [each.name for each in graph.outputs]
        concerned = given if layer is None else [name for name in given if name in layer.outputs]
        if not concerned or len(given) < 2:
            return ()

        def make(values: Mapping[str, Value]) -> Edit:
            return cls(output=str(values["output"]))

        options = tuple(Option(name, name) for name in concerned)
        field = Choice("output", "Output", "Which one.", concerned[0], options)
        about = "The model no longer gives it. Cut out a part to drop the layers behind it too."
        return (Offer("Remove output…", about, make, (field,)),)

    @property
    def sentence(self) -> str:
        return f"Remove output {self.output}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if self.output not in draft.outputs:
            yield Problem(
                field="output",
                what=f"The model has no output “{self.output}”.",
                remedy=f"Its outputs are: {', '.join(draft.outputs) or 'none'}.",
            )
        elif len(draft.outputs) == 1:
            yield Problem(
                field="output",
                what=f"“{self.output}” is the only output of the model.",
                remedy="Make another tensor an output first.",
            )

    def apply(self, draft: "Draft") -> None:
        for value in list(draft.graph.output):
            if value.name == self.output:
                draft.graph.output.remove(value)
        draft.touch()
