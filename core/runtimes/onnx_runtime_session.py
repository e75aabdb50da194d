"""Compiling and running models with ONNX Runtime, with whichever execution provider."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# pyright: reportUnknownParameterType=false
# onnxruntime has no stubs.

import importlib
import inspect
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psutil

from core.devices.limits import usable_processors
from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.runtimes.base import ExecutedLayer, Port, Runtime, Session, check_batch
from core.runtimes.feeds import made_up_feeds
from core.runtimes.onnx_runtime_profile import CPU, kernels_from_profile, kernels_of_parts
from core.runtimes.origins import Origins

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime

    from core.runtimes.base import Infer

_ERRORS_ONLY = 3
_SPINNING = "session.intra_op.allow_spinning"
_OPTIMIZED = "optimized.onnx"
_DTYPES = {"float": "float32", "double": "float64"}
"""Where ONNX Runtime's name of an element type is not numpy's."""


@dataclass(frozen=True)
class Provider:
    """An execution provider of ONNX Runtime, and what it and the session are told."""

    name: str = CPU
    """The library's name for it. It takes the nodes that it can, the CPU's takes the rest."""
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    before_cpu: tuple[str, ...] = ()
    """Other providers that may take what it leaves, before the CPU's does."""
    makes_own_kernels: bool = False
    """Whether it compiles parts of the model, which then cannot be saved for reading back."""
    plans_memory: bool = True
    """Whether the session may plan its memory ahead."""
    own_threads: bool = False
    """Whether it has threads of its own, so that those of the session should not spin."""
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    """Configuration entries of the session."""
    notes: tuple[str, ...] = ()
    """What has to be said about a session with it."""

    @property
    def order(self) -> list[str | tuple[str, dict[str, str]]]:
        """All providers in the order in which they may take nodes."""
        if self.name == CPU:
            return [CPU]
        return [(self.name, dict(self.options)), *self.before_cpu, CPU]


class OnnxRuntimeBase(Runtime):
    """Microsoft's runtime. With threads = 0 nothing is set: these are its true defaults."""

    def load_library(self) -> None:
        _library_errors()

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        """What is to execute this model."""
        return Provider()

    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool = False) -> Session:
        self.check(choice)
        provider = self.provider(model, choice)
        session = _OnnxRuntimeSession(self.label, provider, model, choice, profile=profile)
        session.notes = provider.notes
        return session


class _OnnxRuntimeSession(Session):
    def __init__(
        self, label: str, provider: Provider, model: Path, choice: RuntimeChoice, *, profile: bool
    ) -> None:
        self._label = label
        self._provider = provider
        self._model = model
        self._choice = choice
        self._scratch = tempfile.TemporaryDirectory() if profile else None
        _library_errors()  # the import may start threads, which must not be counted
        before = psutil.Process().num_threads()
        scratch = Path(self._scratch.name) if self._scratch else None
        self._session = self._open(scratch)
        # Who computes on one thread can be called from many; others would share their threads.
        alone = choice.streams > 1 and _threads_of_a_stream(choice) == 1
        self._sessions = [self._session] * (choice.streams if alone else 1)
        while len(self._sessions) < choice.streams:
            self._sessions.append(self._open(None))
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
            raise self._refusal(error) from error
        arrays = cast("list[np.ndarray]", values)
        return {port.name: array for port, array in zip(self.outputs, arrays, strict=True)}

    def executed_layers(self) -> tuple[ExecutedLayer, ...]:
        if self._scratch is None:
            return self._layers_of_a_profiled_twin()
        profile = Path(self._session.end_profiling())
        if self._provider.makes_own_kernels:
            return kernels_of_parts(profile, Origins.of(self._model))
        optimized = Path(self._scratch.name) / _OPTIMIZED
        return kernels_from_profile(profile, optimized, Origins.of(self._model))

    def _layers_of_a_profiled_twin(self) -> tuple[ExecutedLayer, ...]:
        twin = _OnnxRuntimeSession(
            self._label, self._provider, self._model, self._choice, profile=True
        )
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

    def _open(self, scratch: Path | None) -> "onnxruntime.InferenceSession":
        import onnxruntime

        wanted = self._provider
        if wanted.name not in onnxruntime.get_available_providers():
            raise self._without_provider("This build of ONNX Runtime does not hold it.")
        options = _options(self._choice, wanted, scratch)
        try:
            session = onnxruntime.InferenceSession(
                str(self._model), options, providers=wanted.order
            )
        except (*_library_errors(), ValueError, RuntimeError) as error:
            raise self._refusal(error) from error
        if wanted.name not in session.get_providers():
            # It would run on the CPU without a word.
            raise self._without_provider("It is installed, but could not be started here.")
        return session

    def _without_provider(self, why: str) -> UserError:
        return UserError(
            f"{self._label} cannot be used.",
            f"ONNX Runtime has no {self._provider.name}. {why}",
            "Install what it needs, or choose another runtime: nothing is run on the CPU instead.",
        )

    def _refusal(self, error: Exception) -> UserError:
        why = " ".join(str(error).split()) or type(error).__name__
        return UserError(
            f"{self._label} cannot run {self._model.name}.",
            f"It says: {why[:300]}",
            "Choose another runtime for this model.",
        )


def _options(
    choice: RuntimeChoice, provider: Provider, scratch: Path | None
) -> "onnxruntime.SessionOptions":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.enable_mem_pattern = provider.plans_memory
    for entry, value in provider.settings.items():
        options.add_session_config_entry(entry, value)
    if provider.own_threads:
        options.intra_op_num_threads = 1
        options.add_session_config_entry(_SPINNING, "0")
    elif choice.streams > 1:
        options.intra_op_num_threads = _threads_of_a_stream(choice)
    elif choice.threads:
        options.intra_op_num_threads = choice.threads
    if scratch is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(scratch / "profile")
        if not provider.makes_own_kernels:
            options.optimized_model_filepath = str(scratch / _OPTIMIZED)
    return options


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
