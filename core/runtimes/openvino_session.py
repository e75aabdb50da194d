"""Compiling and running models with OpenVINO, on whichever processor."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# openvino's bindings have no complete stubs.

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.errors import InputError, UserError
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
from core.runtimes.openvino_profile import Counters, kernels_of, kernels_of_counters
from core.runtimes.openvino_request import BoundRequest
from core.runtimes.origins import Origins

if TYPE_CHECKING:
    import numpy as np
    import openvino

    from core.runtimes.base import Infer

_THREADS = "INFERENCE_NUM_THREADS"
_PRECISION = "INFERENCE_PRECISION_HINT"
_NO_AUTO_BATCHING = {"ALLOW_AUTO_BATCHING": "NO"}
"""A GPU would join what several streams ask for, and wait up to a second for enough of it."""


class OpenVinoRuntime(Runtime):
    """Intel's runtime on one processor. A subclass says which, and what that computes in."""

    takes: ClassVar[frozenset[str]] = frozenset({"onnx", "openvino"})
    device: ClassVar[str]
    """OpenVINO's name of the processor: CPU, GPU, GPU.1, NPU."""
    counts_all: ClassVar[bool] = True
    """Whether counters are means over all inferences so far; else they are of the last one."""

    def availability(self) -> Availability:
        return library_availability("openvino", "openvino")

    def load_library(self) -> None:
        _core().get_property(self.device, "FULL_DEVICE_NAME")  # loads the processor's plugin too

    def settable(self) -> frozenset[str]:
        """The properties that can be set when a model is compiled for this processor."""
        told: Mapping[str, str] = _core().get_property(self.device, "SUPPORTED_PROPERTIES")
        return frozenset(name for name, may in told.items() if "W" in may)

    def words(self, choice: RuntimeChoice) -> tuple[str, ...]:
        """What has to be said about a choice on this processor."""
        return ()

    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool = False) -> Session:
        """A free batch size is fixed, which halved latency against free shapes."""
        self.check(choice)
        try:
            read = _core().read_model(str(model))
            check_batch(model, tuple(_port(port) for port in read.inputs), choice.batch)
            notes = _fix_batch(read, choice.batch) + self.words(choice)
            if self.static_shapes_only:
                check_fixed(model, tuple(_port(port) for port in read.inputs), self.label)
            config = {k: v for k, v in _wanted(choice, profile).items() if k in self.settable()}
            compiled = _core().compile_model(read, self.device, {**config, **_NO_AUTO_BATCHING})
            counters = Counters(of_all=self.counts_all) if profile else None
            session = _OpenVinoSession(self.label, model, compiled, choice.streams, counters)
            session.notes = notes
            return session
        except (RuntimeError, ValueError, TypeError) as error:
            raise _refusal(self.label, model, error) from error


def _wanted(choice: RuntimeChoice, profile: bool) -> dict[str, str]:
    """All that is asked for; processors that are no CPU do not know all of it."""
    config = {"PERFORMANCE_HINT": "LATENCY"}
    if choice.streams > 1:
        config = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": str(choice.streams)}
    if choice.threads:
        config[_THREADS] = str(choice.threads)
    if choice.precision != "auto":
        config[_PRECISION] = choice.precision
    if profile:
        config["PERF_COUNT"] = "YES"
    return config


class _OpenVinoSession(Session):
    def __init__(
        self,
        label: str,
        model: Path,
        compiled: "openvino.CompiledModel",
        streams: int,
        counters: Counters | None,
    ) -> None:
        self._label = label
        self._model = model
        self._counters = counters
        self._compiled = compiled
        self.inputs = tuple(_port(port) for port in compiled.inputs)
        self.outputs = tuple(_port(port) for port in compiled.outputs)
        self._requests = [BoundRequest(compiled, self.inputs, self.outputs) for _ in range(streams)]
        self.threads = _threads_of(compiled)

    def infer(self, feeds: Mapping[str, "np.ndarray"]) -> "dict[str, np.ndarray]":
        answers = self._infer(self._requests[0], feeds)
        if self._counters is not None:
            self._counters.after_inference(self._requests[0].raw)
        return answers

    @property
    def lanes(self) -> "tuple[Infer, ...]":
        return tuple(partial(self._infer, request) for request in self._requests)

    def _infer(
        self, request: BoundRequest, feeds: Mapping[str, "np.ndarray"]
    ) -> "dict[str, np.ndarray]":
        try:
            return request.infer(feeds)
        except (RuntimeError, ValueError, TypeError) as error:
            raise _refusal(self._label, self._model, error) from error

    def executed_layers(self) -> tuple[ExecutedLayer, ...]:
        milliseconds: dict[str, float] = {}
        if self._counters is not None:
            self._counters.read(self._requests[0].raw)
            milliseconds = self._counters.milliseconds()
        origins = Origins.of(self._model)
        told = kernels_of(self._compiled.get_runtime_model(), milliseconds, origins)
        if told or self._counters is None:
            return told
        return kernels_of_counters(self._counters.kinds, milliseconds, origins)

    def close(self) -> None:
        del self._requests, self._compiled


@cache
def _core() -> "openvino.Core":
    import openvino

    return openvino.Core()


def _threads_of(compiled: "openvino.CompiledModel") -> int:
    """Threads of the CPU that compute; none where another processor does."""
    try:
        return int(compiled.get_property(_THREADS))
    except RuntimeError:
        return 0


def _fix_batch(model: "openvino.Model", batch: int) -> tuple[str, ...]:
    """Set a free first dimension of every input."""
    shapes = {port: port.get_partial_shape() for port in model.inputs}
    free_batch = [port for port, shape in shapes.items() if len(shape) and shape[0].is_dynamic]
    if not free_batch:
        return ()
    for port in free_batch:
        shapes[port][0] = batch
    model.reshape({port.get_node().output(0): shape for port, shape in shapes.items()})
    return (f"The free batch size was fixed at {batch}.",)


def check_fixed(model: Path, inputs: tuple[Port, ...], label: str) -> None:
    """Raises InputError that names every free size and the edit that fixes it."""
    free = [port for port in inputs if None in port.shape]
    if not free:
        return
    flags = " ".join(f"--set-shape {port.name}={_sizes(port)}" for port in free)
    places = "; ".join(f"{port.name} is {_sizes(port)}" for port in free)
    raise InputError(
        f"{label} takes fixed sizes only, and {model.name} has free ones.",
        f"Free is what stands as “?”: {places}.",
        f"Set numbers for them first: edgewright edit {model.name} {flags} --out FIXED.onnx",
    )


def _sizes(port: Port) -> str:
    return ",".join("?" if size is None else str(size) for size in port.shape)


def _port(port: "openvino.ConstOutput") -> Port:
    import numpy as np

    shape = (None if size.is_dynamic else size.get_length() for size in port.get_partial_shape())
    element = port.get_element_type()
    dtype = "bfloat16" if element.get_type_name() == "bf16" else np.dtype(element.to_dtype()).name
    return Port(port.get_any_name(), dtype, tuple(shape))


def _refusal(label: str, model: Path, error: Exception) -> UserError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = lines[-1] if lines else type(error).__name__
    return UserError(
        f"{label} cannot run {model.name}.",
        f"It says: {why[:300]}",
        "Choose another runtime for this model.",
    )
