"""Shapes of a model that is edited: inferred anew where an edit made the written ones untrue."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from core.model.shapes import INVENTED

if TYPE_CHECKING:
    import onnx

    from core.edit.draft import Draft
    from core.model.graph import Dimension


def inferred(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """The model with every shape that onnx can infer, or as it is where that fails."""
    from onnx import checker, shape_inference

    try:
        return shape_inference.infer_shapes(model, data_prop=True)
    except (shape_inference.InferenceError, checker.ValidationError, RuntimeError):
        return model


def inconsistency(model: "onnx.ModelProto") -> str | None:
    """What onnx says where the shapes of a model contradict each other, or None."""
    from onnx import checker, shape_inference

    try:
        shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except (shape_inference.InferenceError, checker.ValidationError, RuntimeError) as error:
        return " ".join(str(error).split())
    return None


def set_dimension(size: "onnx.TensorShapeProto.Dimension", value: "Dimension") -> None:
    """Make a dimension a number, a name, or not known."""
    size.Clear()
    if isinstance(value, int):
        size.dim_value = value
    elif value is not None:
        size.dim_param = value


def infer_again(draft: "Draft", became: "Mapping[str, Dimension] | None" = None) -> None:
    """Forget the sizes that followed from others and infer them; element types are kept.

    `became` is given where nothing but these free sizes changed, each from its name to what it is
    now: then the other written sizes still hold where onnx cannot infer them. Otherwise tensors of
    which onnx cannot say the sizes, such as those of custom operators, keep their rank.
    """
    graph = draft.graph
    noted = {value.name: value for value in (*graph.value_info, *graph.output)}
    before = {
        name: [_read(size) for size in dimensions(value) or ()] for name, value in noted.items()
    }
    for value in noted.values():
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")
    found = inferred(draft.model).graph
    known = {value.name: value for value in (*found.value_info, *found.output)}
    for name, value in noted.items():
        if name in known:
            value.type.CopyFrom(known[name].type)
        if dimensions(value) is None and before[name]:
            for _ in before[name]:
                value.type.tensor_type.shape.dim.add()
        _fill(dimensions(value) or [], before[name], became)
    draft.touch()


def _fill(
    sizes: "Sequence[onnx.TensorShapeProto.Dimension]",
    before: "Sequence[Dimension]",
    became: "Mapping[str, Dimension] | None",
) -> None:
    """Sizes that onnx could not infer, or made up a name for, from those that were written."""
    for size, old in zip_longest(sizes, before[: len(sizes)]):
        if size.dim_param.startswith(INVENTED):
            size.Clear()
        if became is None or size.WhichOneof("value") is not None or len(sizes) != len(before):
            continue
        set_dimension(size, became.get(old, old) if isinstance(old, str) else old)


def _read(size: "onnx.TensorShapeProto.Dimension") -> "Dimension":
    """A number, a name, or None for a size that is not known."""
    return size.dim_value if size.HasField("dim_value") else size.dim_param or None


def dimensions(value: "onnx.ValueInfoProto") -> "list[onnx.TensorShapeProto.Dimension] | None":
    """The dimensions of a tensor; None where its rank is not known."""
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        return None
    return list(value.type.tensor_type.shape.dim)
