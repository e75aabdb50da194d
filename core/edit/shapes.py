"""Shapes of a model that is edited: inferred anew where an edit made the written ones untrue."""

from typing import TYPE_CHECKING

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


def infer_again(draft: "Draft") -> None:
    """Forget the sizes that followed from others and infer them; element types are kept.

    Tensors of which onnx cannot say the sizes, such as those of custom operators, keep their rank.
    """
    graph = draft.graph
    noted = {value.name: value for value in (*graph.value_info, *graph.output)}
    ranks = {name: len(sizes) for name, value in noted.items() if (sizes := dimensions(value))}
    for value in noted.values():
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")
    found = inferred(draft.model).graph
    known = {value.name: value for value in (*found.value_info, *found.output)}
    for name, value in noted.items():
        if name in known:
            value.type.CopyFrom(known[name].type)
        if dimensions(value) is None and name in ranks:
            for _ in range(ranks[name]):
                value.type.tensor_type.shape.dim.add()
    draft.touch()


def dimensions(value: "onnx.ValueInfoProto") -> "list[onnx.TensorShapeProto.Dimension] | None":
    """The dimensions of a tensor; None where its rank is not known."""
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        return None
    return list(value.type.tensor_type.shape.dim)
