"""Types and shapes of the tensors of an ONNX model: as written, as inferred, and for batch 1."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.model import tensor_types
from core.model.graph import Dimension, Tensor

if TYPE_CHECKING:
    import onnx

INVENTED = "unk__"
"""How onnx begins the names that it gives to sizes that it cannot infer."""
_BATCH = "N"
"""Name for a free first dimension that the model leaves without one."""


@dataclass(frozen=True)
class Shapes:
    tensors: dict[str, Tensor]
    """What flows between nodes, with free sizes by name."""
    sizes: dict[str, tuple[int | None, ...] | None]
    """The same for batch 1: a free first dimension of the inputs is 1, other free ones are None."""
    warnings: tuple[str, ...]


def shapes_of(model: "onnx.ModelProto") -> Shapes:
    """Collect what the model says; let onnx infer what it does not say."""
    warnings: list[str] = []
    stored = {tensor.name for tensor in model.graph.initializer}
    free = [value for value in model.graph.input if value.name not in stored and _free(value)]
    full = model
    if _incomplete(model):
        full = _inferred(_with_batch_name(model, [value.name for value in free]), warnings)
    tensors = {value.name: _tensor(value) for value in _values(full.graph)}
    single = tensors
    if free:
        batches = {_first(value) for value in full.graph.input if value.name not in stored}
        fixed = _inferred(_with_batch_one(full, batches - {""}), [])
        single = {value.name: _tensor(value) for value in _values(fixed.graph)}
    sizes = {name: _sizes(tensor) for name, tensor in single.items()}
    return Shapes(tensors, sizes, tuple(warnings))


def tensor_from(value: "onnx.ValueInfoProto") -> Tensor:
    """The tensor that an input or output of the graph declares."""
    return _tensor(value)


def _values(graph: "onnx.GraphProto") -> "Iterable[onnx.ValueInfoProto]":
    yield from graph.value_info
    yield from graph.input
    yield from graph.output


def _incomplete(model: "onnx.ModelProto") -> bool:
    known = {value.name for value in _values(model.graph) if _has_shape(value)}
    made = (name for node in model.graph.node for name in node.output if name)
    return any(name not in known for name in made)


def _inferred(model: "onnx.ModelProto", warnings: list[str]) -> "onnx.ModelProto":
    from core.model.onnx_parts import InferenceFailed, infer_shapes

    try:
        return infer_shapes(model, data_prop=True)
    except InferenceFailed as error:
        reason = " ".join(str(error).split())[:200]
        warnings.append(f"Some shapes are not known, because the model is not consistent: {reason}")
        return model


def _with_batch_name(model: "onnx.ModelProto", inputs: list[str]) -> "onnx.ModelProto":
    named = _copy(model)
    for value in named.graph.input:
        if value.name in inputs and not _first(value):
            value.type.tensor_type.shape.dim[0].dim_param = _BATCH
    return named


def _with_batch_one(model: "onnx.ModelProto", batches: set[str]) -> "onnx.ModelProto":
    single = _copy(model)
    for value in _values(single.graph):
        if value.type.HasField("tensor_type"):
            for size in value.type.tensor_type.shape.dim:
                if size.dim_param in batches:
                    size.dim_value = 1
    return single


def _copy(model: "onnx.ModelProto") -> "onnx.ModelProto":
    copy = type(model)()
    copy.CopyFrom(model)
    return copy


def _free(value: "onnx.ValueInfoProto") -> bool:
    """Whether the first of at least two dimensions has no number."""
    if not _has_shape(value) or len(value.type.tensor_type.shape.dim) < 2:
        return False
    return not value.type.tensor_type.shape.dim[0].HasField("dim_value")


def _first(value: "onnx.ValueInfoProto") -> str:
    return value.type.tensor_type.shape.dim[0].dim_param if _free(value) else ""


def _has_shape(value: "onnx.ValueInfoProto") -> bool:
    return value.type.HasField("tensor_type") and value.type.tensor_type.HasField("shape")


def _dimension(size: "onnx.TensorShapeProto.Dimension") -> Dimension:
    if size.HasField("dim_value"):
        return size.dim_value
    return size.dim_param or None


def _tensor(value: "onnx.ValueInfoProto") -> Tensor:
    return tensor_of_type(value.name, value.type)


def tensor_of_type(name: str, declared: "onnx.TypeProto") -> Tensor:
    """A tensor of a declared type."""
    shape = None
    if declared.HasField("tensor_type") and declared.tensor_type.HasField("shape"):
        shape = tuple(_dimension(size) for size in declared.tensor_type.shape.dim)
    return Tensor(name, _dtype(declared), shape)


def _sizes(tensor: Tensor) -> tuple[int | None, ...] | None:
    if tensor.shape is None:
        return None
    return tuple(size if isinstance(size, int) and size >= 0 else None for size in tensor.shape)


def _dtype(declared: "onnx.TypeProto") -> str:
    for kind in ("tensor_type", "sparse_tensor_type"):
        if declared.HasField(kind):
            return tensor_types.name_of(getattr(declared, kind).elem_type)
    if declared.HasField("sequence_type"):
        return f"sequence of {_dtype(declared.sequence_type.elem_type)}"
    if declared.HasField("optional_type"):
        return f"optional {_dtype(declared.optional_type.elem_type)}"
    return "map" if declared.HasField("map_type") else "unknown"
