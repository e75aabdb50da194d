"""Fixes a free size that has a name, or gives it another name."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer, pair
from core.edit.kinds.input_shapes import read_size, shape_text, size_problems
from core.edit.problem import Problem
from core.model.graph import Dimension, Layer, ModelGraph
from core.parameters import Choice, Option, Text, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft


class SetDimension(Edit):
    name: ClassVar[str] = "dimension"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--fix-dim",
            "NAME=SIZE",
            "fix a free size everywhere, or give it another name",
            lambda text: SetDimension(dimension=pair(text)[0], to=read_size(pair(text)[1])),
        ),
    )

    kind: Literal["dimension"] = "dimension"
    dimension: str
    to: Dimension

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        shapes = [each.shape or () for each in graph.inputs]
        free = list(dict.fromkeys(s for shape in shapes for s in shape if isinstance(s, str)))
        if layer is not None or not free:
            return ()

        def make(values: Mapping[str, Value]) -> Edit:
            text = str(values["to"]).strip()
            if not text:
                raise ValueError("Give a number, or another name.")
            return cls(dimension=str(values["dimension"]), to=read_size(text))

        options = tuple(Option(name, name) for name in free)
        parameters = (
            Choice("dimension", "Free size", "As the model calls it.", free[0], options),
            Text("to", "Becomes", "A number fixes it; another name renames it.", default="1"),
        )
        about = "The size is set wherever the model uses its name, and all shapes follow."
        return (Offer("Fix a free size…", about, make, parameters),)

    @property
    def sentence(self) -> str:
        return f"Set the size {self.dimension} to {shape_text((self.to,))}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        from core.edit.shapes import dimensions

        yield from size_problems((self.to,), "to")
        known = {
            size.dim_param: None
            for value in draft.inputs.values()
            for size in dimensions(value) or ()
            if size.dim_param
        }
        if self.dimension not in known:
            yield Problem(
                field="dimension",
                what=f"No input has a free size called “{self.dimension}”.",
                remedy=f"The free sizes are: {', '.join(known) or 'none'}.",
            )

    def apply(self, draft: "Draft") -> None:
        from core.edit.shapes import dimensions, infer_again, set_dimension

        for value in draft.graph.input:
            for size in dimensions(value) or ():
                if size.dim_param == self.dimension:
                    set_dimension(size, self.to)
        infer_again(draft, {self.dimension: self.to})
