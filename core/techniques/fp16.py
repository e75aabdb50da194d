"""FP16: weights and arithmetic in 16-bit floating point, half the size."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.model.graph import Layer, LayerId, ModelGraph, Weight
from core.model.half_floats import LARGEST
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome, Variant
from core.techniques.editing import ModelEdit
from core.techniques.refusals import FLOAT32, domain_refusal, float_refusal

if TYPE_CHECKING:
    import onnx
    from onnx.defs import OpSchema

_FLOAT32_ONLY = frozenset(
    {
        "Cast", "CastLike", "Constant", "ConstantOfShape", "DequantizeLinear", "QuantizeLinear",
        "DynamicQuantizeLinear", "If", "Loop", "Scan", "NonMaxSuppression", "Range", "Shape",
        "Size", "Resize", "Upsample", "CumSum", "RandomNormal", "RandomNormalLike", "RandomUniform",
        "RandomUniformLike", "Bernoulli", "EyeLike", "Multinomial", "ScatterElements", "ScatterND",
        "RoiAlign", "TopK", "Optional", "OptionalGetElement", "SequenceAt", "SequenceConstruct",
    }
)  # fmt: skip
"""Operators that convert types, have bodies, or that runtimes offer in float32 only."""


class Fp16(Technique):
    """Rewrites layers to float16 with Casts at the borders; see `_Halves`."""

    name = "fp16"
    label = "FP16"
    short = "FP16"
    summary = (
        "Stores weights as 16-bit floats, half the size, nearly without loss. Faster on GPUs and "
        "on processors with 16-bit arithmetic; others convert while they compute. "
        "Inputs and outputs of the model stay float32."
    )
    weight_bits = 16
    variants = (Variant("fp16", "FP16"),)

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        if layer.operator in _FLOAT32_ONLY:
            return f"{layer.operator} does not compute in float16."
        return domain_refusal(layer) or float_refusal(layer, graph)

    def weight_bytes_after(self, weight: Weight) -> int:
        return weight.bytes // 2 if weight.dtype == FLOAT32 else weight.bytes

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        edit = ModelEdit.open(work.source)
        layers = edit.layers(work.choices)
        too_large = _beyond_range(edit, layers)
        treated = {layer: node for layer, node in layers.items() if layer not in too_large}
        halves = _Halves(edit, {name: tensor.dtype for name, tensor in work.graph.tensors.items()})
        for done, node in enumerate(treated.values()):
            halves.treat(node)
            work.progress(done + 1, len(treated), "Converting to float16")
        halves.restore_float32()
        edit.save(work.target)
        notes = (
            f"{layer} stays FP32: its weights reach {value:.3g}, and FP16 ends at {LARGEST:g}."
            for layer, value in too_large.items()
        )
        return TechniqueOutcome(tuple(treated), tuple(notes))


def _beyond_range(
    edit: ModelEdit, layers: "Mapping[LayerId, onnx.NodeProto]"
) -> dict[LayerId, float]:
    """The layers with a weight that float16 cannot hold, and that weight's size."""
    found: dict[LayerId, float] = {}
    for layer, node in layers.items():
        for name in node.input:
            if edit.dtype(name) == FLOAT32:
                largest = float(abs(edit.weight(name)).max(initial=0.0))
                if largest > LARGEST and largest != float("inf"):
                    found[layer] = max(largest, found.get(layer, 0.0))
    return found


class _Halves:
    """Lets nodes compute in float16, while the original tensor names go on meaning float32.

    A treated node takes and makes float16 twins of its float32 tensors. A Cast makes a twin where
    the maker is not treated, and makes the float32 original where somebody untreated asks for it.
    """

    def __init__(self, edit: ModelEdit, dtypes: Mapping[str, str]) -> None:
        self._edit = edit
        self._dtypes = dtypes
        self._twins: dict[str, str] = {}
        self._made: set[str] = set()
        """float32 tensors whose maker now makes only the twin."""

    def treat(self, node: "onnx.NodeProto") -> None:
        """Change one node. Nodes come in topological order."""
        schema = _schema(node, self._edit.opset)
        if schema is None:
            return
        free = self._free_types(node, schema)
        for index, name in enumerate(node.input):
            if name and _type_name(schema.inputs, index) in free:
                node.input[index] = self._twins.get(name) or self._convert(name)
        for index, name in enumerate(node.output):
            if name and _type_name(schema.outputs, index) in free:
                node.output[index] = self._twins[name] = self._edit.fresh(f"{name}/float16")
                self._made.add(name)

    def restore_float32(self) -> None:
        """Make the originals that an untreated node, a body or an output of the model asks for."""
        from onnx import TensorProto, helper

        edit = self._edit
        asked = set(edit.consumers()) | edit.captured() | edit.outputs()
        for name in sorted(self._made & asked):
            twin = self._twins[name]
            cast = edit.fresh(f"{name}/to_float32")
            edit.after(twin, helper.make_node("Cast", [twin], [name], cast, to=TensorProto.FLOAT))

    def _free_types(self, node: "onnx.NodeProto", schema: "OpSchema") -> set[str]:
        """The schema's type names that stand for float32 here and may stand for float16."""
        allowed = {
            constraint.type_param_str
            for constraint in schema.type_constraints
            if "tensor(float16)" in constraint.allowed_type_strs
        }
        found: set[str] = set()
        for index, name in enumerate(node.input):
            type_name = _type_name(schema.inputs, index)
            if name and type_name in allowed and self._is_float32(name):
                found.add(type_name)
        return found

    def _is_float32(self, name: str) -> bool:
        stored = self._edit.dtype(name)
        return (stored or self._dtypes.get(name) or FLOAT32) == FLOAT32

    def _convert(self, name: str) -> str:
        import numpy as np
        from onnx import TensorProto, helper

        edit = self._edit
        if edit.is_weight(name):
            twin = edit.add_weight(f"{name}/float16", edit.weight(name).astype(np.float16))
        else:
            twin = edit.fresh(f"{name}/float16")
            cast = edit.fresh(f"{name}/to_float16")
            edit.after(name, helper.make_node("Cast", [name], [twin], cast, to=TensorProto.FLOAT16))
        self._twins[name] = twin
        return twin


def _schema(node: "onnx.NodeProto", opset: int) -> "OpSchema | None":
    from onnx import defs

    if not defs.has(node.op_type, max_inclusive_version=opset):
        return None
    return defs.get_schema(node.op_type, max_inclusive_version=opset)


def _type_name(parameters: "Sequence[OpSchema.FormalParameter]", index: int) -> str:
    """Name of a parameter's type; the last parameter may repeat."""
    return parameters[min(index, len(parameters) - 1)].type_str if parameters else ""
