"""Deletes a layer, and says what becomes of those who took its result."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.add_output import typed, untyped
from core.edit.kinds.base import Edit, Flag, Offer, unknown_layer
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Choice, Option, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft

_MOST_NAMED = 3


class DeleteLayer(Edit):
    name: ClassVar[str] = "delete-layer"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--delete",
            "LAYER",
            "delete a layer; what it made becomes an input of the model",
            lambda text: DeleteLayer(layer=text),
        ),
        Flag(
            "--delete-with-rest",
            "LAYER",
            "delete a layer and everything that needs its result",
            lambda text: DeleteLayer(layer=text, rest="delete"),
        ),
    )

    kind: Literal["delete-layer"] = "delete-layer"
    layer: str
    rest: Literal["input", "delete"] = "input"
    """What it made becomes an input of the model, or all that needs it is deleted too."""

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        if layer is None:
            return ()
        behind = _layers_behind(graph, layer)
        if not behind:
            about = "No other layer takes its result."
            return (Offer("Delete", about, lambda _: cls(layer=layer.id)),)

        def make(values: Mapping[str, Value]) -> Edit:
            rest = "delete" if values["rest"] == "delete" else "input"
            return cls(layer=layer.id, rest=rest)

        options = (
            Option("input", "Becomes an input of the model", "It is then fed from outside."),
            Option("delete", "Goes, with all that needs it", "Everything behind it goes too."),
        )
        field = Choice(
            "rest", "Its result", "What becomes of the layers behind it.", "input", options
        )
        return (Offer("Delete…", f"{behind} its result.", make, (field,)),)

    @property
    def sentence(self) -> str:
        rest = " and what needs it" if self.rest == "delete" else ""
        return f"Delete layer {self.layer}{rest}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if (unknown := unknown_layer(draft, self.layer)) is not None:
            yield unknown
            return
        gone = self._gone(draft)
        made = {name for index in gone for name in draft.rows[index].outputs}
        if not set(draft.outputs) - made:
            yield Problem(
                field="layer",
                what="Nothing would be left that the model gives.",
                remedy="Bypass the layer, or first make another tensor an output.",
            )
        if self.rest == "input":
            for name in self._needed(draft):
                if name not in draft.types:
                    yield untyped(name, "layer")

    def apply(self, draft: "Draft") -> None:
        gone = self._gone(draft)
        fed = [typed(draft, name) for name in self._needed(draft)] if self.rest == "input" else []
        made = {name for index in gone for name in draft.rows[index].outputs}
        for value in list(draft.graph.output):
            if value.name in made:
                draft.graph.output.remove(value)
        draft.remove_nodes(gone)
        draft.graph.input.extend(fed)
        draft.touch()

    def _gone(self, draft: "Draft") -> set[int]:
        """Indices of the nodes that go away."""
        first = draft.index_of(self.layer)
        assert first is not None
        if self.rest == "input":
            return {first}
        takers: dict[str, list[int]] = {}
        for index, row in enumerate(draft.rows):
            for name in row.taken:
                takers.setdefault(name, []).append(index)
        gone, waiting = set[int](), [first]
        while waiting:
            index = waiting.pop()
            if index not in gone:
                gone.add(index)
                waiting += [i for name in draft.rows[index].outputs for i in takers.get(name, ())]
        return gone

    def _needed(self, draft: "Draft") -> list[str]:
        """Which of its results other layers take."""
        return [name for name in draft.node(self.layer).output if name and draft.consumers(name)]


def _layers_behind(graph: ModelGraph, layer: Layer) -> str:
    """“3 layers take”, with their names while they are few; empty for none."""
    wires = graph.wires
    taking: list[int] = wires.targets[wires.sources == graph.index_of[layer.id]].tolist()
    count = len(graph.layers)
    found = [graph.layers[index].name for index in dict.fromkeys(taking) if index < count]
    if not found:
        return ""
    if len(found) > _MOST_NAMED:
        return f"{len(found)} layers take"
    return f"{' and '.join(found)} {'takes' if len(found) == 1 else 'take'}"
