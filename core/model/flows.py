"""What is known of a tensor, and what onnx infers about a node's outputs from that."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from core.model import tensor_types
from core.model.attributes import attribute_numbers
from core.model.graph import Dimension
from core.model.onnx_rows import NodeKind
from core.model.onnx_table import OnnxTable
from core.model.packed_weights import DOMAIN, OPERATOR
from core.model.shape_values import Value, reshaped, value_of
from core.model.shapes import INVENTED, tensor_of_type

if TYPE_CHECKING:
    import onnx
    from onnx.defs import OpSchema

Shape = tuple[Dimension, ...] | None
_NUMBERS = {name: number for number, name in tensor_types.NAMES.items()}
_SEPARATE_WEIGHTS = 4
"""From this version of the format on weights need not be inputs."""
_INTEGERS = ("int64", "int32")
_READ_NUMBERS = frozenset({"Resize", "Upsample", "Range"})


class Flow(NamedTuple):
    """What is known of a tensor."""

    dtype: str
    shape: Shape
    stored: bool = False
    value: Value = None
    """Its numbers, where they are few integers that others are shaped by."""
    other: bytes = b""
    """The TypeProto of what is no tensor, such as a sequence."""


def flow_of_type(declared: "onnx.TypeProto") -> Flow:
    """What a declared type says."""
    tensor = tensor_of_type("", declared)
    is_tensor = declared.HasField("tensor_type")
    other = b"" if is_tensor else declared.SerializeToString()
    return Flow(tensor.dtype, tensor.shape, other=other)


def with_batch(flow: Flow, batches: frozenset[str]) -> Flow:
    """The flow with 1 in place of these names."""
    if not batches or flow.shape is None:
        return flow
    return flow._replace(shape=tuple(1 if size in batches else size for size in flow.shape))


def merged(declared: Flow, inferred: Flow) -> Flow:
    """What the model says, completed by what was inferred."""
    dtype = inferred.dtype if declared.dtype == "unknown" else declared.dtype
    return inferred._replace(
        dtype=dtype, shape=_merged(declared.shape, inferred.shape), other=declared.other
    )


def _merged(declared: Shape, inferred: Shape) -> Shape:
    if declared is None or inferred is None or len(declared) != len(inferred):
        return inferred if declared is None else declared
    return tuple(
        said
        if isinstance(said, int) or found is None or (said and isinstance(found, str))
        else found
        for said, found in zip(declared, inferred, strict=True)
    )


class Inference:
    """onnx's shape inference, one node at a time."""

    def __init__(self, table: OnnxTable) -> None:
        self._table = table
        self._schemas: dict[tuple[str, str], OpSchema | None] = {}

    def reads_tensors(self, kind: NodeKind) -> bool:
        """Whether its outputs' shapes depend on numbers that are no integers."""
        return kind.operator in _READ_NUMBERS and kind.standard

    def outputs(
        self,
        kind: NodeKind,
        taken: Sequence[Flow | None],
        count: int,
        tensors: "Mapping[int, onnx.TensorProto]",
    ) -> list[Flow]:
        """The flows of a node's outputs. `tensors` are numbers by the place of the input."""
        found = self._inferred(kind, taken, count, tensors)
        if not kind.standard or not found:
            return found
        numbers = attribute_numbers(kind.proto)
        shapes = [flow.shape if flow else None for flow in taken]
        values = [flow.value if flow else None for flow in taken]
        value = value_of(kind.operator, numbers, shapes, values)
        shape = found[0].shape
        if kind.operator == "Reshape" and len(taken) > 1:
            better = reshaped(shapes[0], values[1], numbers)
            shape = better if better is not None and _knows_more(better, shape) else shape
        return [found[0]._replace(shape=shape, value=value), *found[1:]]

    def _inferred(
        self,
        kind: NodeKind,
        taken: Sequence[Flow | None],
        count: int,
        tensors: "Mapping[int, onnx.TensorProto]",
    ) -> list[Flow]:
        from core.model.onnx_parts import InferenceFailed, infer_shapes

        unknown = [Flow("unknown", None)] * count
        if self.schema(kind) is None:
            return _contributed(kind, taken) or unknown
        model = self._model_of(kind, taken, count)
        for place, tensor in tensors.items():
            model.graph.initializer.add().CopyFrom(tensor)
            model.graph.initializer[-1].name = f"i{place}"
        try:
            full = infer_shapes(model)
        except InferenceFailed:
            return unknown
        given = {size for flow in taken if flow for size in flow.shape or ()}
        found = {
            value.name: _without_invented(flow_of_type(value.type), given)
            for value in full.graph.value_info
        }
        return [found.get(f"o{place}", unknown[place]) for place in range(count)]

    def _model_of(
        self, kind: NodeKind, taken: Sequence[Flow | None], count: int
    ) -> "onnx.ModelProto":
        """A model of one node. Inferring a node alone would refuse one that is not perfect."""
        from core.model.onnx_parts import ModelProto

        model = ModelProto(ir_version=max(self._table.header.ir_version, _SEPARATE_WEIGHTS))
        model.opset_import.extend(self._table.header.opset_import)
        node = model.graph.node.add()
        node.CopyFrom(kind.proto)
        node.op_type, node.domain = kind.operator, kind.domain
        node.input.extend(f"i{place}" if flow else "" for place, flow in enumerate(taken))
        node.output.extend(f"o{place}" for place in range(count))
        for place, flow in enumerate(taken):
            if flow and (declared := _type(flow)) is not None:
                model.graph.input.add(name=f"i{place}").type.CopyFrom(declared)
            if flow and (numbers := _tensor(flow)) is not None:
                model.graph.initializer.add(name=f"i{place}").MergeFrom(numbers)
        return model

    def schema(self, kind: NodeKind) -> "OpSchema | None":
        """The operator as the model's opset defines it."""
        from core.model.onnx_parts import schema_of

        key = kind.operator, kind.domain
        if key not in self._schemas:
            domain = "" if kind.standard else kind.domain
            version = self._versions.get(domain, 1 if kind.standard else 0)
            self._schemas[key] = schema_of(kind.operator, version, domain)
        return self._schemas[key]

    @cached_property
    def _versions(self) -> dict[str, int]:
        return {
            "" if entry.domain == "ai.onnx" else entry.domain: entry.version
            for entry in reversed(self._table.header.opset_import)
        }


