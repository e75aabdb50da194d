"""Runs a part of a model in ONNX Runtime, on one thread and without threads that spin."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# onnxruntime has no stubs.

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from core.errors import UserError

if TYPE_CHECKING:
    import numpy as np

Lot = Mapping[str, "np.ndarray"]
"""Tensor name to array. All arrays have the same rows, or belong to one input alone."""

_ERRORS_ONLY = 3


class PartSession:
    """A part, ready to run."""

    def __init__(self, model: bytes, *, keeps_memory: bool = True) -> None:
        """`model` is a serialized ONNX model. Raises UserError when it cannot be prepared.

        One that does not keep the memory in which it computed is somewhat slower.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = keeps_memory
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises its own classes and plain RuntimeError
            raise _refused(error) from error
        self.inputs: tuple[str, ...] = tuple(port.name for port in self._session.get_inputs())
        self.outputs: tuple[str, ...] = tuple(port.name for port in self._session.get_outputs())

    def run(self, values: Lot) -> "dict[str, np.ndarray]":
        """Give it what it takes out of `values`. Raises UserError when it fails."""
        feeds = {name: values[name] for name in self.inputs}
        try:
            found = cast("list[np.ndarray]", self._session.run(None, feeds))
        except Exception as error:  # as above
            raise _refused(error) from error
        return dict(zip(self.outputs, found, strict=True))


def carried(before: Lot, made: Lot, names: Iterable[str]) -> Lot:
    """The tensors alive at a cut: what a part has made, and what passes by it."""
    return {name: made[name] if name in made else before[name] for name in names}


def _refused(error: Exception) -> UserError:
    why = " ".join(str(error).split())
    return UserError(
        "A part of the model could not be run.",
        f"ONNX Runtime says: {why[:300]}",
        "Check that the whole model runs on these inputs.",
    )
