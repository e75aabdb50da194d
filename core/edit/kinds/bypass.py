"""Takes a layer out and lets what it takes pass straight to those who took its result."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer, unknown_layer
from core.edit.problem import Problem
from core.model.graph import Layer, ModelGraph
from core.parameters import Choice, Option, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft


class Bypass(Edit):
    name: ClassVar[str] = "bypass"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--bypass",
            "LAYER",
            "take a layer out; its input passes to those who took its result",
            lambda text: Bypass(layer=text),
        ),
    )

    kind: Literal["bypass"] = "bypass"
    layer: str
    input: str = ""
    """Which of its inputs passes; empty for the first one that is no weight and fits."""

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        if layer is None or not layer.inputs or not layer.outputs:
            return ()
        fitting = list(dict.fromkeys(layer.inputs))
        about = "The layer goes away; what it takes passes on in the place of its result."
        if len(fitting) == 1:
            return (Offer("Bypass", about, lambda _: cls(layer=layer.id)),)

        def make(values: Mapping[str, Value]) -> Edit:
            return cls(layer=layer.id, input=str(values["input"]))

        options = tuple(Option(name, name) for name in fitting)
        field = Choice("input", "What passes", "Which of its inputs.", fitting[0], options)
        return (Offer("Bypass…", about, make, (field,)),)

    @property
    def sentence(self) -> str:
        return f"Bypass layer {self.layer}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        if (unknown := unknown_layer(draft, self.layer)) is not None:
            yield unknown
            return
        node = draft.node(self.layer)
        passing = self._passing(draft)
        if passing is None:
            what = f"“{self.input}” is none of its inputs." if self.input else "It takes no tensor."
            yield Problem(
                field="input",
                what=f"Layer “{self.layer}” cannot be bypassed. {what}",
                remedy="Name one of its inputs, or delete the layer instead.",
            )
            return
        if in_use := [name for name in node.output[1:] if _is_used(draft, name)]:
            yield Problem(
                field="layer",
                what=f"Layer “{self.layer}” makes more that is used: {', '.join(in_use)}.",
                remedy="Bypass or delete the layers that take it first.",
            )
        yield from self._misfit(draft, passing, node.output[0])

    def _misfit(self, draft: "Draft", passing: str, result: str) -> Iterator[Problem]:
        from core.model.shapes import tensor_from

        known = draft.types
        if passing not in known or result not in known:
            return
        before, after = tensor_from(known[passing]), tensor_from(known[result])
        if before.dtype != after.dtype or not _same_shape(before.shape, after.shape):
            yield Problem(
                field="layer",
                what=f"Layer “{self.layer}” turns {_words(before.dtype, before.shape)} into "
                f"{_words(after.dtype, after.shape)}; without it the types do not fit.",
                remedy="Bypass a layer that keeps type and shape, or delete this one.",
            )

    def _passing(self, draft: "Draft") -> str | None:
        node = draft.node(self.layer)
        if self.input:
            return self.input if self.input in node.input else None
        weights = draft.weights
        return next((name for name in node.input if name and name not in weights), None)

    def apply(self, draft: "Draft") -> None:
        from onnx import helper

        node = draft.node(self.layer)
        passing, result = self._passing(draft), node.output[0]
        assert passing is not None
        index = draft.index_of(self.layer)
        assert index is not None
        if result not in draft.outputs:
            draft.use_instead(result, passing)
            draft.remove_nodes([index])
        elif _is_free(draft, passing):
            draft.remove_nodes([index])
            draft.rename_tensor(passing, result)
        else:
            node.CopyFrom(helper.make_node("Identity", [passing], [result], node.name))
            draft.touch()


def _is_used(draft: "Draft", tensor: str) -> bool:
    return bool(tensor) and (tensor in draft.outputs or bool(draft.consumers(tensor)))


def _is_free(draft: "Draft", tensor: str) -> bool:
    """Whether a tensor may take an output's name: it is made by a layer and has no such itself."""
    return draft.producer(tensor) is not None and tensor not in draft.outputs


def _same_shape(before: tuple[object, ...] | None, after: tuple[object, ...] | None) -> bool:
    if before is None or after is None:
        return True
    numbers = zip(before, after, strict=False)
    return len(before) == len(after) and all(
        a == b or not (isinstance(a, int) and isinstance(b, int)) for a, b in numbers
    )


def _words(dtype: str, shape: tuple[object, ...] | None) -> str:
    sizes = "" if shape is None else "×".join("?" if s is None else str(s) for s in shape)
    return f"{dtype} {sizes or 'scalar'}" if shape is not None else dtype
