"""Reads ONNX Runtime's profile: which kernel ran, in which precision, for which layers."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# onnx has no complete stubs.

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.runtimes.base import WARM_INFERENCES, ExecutedLayer
from core.runtimes.onnx_runtime_origins import layers_behind
from core.runtimes.origins import Origins

CPU = "CPUExecutionProvider"
_EVENT_SUFFIX = "_kernel_time"
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
    taken: str
    """What its first input is made of: for quantized kernels that is the activation."""
    made: str
    operator: str
    provider: str
    milliseconds: list[float] = field(default_factory=list[float])

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds[WARM_INFERENCES:] or self.milliseconds)


def kernels_from_profile(
    profile: Path, optimized: Path, origins: Origins
) -> tuple[ExecutedLayer, ...]:
    """Join the profile's timed kernels with the optimized model's nodes, in execution order."""
    import onnx

    timed = _timed_kernels(json.loads(profile.read_text(encoding="utf-8")))
    graph = onnx.load(str(optimized), load_external_data=False).graph
    nodes = {node.name: node for node in graph.node}
    ran = [nodes[name] for name in timed if name in nodes]
    kernels = layers_behind(ran, {weight.name for weight in graph.initializer}, origins)
    return tuple(
        ExecutedLayer(
            name=node.name,
            kind=node.op_type,
            precision=timed[node.name].made if converts else timed[node.name].taken,
            source_precision=timed[node.name].taken if converts else "",
            kernel=_kernel(timed[node.name].provider, node.domain, node.op_type),
            milliseconds=timed[node.name].median,
            layers=layers,
            serves=serves,
            converts=converts,
            of_weight=converts and of_weight,
        )
        for node, layers, serves, converts, of_weight in kernels
    )


def kernels_of_parts(profile: Path, origins: Origins) -> tuple[ExecutedLayer, ...]:
    """The same where a provider compiled parts of the model, of which only the whole is timed.

    A node that kept its name is its own layer; where one part was compiled, it did all the rest.
    """
    timed = _timed_kernels(json.loads(profile.read_text(encoding="utf-8")))
    own = {name: node.layer for name in timed if (node := origins.node(name)) and not node.glue}
    parts = [name for name in timed if origins.node(name) is None]
    rest = tuple(layer for layer in origins.layers() if layer not in set(own.values()))
    return tuple(
        ExecutedLayer(
            name=name,
            kind=kernel.operator,
            precision=kernel.taken if name in own else "",
            kernel=f"{kernel.provider}.{kernel.operator}",
            milliseconds=kernel.median,
            layers=(own[name],) if name in own else rest if parts == [name] else (),
        )
        for name, kernel in timed.items()
    )


def _timed_kernels(events: list[dict[str, Any]]) -> dict[str, _Timed]:
    """By name, in the order in which they first ran."""
    ends = 0
    timed: dict[str, _Timed] = {}
    for event in sorted((e for e in events if e.get("cat") == "Node"), key=lambda e: e["ts"]):
        if event["ts"] < ends or not event["name"].endswith(_EVENT_SUFFIX):
            continue  # in the body of a loop, whose own time holds it
        ends = event["ts"] + event["dur"]
        arguments = event["args"]
        kernel = timed.setdefault(
            event["name"].removesuffix(_EVENT_SUFFIX),
            _Timed(
                _precision(arguments["input_type_shape"]),
                _precision(arguments["output_type_shape"]),
                arguments["op_name"],
                arguments.get("provider", ""),
            ),
        )
        kernel.milliseconds.append(event["dur"] / 1000)
    return timed


def _kernel(provider: str, domain: str, operator: str) -> str:
    """A kernel's name, with its provider where that is not the CPU's."""
    name = f"{domain or 'ai.onnx'}.{operator}"
    return name if provider in {"", CPU} else f"{provider}: {name}"


def _precision(types: list[dict[str, Any]]) -> str:
    """Of the first tensor."""
    first = next((kind for entry in types for kind in entry), "")
    return _PRECISIONS.get(first) or first
