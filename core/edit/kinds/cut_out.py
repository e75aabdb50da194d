"""Cuts a part out of the model: what lies between some tensors or layers becomes the model."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.add_output import typed, untyped
from core.edit.kinds.base import Edit, Flag, Offer
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Text, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft

_ABOUT = (
    "What is left out goes away with its weights. Where a part needs more than starts here, the "
    "model's own inputs stay."
)


class CutOut(Edit):
    name: ClassVar[str] = "cut-out"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--cut-from",
            "NAME",
            "let the model begin at this tensor, or with this layer",
            lambda text: CutOut(start=(text,)),
        ),
        Flag(
            "--cut-to",
            "NAME",
            "let the model end at this tensor, or with this layer",
            lambda text: CutOut(end=(text,)),
        ),
    )

    kind: Literal["cut-out"] = "cut-out"
    start: tuple[str, ...] = ()
    """Tensors that become inputs, or layers, for what they take; empty keeps the inputs."""
    end: tuple[str, ...] = ()
    """Tensors that become the outputs, or layers, for what they make; empty keeps the outputs."""

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        if layer is None:
            return (_offer("Cut out a part…", None, None),)
        return (
            _offer("Cut out from here…", layer, None),
            _offer("Cut out up to here…", None, layer),
        )

    @property
    def sentence(self) -> str:
        start = f" from {', '.join(self.start)}" if self.start else ""
        end = f" to {', '.join(self.end)}" if self.end else ""
        return f"Cut out the part{start}{end}"

    def joined(self, following: Edit) -> Edit | None:
        if not isinstance(following, CutOut):
            return None
        return CutOut(start=self.start + following.start, end=self.end + following.end)

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if not self.start and not self.end:
            yield Problem(
                what="The part has neither a start nor an end.",
                remedy="Name a tensor or a layer where the model begins or ends.",
            )
        found = list(self._unknown(draft))
        yield from found
        if found:
            return
        kept = self._kept(draft)
        if not kept:
            yield Problem(
                field="end",
                what="Nothing lies between the start and the end.",
                remedy="Choose an end that comes after the start.",
            )
        yield from self._idle_starts(draft, kept)
        for field, names in (("start", self._starts(draft)), ("end", self._ends(draft))):
            for name in names:
                if name not in draft.types and name not in draft.weights:
                    yield untyped(name, field)

    def _unknown(self, draft: "Draft") -> Iterator[Problem]:
        for field, names in (("start", self.start), ("end", self.end)):
            for name in names:
                if not draft.makes(name) and draft.index_of(name) is None:
                    yield Problem(
                        field=field,
                        what=f"There is neither a tensor nor a layer “{name}”.",
                        remedy="Name one as the graph shows it.",
                    )

    def _idle_starts(self, draft: "Draft", kept: set[int]) -> Iterator[Problem]:
        taken = {name for index in kept for name in draft.rows[index].taken}
        idle = [name for name in self._starts(draft) if name not in taken] if kept else []
        if idle:
            yield Problem(
                field="start",
                what=f"Nothing up to the end needs {', '.join(idle)}.",
                remedy="Choose a start that comes before the end.",
            )

    def apply(self, draft: "Draft") -> None:
        starts = [typed(draft, name) for name in self._starts(draft)]
        ends = [typed(draft, name) for name in self._ends(draft)]
        kept = self._kept(draft)
        self._silence(draft, kept)
        draft.remove_nodes(set(range(len(draft.rows))) - kept)
        if self.end:
            del draft.graph.output[:]
            draft.graph.output.extend(ends)
        known = {value.name for value in draft.graph.input}
        draft.graph.input.extend(value for value in starts if value.name not in known)
        draft.touch()
        draft.remove_loose_weights()

    def _silence(self, draft: "Draft", kept: set[int]) -> None:
        """Layers that stay for another result no longer make those that are inputs now."""
        starts = set(self._starts(draft))
        for index in kept:
            node = draft.graph.node[index]
            for place, name in enumerate(node.output):
                if name in starts:
                    node.output[place] = draft.fresh_name(f"{name}_unused")
        draft.touch()

    def _starts(self, draft: "Draft") -> list[str]:
        weights = draft.weights
        found = [name for part in self.start for name in _tensors(draft, part, taken=True)]
        return [name for name in dict.fromkeys(found) if name not in weights]

    def _ends(self, draft: "Draft") -> list[str]:
        if not self.end:
            return list(draft.outputs)
        found = (name for part in self.end for name in _tensors(draft, part, taken=False))
        return list(dict.fromkeys(found))

    def _kept(self, draft: "Draft") -> set[int]:
        """Indices of the nodes that the ends need, going back no farther than the starts."""
        makers = {name: i for i, row in enumerate(draft.rows) for name in row.outputs if name}
        starts = set(self._starts(draft))
        kept, waiting = set[int](), self._ends(draft)
        while waiting:
            name = waiting.pop()
            index = makers.get(name)
            if name in starts or index is None or index in kept:
                continue
            kept.add(index)
            waiting += draft.rows[index].taken
        return kept


def _tensors(draft: "Draft", part: str, *, taken: bool) -> Sequence[str]:
    """A tensor itself; of a layer what it takes or makes."""
    index = draft.index_of(part)
    if draft.makes(part) or index is None:
        return (part,)
    row = draft.rows[index]
    return row.taken if taken else tuple(name for name in row.outputs if name)


def _offer(label: str, start: Layer | None, end: Layer | None) -> Offer:
    """A form with the two ends, of which one may be a layer that is given."""
    here = (start.id if start else "", end.id if end else "")
    fields = (
        Text("start", "From", "A layer or tensor; empty: the model's inputs.", default=here[0]),
        Text("end", "Up to", "A layer or tensor; empty: the model's outputs.", default=here[1]),
    )

    def make(values: Mapping[str, Value]) -> Edit:
        texts = str(values["start"]).strip(), str(values["end"]).strip()
        first, last = _part(texts[0]), _part(texts[1])
        # an unnamed layer and its result may bear one name: the layer that was pointed to is meant
        if start is not None and texts[0] == here[0]:
            first = start.inputs
        if end is not None and texts[1] == here[1]:
            last = end.outputs
        return CutOut(start=first, end=last)

    return Offer(label, _ABOUT, make, fields)


def _part(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
