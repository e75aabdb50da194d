"""Checks a quantized ONNX file against what each engine takes, without having the engine.

The rules were found by parsing with TensorRT-RTX 1.7.1 and running in ONNX Runtime 1.31 and
OpenVINO 2026.4.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.packed_weights import DOMAIN, OPERATOR
from core.techniques.editing import ModelEdit

if TYPE_CHECKING:
    import onnx

TENSORRT = "tensorrt"
OPENVINO = "openvino"
ONNX_RUNTIME = "onnxruntime"
TARGETS = (TENSORRT, OPENVINO, ONNX_RUNTIME)

_PAIR = frozenset({"QuantizeLinear", "DequantizeLinear"})
RUN_TIME_RANGES = frozenset({"DynamicQuantizeLinear", "MatMulInteger", "ConvInteger"})
_PER_CHANNEL_OPSET = 13
_WIDE = frozenset({"int16", "uint16"})
"""16-bit integers; only ONNX Runtime takes them."""


@dataclass(frozen=True)
class Rule:
    """One thing that some engines refuse in a node."""

    id: str
    targets: frozenset[str]
    finds: "Callable[[ModelEdit, onnx.NodeProto], bool]"
    what: str


@dataclass(frozen=True)
class QdqProblem:
    """One node that an engine would refuse or misread."""

    rule: str
    node: str
    """Its name, or its operator where it has none."""
    what: str
    output: str
    """The tensor that it makes."""


def qdq_problems(model: Path, target: str) -> tuple[str, ...]:
    """Sentences on everything in the file that `target` (one of TARGETS) would refuse or misread.

    Raises InputError when the file cannot be read.
    """
    return tuple(f"{found.node}: {found.what}" for found in found_problems(model, target))


def found_problems(model: Path, target: str) -> tuple[QdqProblem, ...]:
    """The same as data."""
    edit = ModelEdit.open(model)
    return tuple(_problems(edit, target))


def _problems(edit: ModelEdit, target: str) -> Iterator[QdqProblem]:
    for node in edit.nodes:
        for rule in _RULES:
            if target in rule.targets and rule.finds(edit, node):
                yield QdqProblem(rule.id, node.name or node.op_type, rule.what, node.output[0])


def _integer_dtype(edit: ModelEdit, node: "onnx.NodeProto") -> str:
    """Type of the integers of a pair's half: of its zero point, else of its stored input."""
    if len(node.input) > 2 and node.input[2]:
        return edit.dtype(node.input[2]) or ""
    return edit.dtype(node.input[0]) or "uint8"


def _is_pair(node: "onnx.NodeProto") -> bool:
    return node.op_type in _PAIR and node.domain in {"", "ai.onnx"}


def _shifted(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    if not _is_pair(node) or len(node.input) < 3 or not edit.is_weight(node.input[2]):
        return False
    return bool(edit.weight(node.input[2]).any())


def _int32(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return node.op_type == "DequantizeLinear" and _integer_dtype(edit, node) == "int32"


def _unsigned(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return _is_pair(node) and _integer_dtype(edit, node) == "uint8"


def _wide(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return node.op_type in _PAIR and _integer_dtype(edit, node) in _WIDE


def _scale_not_positive(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    if node.op_type not in _PAIR or not edit.is_weight(node.input[1]):
        return False
    return not bool((edit.weight(node.input[1]) > 0).all())


def _foreign_domain(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return node.op_type in _PAIR and not _is_pair(node)


def _run_time_ranges(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return node.op_type in RUN_TIME_RANGES


def _cast_weight(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return node.op_type == "Cast" and edit.dtype(node.input[0]) == "int8"


def _per_channel_too_early(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    if node.op_type not in _PAIR or edit.opset >= _PER_CHANNEL_OPSET:
        return False
    return edit.is_weight(node.input[1]) and edit.weight(node.input[1]).size > 1


def _packed_product(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    return (node.op_type, node.domain) == (OPERATOR, DOMAIN)


_RULES = (
    Rule("zero-point", frozenset({TENSORRT}), _shifted, "its zero point is not 0."),
    Rule(
        "int32-bias",
        frozenset({TENSORRT}),
        _int32,
        "it dequantizes INT32; keep the bias in float32.",
    ),
    Rule(
        "uint8", frozenset({TENSORRT}), _unsigned, "UINT8 is read as INT8, which cuts values off."
    ),
    Rule("16-bit", frozenset({TENSORRT, OPENVINO}), _wide, "16-bit integers are not supported."),
    Rule("scale", frozenset(TARGETS), _scale_not_positive, "a scale is not positive."),
    Rule(
        "foreign-pair",
        frozenset({TENSORRT, OPENVINO}),
        _foreign_domain,
        "it is no standard operator.",
    ),
    Rule(
        "run-time-ranges",
        frozenset({TENSORRT}),
        _run_time_ranges,
        "ranges at run time are not supported.",
    ),
    Rule(
        "integer-weight",
        frozenset({TENSORRT}),
        _cast_weight,
        "an INT8 constant is taken by DequantizeLinear only.",
    ),
    Rule(
        "per-channel",
        frozenset(TARGETS),
        _per_channel_too_early,
        "scales per channel need opset 13.",
    ),
    Rule(
        "packed-product",
        frozenset({TENSORRT}),
        _packed_product,
        "weights packed into few bits are ONNX Runtime's own form, which OpenVINO also takes.",
    ),
)