def _contributed(kind: NodeKind, taken: Sequence[Flow | None]) -> list[Flow]:
    """Outputs of operators that techniques put in and onnx has no schema of; empty for others."""
    if (kind.operator, kind.domain) != (OPERATOR, DOMAIN) or not taken or taken[0] is None:
        return []
    width = next(iter(attribute_numbers(kind.proto).get("N", ())), None)
    rows = taken[0].shape
    return [Flow(taken[0].dtype, None if not rows else (*rows[:-1], width))]


def _without_invented(flow: Flow, given: set[Dimension]) -> Flow:
    """Without the names that onnx invents for sizes; another node gets the same ones."""
    if flow.shape is None:
        return flow
    invented = {size for size in flow.shape if isinstance(size, str) and size.startswith(INVENTED)}
    invented -= given
    return flow._replace(shape=tuple(None if size in invented else size for size in flow.shape))


def _knows_more(one: Shape, two: Shape) -> bool:
    def known(shape: Shape) -> tuple[int, int]:
        sizes = [size for size in shape or () if size is not None]
        return sum(isinstance(size, int) for size in sizes), len(sizes) - (shape is None)

    return known(one) > known(two)


def _type(flow: Flow) -> "onnx.TypeProto | None":
    from core.model.onnx_parts import TypeProto

    if flow.other:
        return TypeProto.FromString(flow.other)
    number = _NUMBERS.get(flow.dtype)
    if number is None:
        return None
    found = TypeProto()
    found.tensor_type.elem_type = number
    if flow.shape is not None:
        found.tensor_type.shape.SetInParent()
        for size in flow.shape:
            one = found.tensor_type.shape.dim.add()
            if isinstance(size, str):
                one.dim_param = size
            elif size is not None:
                one.dim_value = size
    return found


def _tensor(flow: Flow) -> "onnx.TensorProto | None":
    """The numbers of a flow, where all are known."""
    from core.model.onnx_parts import TensorProto

    numbers = [number for number in flow.value or () if isinstance(number, int)]
    if flow.value is None or len(numbers) < len(flow.value) or flow.dtype not in _INTEGERS:
        return None
    found = TensorProto(data_type=_NUMBERS[flow.dtype])
    found.dims.extend(size for size in flow.shape or () if isinstance(size, int))
    (found.int64_data if flow.dtype == "int64" else found.int32_data).extend(numbers)
    return found
