"""Gives a layer another name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer, pair, unknown_layer
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Text

if TYPE_CHECKING:
    from core.edit.draft import Draft


class RenameLayer(Edit):
    name: ClassVar[str] = "rename-layer"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--rename-layer",
            "OLD=NEW",
            "give a layer another name",
            lambda text: RenameLayer(layer=pair(text)[0], to=pair(text)[1]),
        ),
    )

    kind: Literal["rename-layer"] = "rename-layer"
    layer: str
    to: str

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        if layer is None:
            return ()
        about = "Its tensors keep their names, and whatever was chosen or measured for it stays."
        if layer.name != layer.id:
            about += f" The node is called {layer.id}; the graph names it after its module."
        return (
            Offer(
                "Rename layer…",
                about,
                lambda values: cls(layer=layer.id, to=str(values["to"])),
                (Text("to", "New name", "Letters, digits and signs.", default=layer.id),),
            ),
        )

    @property
    def sentence(self) -> str:
        return f"Rename layer {self.layer} to {self.to}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if (unknown := unknown_layer(draft, self.layer)) is not None:
            yield unknown
        if not self.to.strip() or not self.to.isprintable():
            yield Problem(
                field="to",
                what="A name cannot be empty or hold control characters.",
                remedy="Give a name of letters, digits and signs.",
            )
        index = draft.index_of(self.layer)
        if any(row.name == self.to and i != index for i, row in enumerate(draft.rows)):
            yield Problem(
                field="to",
                what=f"Another layer is called “{self.to}” already.",
                remedy="Choose a name that is still free.",
            )

    def apply(self, draft: "Draft") -> None:
        draft.node(self.layer).name = self.to
        draft.touch()
