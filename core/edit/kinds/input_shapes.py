"""Sets the shapes of the model's inputs: numbers, names of free sizes, or not known."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer, pair
from core.edit.problem import Problem
from core.model.graph import Dimension, Layer, ModelGraph
from core.parameters import Text, Value

if TYPE_CHECKING:
    from core.edit.draft import Draft

_MOST_SHOWN = 12
_LARGEST = 1 << 40


class SetInputShapes(Edit):
    name: ClassVar[str] = "input-shapes"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--set-shape",
            "INPUT=1,3,H,W",
            "set the shape of an input; a name makes a size free, “?” leaves it open",
            lambda text: SetInputShapes(shapes={pair(text)[0]: read_shape(pair(text)[1])}),
        ),
    )

    kind: Literal["input-shapes"] = "input-shapes"
    shapes: Mapping[str, tuple[Dimension, ...]]
    """Input to its new shape."""

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        known = {each.name: each for each in graph.inputs if each.shape is not None}
        if layer is not None or not known:
            return ()
        shown = {name: shape_text(known[name].shape or ()) for name in list(known)[:_MOST_SHOWN]}

        def make(values: Mapping[str, Value]) -> Edit:
            changed = {name: str(values[name]) for name in shown if values[name] != shown[name]}
            if not changed:
                raise ValueError("No shape was changed.")
            return cls(shapes={name: read_shape(text) for name, text in changed.items()})

        parameters = tuple(
            Text(name, name, "Sizes with commas: 1, 3, 224, 224. A name makes a size free.", text)
            for name, text in shown.items()
        )
        about = "Numbers fix a size, a name such as N leaves it free. All other shapes follow."
        return (Offer("Input shapes…", about, make, parameters),)

    @property
    def sentence(self) -> str:
        words = (f"{name} to {shape_text(shape)}" for name, shape in self.shapes.items())
        return f"Set the shape of {' and of '.join(words)}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        from core.edit.shapes import dimensions

        for name, shape in self.shapes.items():
            value = draft.inputs.get(name)
            if value is None:
                yield Problem(
                    field=f"shapes.{name}",
                    what=f"The model has no input “{name}”.",
                    remedy=f"Its inputs are: {', '.join(draft.inputs) or 'none'}.",
                )
                continue
            if not value.type.HasField("tensor_type"):
                yield Problem(
                    field=f"shapes.{name}",
                    what=f"The input “{name}” is no tensor, so it has no shape.",
                    remedy="Leave this input as it is.",
                )
            rank = dimensions(value)
            if rank is not None and len(rank) != len(shape):
                yield Problem(
                    field=f"shapes.{name}",
                    what=f"The input “{name}” has {len(rank)} sizes, not {len(shape)}.",
                    remedy=f"Give {len(rank)} sizes.",
                )
            yield from size_problems(shape, f"shapes.{name}")

    def apply(self, draft: "Draft") -> None:
        from core.edit.shapes import infer_again, set_dimension

        for name, shape in self.shapes.items():
            declared = draft.inputs[name].type.tensor_type.shape
            del declared.dim[:]
            declared.SetInParent()
            for value in shape:
                set_dimension(declared.dim.add(), value)
        infer_again(draft)


def read_shape(text: str) -> tuple[Dimension, ...]:
    """“1, 3, H, ?” as sizes; raises ValueError."""
    parts = [part.strip() for part in text.strip().strip("[]()").split(",")]
    if parts == [""]:
        return ()
    if not all(parts):
        raise ValueError(f"“{text}” has an empty size; write “?” for one that is not known.")
    return tuple(read_size(part) for part in parts)


def read_size(text: str) -> Dimension:
    """A number, a name, or None for “?”."""
    if text == "?":
        return None
    try:
        return int(text)
    except ValueError:
        return text


def shape_text(shape: tuple[Dimension, ...]) -> str:
    return ", ".join("?" if size is None else str(size) for size in shape)


def size_problems(shape: tuple[Dimension, ...], field: str) -> Iterator[Problem]:
    """Sizes that make no sense."""
    for size in shape:
        if isinstance(size, int) and not 0 < size <= _LARGEST:
            yield Problem(
                field=field,
                what=f"{size} is no size.",
                remedy="Give a number from 1 on, or a name for a size that stays free.",
            )
        elif isinstance(size, str) and (not size.isprintable() or size[:1].isdigit()):
            yield Problem(
                field=field,
                what=f"“{size}” can be neither a number nor the name of a size.",
                remedy="Let the name begin with a letter, such as N or height.",
            )
