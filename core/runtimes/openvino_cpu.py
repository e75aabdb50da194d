"""OpenVINO on the CPU."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# openvino's bindings have no complete stubs.

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.devices.instructions import instructions
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
from core.runtimes.openvino_profile import Counters, kernels_of
from core.runtimes.origins import Origins

if TYPE_CHECKING:
    import numpy as np
    import openvino

    from core.runtimes.base import Infer


class OpenVino(Runtime):
    """Intel's runtime; computes in bfloat16 by default where the processor has it."""

    name: ClassVar[str] = "openvino"
    label: ClassVar[str] = "OpenVINO"
    takes: ClassVar[frozenset[str]] = frozenset({"onnx", "openvino"})

    def availability(self) -> Availability:
        return library_availability("openvino", "openvino")

    def load_library(self) -> None:
        _core().get_property("CPU", "FULL_DEVICE_NAME")  # loads the CPU plugin too

    def precisions(self) -> tuple[str, ...]:
        # f16 is never listed: on AVX512-FP16 processors it ran slower than f32, because the
        # plugin computes it without AMX.
        native_bf16 = {"amx_bf16", "avx512_bf16"} & set(instructions())
        return ("bf16", "f32") if native_bf16 else ("f32",)

    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool = False) -> Session:
        """A free batch size is fixed, which halved latency against free shapes."""
        self.check(choice)
        config: dict[str, str] = {"PERFORMANCE_HINT": "LATENCY"}
        if choice.streams > 1:
            config = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": str(choice.streams)}
        if choice.threads:
            config["INFERENCE_NUM_THREADS"] = str(choice.threads)
        if choice.precision != "auto":
            config["INFERENCE_PRECISION_HINT"] = choice.precision
        if profile:
            config["PERF_COUNT"] = "YES"
        try:
            read = _core().read_model(str(model))
            check_batch(model, tuple(_port(port) for port in read.inputs), choice.batch)
            notes = _fix_batch(read, choice.batch)
            compiled = _core().compile_model(read, "CPU", config)
        except (RuntimeError, ValueError, TypeError) as error:
            raise _refusal(model, error) from error
        counters = Counters() if profile else None
        return _OpenVinoSession(model, compiled, notes, choice.streams, counters)


class _OpenVinoSession(Session):
    def __init__(
        self,
        model: Path,
        compiled: "openvino.CompiledModel",
        notes: tuple[str, ...],
        streams: int,
        counters: Counters | None,
    ) -> None:
        self._model = model
        self._counters = counters
        self._compiled = compiled
        self._requests = [compiled.create_infer_request() for _ in range(streams)]
        self.inputs = tuple(_port(port) for port in compiled.inputs)
        self.outputs = tuple(_port(port) for port in compiled.outputs)
        self.threads = int(compiled.get_property("INFERENCE_NUM_THREADS"))
        self.notes = notes

    def infer(self, feeds: Mapping[str, "np.ndarray"]) -> "dict[str, np.ndarray]":
        answers = self._infer(self._requests[0], feeds)
        if self._counters is not None:
            self._counters.after_inference(self._requests[0])
        return answers

    @property
    def lanes(self) -> "tuple[Infer, ...]":
        return tuple(partial(self._infer, request) for request in self._requests)

    def _infer(
        self, request: "openvino.InferRequest", feeds: Mapping[str, "np.ndarray"]
    ) -> "dict[str, np.ndarray]":
        try:
            values = request.infer(dict(feeds), share_inputs=True, share_outputs=False)
        except (RuntimeError, ValueError, TypeError) as error:
            raise _refusal(self._model, error) from error
        return {port.name: values[index] for index, port in enumerate(self.outputs)}

    def executed_layers(self) -> tuple[ExecutedLayer, ...]:
        milliseconds: dict[str, float] = {}
        if self._counters is not None:
            self._counters.read(self._requests[0])
            milliseconds = self._counters.milliseconds()
        graph = self._compiled.get_runtime_model()
        return kernels_of(graph, milliseconds, Origins.of(self._model))

    def close(self) -> None:
        del self._requests, self._compiled


@cache
def _core() -> "openvino.Core":
    import openvino

    return openvino.Core()


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


def _port(port: "openvino.ConstOutput") -> Port:
    import numpy as np

    shape = (None if size.is_dynamic else size.get_length() for size in port.get_partial_shape())
    element = port.get_element_type()
    dtype = "bfloat16" if element.get_type_name() == "bf16" else np.dtype(element.to_dtype()).name
    return Port(port.get_any_name(), dtype, tuple(shape))


def _refusal(model: Path, error: Exception) -> UserError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = lines[-1] if lines else type(error).__name__
    return UserError(
        f"OpenVINO cannot run {model.name}.",
        f"It says: {why[:300]}",
        "Choose another runtime for this model.",
    )
