"""An OpenVINO network as plain data, whether it came from an XML file or from the library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.model.graph import Dimension

_TYPES: Mapping[str, str] = {
    "FP32": "float32", "FP16": "float16", "FP64": "float64", "BF16": "bfloat16", "BOOL": "bool",
    "F32": "float32", "F16": "float16", "F64": "float64", "BOOLEAN": "bool", "U1": "uint1",
    "BIN": "uint1", "STRING": "string", "F8E4M3": "float8e4m3fn", "F8E5M2": "float8e5m2",
    "F8E8M0": "float8e8m0", "F4E2M1": "float4e2m1", "HF8": "float8e4m3fn", "BF8": "float8e5m2",
    "NF4": "nf4",
    **{f"I{bits}": f"int{bits}" for bits in (4, 8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (2, 3, 4, 6, 8, 16, 32, 64)},
}  # fmt: skip


@dataclass(frozen=True)
class Port:
    """One input or output of an operation."""

    id: str
    dtype: str
    shape: tuple[Dimension, ...] | None
    names: tuple[str, ...] = ()
    """Names of the tensor, the first one foremost."""


@dataclass(frozen=True)
class Blob:
    """Numbers in the .bin file."""

    name: str
    dtype: str
    shape: tuple[int, ...] | None
    """None where only the bytes are known."""
    offset: int
    bytes: int


@dataclass(frozen=True)
class Body:
    """A network within an operation, and how it is wired to the operation's ports."""

    role: str
    """“body”, “then_body” or “else_body”."""
    net: "Net"
    inputs: Sequence[tuple[str, str]]
    """The operation's input port and the Parameter inside that it feeds."""
    results: Sequence[str]
    """The Results inside that leave through the operation's outputs or go round again."""


@dataclass(frozen=True)
class Op:
    """One operation; `id` is unique in its network, `name` in the whole model."""

    id: str
    name: str
    type: str
    opset: str
    attributes: Mapping[str, str]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    blobs: tuple[Blob, ...] = ()
    bodies: tuple[Body, ...] = ()


@dataclass(frozen=True)
class Net:
    """Operations and the edges between them: from (op, port) to (op, port), by ids."""

    ops: Sequence[Op]
    edges: Sequence[tuple[tuple[str, str], tuple[str, str]]]
    name: str = ""
    version: str = ""
    producer: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


def dtype_of(precision: str) -> str:
    """OpenVINO's name of an element type in this program's words."""
    return _TYPES.get(precision.upper(), precision.lower() or "unknown")
