"""Runs an engine on this computer's own NVIDIA GPU, each stream in a context of its own."""
# TensorRT has no stubs, and which version is there is only known at run time:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.runtimes.base import WARM_INFERENCES, ExecutedLayer, Port, Session
from core.runtimes.origins import Origins
from core.tensorrt.cuda import Gpu
from core.tensorrt.generations import EngineIo, Generation
from core.tensorrt.layer_names import executed_layers
from core.tensorrt.outputs import LayerTime, LayerTimes, engine_layers_of

if TYPE_CHECKING:
    import numpy as np

    from core.runtimes.base import Infer


@dataclass(frozen=True)
class LoadedEngine:
    """An engine that was loaded, and what it needs to run."""

    model: Path
    generation: Generation
    gpu: Gpu
    runtime: Any
    """TensorRT's own, which must live as long as the engine."""
    engine: Any
    shapes: Mapping[str, tuple[int, ...]]
    """Of every input."""


class TensorRtSession(Session):
    """Takes over the engine."""

    def __init__(self, loaded: LoadedEngine, choice: RuntimeChoice, *, profile: bool) -> None:
        self._loaded = loaded
        generation = loaded.generation
        tensors = generation.tensors(loaded.engine)
        _check(loaded.model, tensors)
        contexts = [loaded.engine.create_execution_context() for _ in range(choice.streams)]
        self._lanes = [_Lane(loaded, context, tensors) for context in contexts]
        for lane in self._lanes:
            lane.prepare()
        self._times = _times(generation.library) if profile else None
        if self._times is not None:
            self._lanes[0].context.profiler = self._times
        first = self._lanes[0].context
        ports = [
            (tensor, Port(tensor.name, tensor.dtype, generation.shape(first, tensor.name)))
            for tensor in tensors
        ]
        self.inputs = tuple(port for tensor, port in ports if tensor.is_input)
        self.outputs = tuple(port for tensor, port in ports if not tensor.is_input)
        self.threads = 1
        self.notes = _notes(generation, choice)

    def infer(self, feeds: Mapping[str, "np.ndarray"]) -> "dict[str, np.ndarray]":
        return self._lanes[0].infer(feeds)

    @property
    def lanes(self) -> "tuple[Infer, ...]":
        return tuple(lane.infer for lane in self._lanes)

    @cached_property
    def _origins(self) -> Origins:
        return Origins.of(self._loaded.model)

    def executed_layers(self) -> tuple[ExecutedLayer, ...]:
        inspector = self._loaded.engine.create_engine_inspector()
        kind = self._loaded.generation.library.LayerInformationFormat.JSON
        told = engine_layers_of(inspector.get_engine_information(kind))
        if self._times is None:
            untimed = _of_times({layer.name: [0.0] for layer in told.layers})
            found = executed_layers(untimed, told, self._origins)
            return tuple(one.model_copy(update={"milliseconds": None}) for one in found)
        return executed_layers(self._times.medians(), told, self._origins)

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()
        self._lanes = []
        del self._loaded


@dataclass
class _Lane:
    """A context with buffers of its own; belongs to one thread at a time."""

    loaded: LoadedEngine
    context: Any
    tensors: tuple[EngineIo, ...]
    stream: int = field(init=False)
    addresses: dict[str, int] = field(default_factory=dict[str, int])

    def prepare(self) -> None:
        import numpy as np

        generation, gpu = self.loaded.generation, self.loaded.gpu
        self.stream = gpu.stream()
        for name, shape in self.loaded.shapes.items():
            generation.set_shape(self.context, name, shape)
        for tensor in self.tensors:
            shape = generation.shape(self.context, tensor.name)
            if min(shape, default=1) < 0:
                why = f"The size of “{tensor.name}” depends on the values that it is given"
                raise refusal(self.loaded.model, why)
            size = int(np.prod(shape)) * np.dtype(tensor.dtype).itemsize
            self.addresses[tensor.name] = gpu.allocate(size)

    def infer(self, feeds: Mapping[str, "np.ndarray"]) -> "dict[str, np.ndarray]":
        import numpy as np

        generation, gpu = self.loaded.generation, self.loaded.gpu
        held = [np.ascontiguousarray(feeds[t.name], t.dtype) for t in self.tensors if t.is_input]
        names = [tensor.name for tensor in self.tensors if tensor.is_input]
        for name, values in zip(names, held, strict=True):
            gpu.upload(self.addresses[name], values, self.stream)
        generation.run(self.context, self.addresses, self.stream)
        answers = {
            tensor.name: np.empty(generation.shape(self.context, tensor.name), tensor.dtype)
            for tensor in self.tensors
            if not tensor.is_input
        }
        for name, values in answers.items():
            gpu.download(self.addresses[name], values, self.stream)
        gpu.wait(self.stream)
        return answers

    def close(self) -> None:
        for address in self.addresses.values():
            self.loaded.gpu.free(address)
        self.addresses = {}
        self.context = None


def _times(library: Any) -> Any:
    """An object that TensorRT tells each layer's time after each inference."""

    class Times(library.IProfiler):
        def __init__(self) -> None:
            library.IProfiler.__init__(self)
            self.told: dict[str, list[float]] = defaultdict(list)

        def report_layer_time(self, layer_name: str, ms: float) -> None:
            self.told[layer_name].append(ms)

        def medians(self) -> LayerTimes:
            return _of_times(self.told)

    return Times()


def _of_times(told: Mapping[str, Sequence[float]]) -> LayerTimes:
    """Medians without the first inferences, in the order in which layers were told."""
    layers = tuple(
        LayerTime.model_construct(
            name=name, average_ms=statistics.median(times[WARM_INFERENCES:] or times)
        )
        for name, times in told.items()
    )
    return LayerTimes(inferences=max(map(len, told.values()), default=0), layers=layers)


def _check(model: Path, tensors: Sequence[EngineIo]) -> None:
    """Raises UserError for a type that numpy does not have."""
    import numpy as np

    for tensor in tensors:
        try:
            np.dtype(tensor.dtype)
        except TypeError as error:
            why = f"“{tensor.name}” is of the type {tensor.dtype}, which cannot be fed"
            raise refusal(model, why) from error


def _notes(generation: Generation, choice: RuntimeChoice) -> tuple[str, ...]:
    notes: list[str] = []
    if choice.precision == "auto" and generation.precisions[0] == "f16":
        notes.append("TensorRT computes float32 models in f16 unless told otherwise.")
    if choice.threads:
        notes.append("Threads are those of the CPU: TensorRT has no use for the number.")
    return tuple(notes)


def refusal(model: Path, why: str) -> UserError:
    """TensorRT's words about a model that it does not take."""
    return UserError(
        f"TensorRT cannot run {model.name}.",
        f"It says: {' '.join(why.split())[:300]}.",
        "Ask the pre-flight doctor what stands in the way: edgewright preflight.",
    )
