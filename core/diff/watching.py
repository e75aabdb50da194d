"""Runs a working copy in ONNX Runtime and hands out the tensors inside it.

Optimizations are off: fused layers would leave no tensors between them, and what is asked for is
what the file says, quantization taken literally.
"""
# onnxruntime has no stubs, onnx leaves a few types open:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from core.errors import UserError
from core.model.onnx_file import read_skeleton
from core.model.tensor_types import NAMES
from core.runtimes.base import Port

if TYPE_CHECKING:
    import numpy as np
    import onnx
    import onnxruntime

_ERRORS_ONLY = 3


def engine_words() -> str:
    """What computes the tensors, and how it is set."""
    version = metadata.version("onnxruntime")
    return f"ONNX Runtime {version} on the CPU, all graph optimizations off"


class WatchedModel:
    """A compiled model of which every tensor can be read. Belongs to one thread."""

    def __init__(self, copy: Path) -> None:
        """`copy` is a working copy (core.model.identity.stamp). Raises UserError.

        Writes a small file beside it; weights stay in the copy.
        """
        model = read_skeleton(copy)
        self.tensors = frozenset(name for node in model.graph.node for name in node.output if name)
        """Everything that a layer gives out."""
        self.inputs = tuple(_port(value) for value in model.graph.input)
        self.outputs = tuple(value.name for value in model.graph.output)
        self._name = copy.name
        self._session = _session(_with_all_outputs(copy, model), copy.name)

    def run(
        self, names: Sequence[str], feeds: "Mapping[str, np.ndarray]"
    ) -> "list[np.ndarray | None]":
        """The values of some tensors; None for what is no tensor of numbers. Raises UserError."""
        import numpy as np

        try:
            values = cast("list[Any]", self._session.run(list(names), dict(feeds)))
        except Exception as error:  # onnxruntime raises its own classes and plain RuntimeError
            raise UserError(
                f"“{self._name}” could not be run on these inputs.",
                f"ONNX Runtime says: {_words(error)}",
                "Check that the inputs fit the model.",
            ) from error
        return [
            value if isinstance(value, np.ndarray) and value.dtype.kind in "fiub" else None
            for value in values
        ]


def _with_all_outputs(copy: Path, model: "onnx.ModelProto") -> Path:
    """Write the model with all its tensors as outputs, beside the copy, whose weights it uses."""
    import onnx

    known = {value.name for value in model.graph.output}
    for node in model.graph.node:
        for name in node.output:
            if name and name not in known:
                known.add(name)
                model.graph.output.append(onnx.ValueInfoProto(name=name))
    path = copy.with_name(f"{copy.stem}.watched.onnx")
    path.write_bytes(model.SerializeToString())
    return path


def _session(path: Path, name: str) -> "onnxruntime.InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own classes and plain RuntimeError
        raise UserError(
            f"The tensors inside “{name}” cannot be computed.",
            f"ONNX Runtime says: {_words(error)}",
            "Compare the structure alone.",
        ) from error


def _port(value: "onnx.ValueInfoProto") -> Port:
    kind = value.type.tensor_type
    shape = tuple(
        size.dim_value if size.HasField("dim_value") and size.dim_value > 0 else None
        for size in kind.shape.dim
    )
    return Port(value.name, NAMES.get(kind.elem_type, "unknown"), shape)


def _words(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:300]
