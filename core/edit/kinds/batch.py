"""Sets the batch: the first size that the inputs have in common."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from core.edit.kinds.base import Edit, Flag, Offer
from core.edit.kinds.input_shapes import read_size, shape_text, size_problems
from core.edit.problem import Problem
from core.model.graph import Dimension, Layer, ModelGraph
from core.parameters import Text, Value

if TYPE_CHECKING:
    import onnx

    from core.edit.draft import Draft


class SetBatch(Edit):
    name: ClassVar[str] = "batch"
    flags: ClassVar[tuple[Flag, ...]] = (
        Flag(
            "--set-batch",
            "N",
            "set the batch of all inputs; a name makes it free",
            lambda text: SetBatch(batch=read_size(text.strip())),
        ),
    )

    kind: Literal["batch"] = "batch"
    batch: Dimension

    @classmethod
    def offers(cls, graph: ModelGraph, layer: Layer | None) -> tuple[Offer, ...]:
        first = next(
            (each.shape for each in graph.inputs if each.shape and len(each.shape) > 1), None
        )
        if layer is not None or not first:
            return ()

        def make(values: Mapping[str, Value]) -> Edit:
            text = str(values["batch"]).strip()
            if not text:
                raise ValueError("Give a number, or a name such as N.")
            return cls(batch=read_size(text))

        help_text = "A number such as 1 fixes it; a name such as N leaves it free."
        field = Text("batch", "Batch", help_text, default=shape_text(first[:1]))
        about = "Sets the first size of every input that has the same one, and all that follows."
        return (Offer("Batch size…", about, make, (field,)),)

    @property
    def sentence(self) -> str:
        return f"Set the batch to {shape_text((self.batch,))}"

    def problems(self, draft: "Draft") -> Iterator[Problem]:
        yield from size_problems((self.batch,), "batch")
        if not batched(draft):
            yield Problem(
                field="batch",
                what="No input of the model has a batch: at least two sizes, the first in common.",
                remedy="Set the shape of one input instead.",
            )

    def apply(self, draft: "Draft") -> None:
        from core.edit.shapes import infer_again, set_dimension

        sizes = batched(draft)
        free = {size.dim_param for size in sizes}
        for size in sizes:
            set_dimension(size, self.batch)
        infer_again(draft, None if "" in free else dict.fromkeys(free, self.batch))


def batched(draft: "Draft") -> "list[onnx.TensorShapeProto.Dimension]":
    """The first sizes of the inputs that agree with that of the first input with a batch."""
    from core.edit.shapes import dimensions

    shapes = [sizes for value in draft.inputs.values() if (sizes := dimensions(value))]
    first = next((sizes[0] for sizes in shapes if len(sizes) > 1), None)
    if first is None:
        return []
    alike = [sizes for sizes in shapes if sizes[0] == first]
    return [sizes[0] for sizes in alike if len(sizes) > 1 or first.dim_param]
