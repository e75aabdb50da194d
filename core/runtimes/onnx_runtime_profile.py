"""Reads ONNX Runtime's profile: which kernel ran, in which precision, for which layers."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# onnx has no complete stubs.

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.runtimes.base import ExecutedLayer
from core.runtimes.origins import Origins

if TYPE_CHECKING:
    import onnx

_EVENT_SUFFIX = "_kernel_time"
_BLOCKED = "_nchwc"
"""A convolution moved to blocked layout is named after the tensor that it used to make."""
_RENAMED = "_token_"
"""A quantized kernel is named after the node that it replaced, this, and a number."""
_PRECISIONS = {
    "float": "f32",
    "float16": "f16",
    "bfloat16": "bf16",
    "double": "f64",
    "uint8": "u8",
    "int8": "i8",
    "int32": "i32",
    "int64": "i64",
}


@dataclass
class _Timed:
    precision: str
    milliseconds: list[float] = field(default_factory=list[float])


def kernels_from_profile(
    profile: Path, optimized: Path, origins: Origins
) -> tuple[ExecutedLayer, ...]:
    """Join the profile's timed kernels with the optimized model's nodes, in execution order.

    The time is the median over the profiled inferences.
    """
    import onnx

    timed = _timed_kernels(json.loads(profile.read_text(encoding="utf-8")))
    nodes = onnx.load(str(optimized), load_external_data=False).graph.node
    ran = [node for node in nodes if node.name in timed]
    anchors: dict[str, tuple[str, ...]] = {}
    borders: set[str] = set()
    for node in ran:
        # A reorder makes again, in another layout, what a blocked convolution made before it.
        anchors[node.name] = tuple(name for name in _anchors(node, origins) if name not in borders)
        borders.update(anchors[node.name])
    return tuple(
        ExecutedLayer(
            name=node.name,
            kind=node.op_type,
            precision=timed[node.name].precision,
            kernel=f"{node.domain or 'ai.onnx'}.{node.op_type}",
            milliseconds=statistics.median(timed[node.name].milliseconds),
            layers=origins.behind(anchors[node.name], borders),
        )
        for node in ran
    )


def _timed_kernels(events: list[dict[str, Any]]) -> dict[str, _Timed]:
    timed: dict[str, _Timed] = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith(_EVENT_SUFFIX):
            name = event["name"].removesuffix(_EVENT_SUFFIX)
            kernel = timed.setdefault(name, _Timed(_precision(event["args"])))
            kernel.milliseconds.append(event["dur"] / 1000)
    return timed


def _precision(arguments: dict[str, Any]) -> str:
    """What the first input is made of: for quantized kernels that is the activation."""
    types: list[str] = [kind for entry in arguments["input_type_shape"] for kind in entry]
    return _PRECISIONS.get(types[0]) or types[0] if types else ""


def _anchors(node: "onnx.NodeProto", origins: Origins) -> tuple[str, ...]:
    """The tensors of the unoptimized model that this kernel makes."""
    made = [name for name in node.output if origins.makes(name)]
    blocked = node.name.removesuffix(_BLOCKED)
    if blocked != node.name and origins.makes(blocked):
        made.append(blocked)
    if not made:
        made.extend(origins.made_by_node(node.name.rpartition(_RENAMED)[0] or node.name))
    return tuple(made)
