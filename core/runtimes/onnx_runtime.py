"""ONNX Runtime on the CPU."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pyright: reportUnknownParameterType=false
# onnxruntime has no stubs.

import importlib
import inspect
import tempfile
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

import psutil

from core.devices.limits import usable_processors
from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.runtimes.base import (
    Availability,
    ExecutedLayer,
    Port,
    Runtime,
    Session,
    check_batch,
    library_availability,
)
from core.runtimes.feeds import made_up_feeds
from core.runtimes.onnx_runtime_profile import kernels_from_profile
from core.runtimes.origins import Origins

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime

    from core.runtimes.base import Infer

_ERRORS_ONLY = 3
_DTYPES = {"float": "float32", "double": "float64"}
"""Where ONNX Runtime's name of an element type is not numpy's."""


class OnnxRuntime(Runtime):
    """Microsoft's runtime. With threads = 0 nothing is set: these are its true defaults."""

    name: ClassVar[str] = "onnxruntime"
    label: ClassVar[str] = "ONNX Runtime"

    def availability(self) -> Availability:
        return library_availability("onnxruntime", "onnxruntime")

    def load_library(self) -> None:
        _library_errors()

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)

    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool = False) -> Session:
        self.check(choice)
        return _OnnxRuntimeSession(model, choice, profile=profile)


class _OnnxRuntimeSession(Session):
    def __init__(self, model: Path, choice: RuntimeChoice, *, profile: bool) -> None:
        self._model = model
        self._choice = choice
        self._scratch = tempfile.TemporaryDirectory() if profile else None
        _library_errors()  # the import may start threads, which must not be counted
        before = psutil.Process().num_threads()
        self._session = _open(model, choice, Path(self._scratch.name) if self._scratch else None)
        # Who computes on one thread can be called from many; others would share their threads.
        alone = choice.streams > 1 and _threads_of_a_stream(choice) == 1
        self._sessions = [self._session] * (choice.streams if alone else 1)
        while len(self._sessions) < choice.streams:
            self._sessions.append(_open(model, choice, None))
        # The library does not tell how many threads it took: those of the callers and those it
        # started.
        self.threads = choice.streams + psutil.Process().num_threads() - before
        self.inputs = tuple(_port(port) for port in self._session.get_inputs())
        self.outputs = tuple(_port(port) for port in self._session.get_outputs())
        check_batch(model, self.inputs, choice.batch)

    def infer(self, feeds: Mapping[str, "np.ndarray"]) -> "dict[str, np.ndarray]":
        return self._infer(self._session, feeds)

    @property
    def lanes(self) -> "tuple[Infer, ...]":
        return tuple(partial(self._infer, session) for session in self._sessions)

    def _infer(
        self, session: "onnxruntime.InferenceSession", feeds: Mapping[str, "np.ndarray"]
    ) -> "dict[str, np.ndarray]":
        try:
            values = session.run(None, dict(feeds))
        except (*_library_errors(), ValueError, RuntimeError, TypeError) as error:
            raise _refusal(self._model, error) from error
        arrays = cast("list[np.ndarray]", values)
        return {port.name: array for port, array in zip(self.outputs, arrays, strict=True)}

    def executed_layers(self) -> tuple[ExecutedLayer, ...]:
        if self._scratch is None:
            return self._layers_of_a_profiled_twin()
        optimized = Path(self._scratch.name) / "optimized.onnx"
        profile = Path(self._session.end_profiling())
        return kernels_from_profile(profile, optimized, Origins.of(self._model))

    def _layers_of_a_profiled_twin(self) -> tuple[ExecutedLayer, ...]:
        twin = _OnnxRuntimeSession(self._model, self._choice, profile=True)
        try:
            twin.infer(made_up_feeds(twin.inputs, self._choice.batch))
            layers = twin.executed_layers()
        finally:
            twin.close()
        return tuple(layer.model_copy(update={"milliseconds": None}) for layer in layers)

    def close(self) -> None:
        del self._session, self._sessions
        if self._scratch is not None:
            self._scratch.cleanup()


def _open(
    model: Path, choice: RuntimeChoice, scratch: Path | None
) -> "onnxruntime.InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    if choice.streams > 1:
        options.intra_op_num_threads = _threads_of_a_stream(choice)
    elif choice.threads:
        options.intra_op_num_threads = choice.threads
    if scratch is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(scratch / "profile")
        options.optimized_model_filepath = str(scratch / "optimized.onnx")
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except (*_library_errors(), ValueError, RuntimeError) as error:
        raise _refusal(model, error) from error


def _threads_of_a_stream(choice: RuntimeChoice) -> int:
    return max(1, (choice.threads or usable_processors()) // choice.streams)


@cache
def _library_errors() -> tuple[type[Exception], ...]:
    """The library's exceptions, which have no base class of their own."""
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    classes = [member for _, member in inspect.getmembers(state, inspect.isclass)]
    return tuple(kind for kind in classes if issubclass(kind, Exception))


def _port(port: "onnxruntime.NodeArg") -> Port:
    element = port.type.removeprefix("tensor(").removesuffix(")")
    shape = tuple(size if isinstance(size, int) else None for size in port.shape)
    return Port(port.name, _DTYPES.get(element) or element, shape)


def _refusal(model: Path, error: Exception) -> UserError:
    why = " ".join(str(error).split()) or type(error).__name__
    return UserError(
        f"ONNX Runtime cannot run {model.name}.",
        f"It says: {why[:300]}",
        "Choose another runtime for this model.",
    )
