"""Builds engines on this computer's own NVIDIA GPU, through TensorRT's Python library."""
# TensorRT has no stubs, and which version is there is only known at run time:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.formats import read_graph
from core.jobs.folders import storage_errors, write_atomically
from core.model.graph import ModelGraph
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Port, Session, check_batch
from core.tensorrt.cuda import Gpu
from core.tensorrt.generations import Generation
from core.tensorrt.local_session import LoadedEngine, TensorRtSession, refusal

_WORKSPACE = 1 << 30
"""Bytes of scratch; 8.2 takes none unless it is told, and knows few kernels then."""
_PAIR = "QuantizeLinear"


@dataclass(frozen=True)
class LocalTensorRt:
    """The library, the way to use it, a GPU, and the file that keeps what was timed."""

    generation: Generation
    gpu: Gpu
    timing_cache: Path | None = None

    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool) -> Session:
        """Build an engine, which takes a minute the first time. Raises UserError."""
        graph = read_graph(model)
        ports = tuple(_port(tensor.name, tensor.dtype, tensor.shape) for tensor in graph.inputs)
        check_batch(model, ports, choice.batch)
        shapes = _shapes(model, ports, choice.batch)
        plan = _Build(self, model, graph, shapes, choice).engine()
        runtime = self.generation.library.Runtime(_logger(self.generation.library))
        engine = runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise refusal(model, "The engine that was built could not be loaded")
        loaded = LoadedEngine(model, self.generation, self.gpu, runtime, engine, shapes)
        return TensorRtSession(loaded, choice, profile=profile)


@dataclass
class _Build:
    """One engine in the making."""

    local: LocalTensorRt
    model: Path
    graph: ModelGraph
    shapes: Mapping[str, tuple[int, ...]]
    choice: RuntimeChoice

    def engine(self) -> Any:
        library, generation = self.local.generation.library, self.local.generation
        logger = _logger(library)
        builder = library.Builder(logger)
        network = generation.network(builder)
        parser = library.OnnxParser(network, logger)
        if not parser.parse_from_file(str(self.model)):
            raise refusal(self.model, _said(parser, logger))
        config = self._config(builder)
        plan = builder.build_serialized_network(network, config)
        if plan is None:
            raise refusal(self.model, _said(parser, logger))
        self._keep_times(config)
        return plan

    def _config(self, builder: Any) -> Any:
        library, generation = self.local.generation.library, self.local.generation
        config = builder.create_builder_config()
        quantized = _PAIR in self.graph.operators
        generation.set_precision(config, self.choice.precision, quantized=quantized)
        generation.set_workspace(config, _WORKSPACE)
        config.profiling_verbosity = library.ProfilingVerbosity.DETAILED
        if self._is_free:
            profile = builder.create_optimization_profile()
            for name, shape in self.shapes.items():
                profile.set_shape(name, shape, shape, shape)
            config.add_optimization_profile(profile)
        known = self.local.timing_cache
        content = known.read_bytes() if known is not None and known.exists() else b""
        config.set_timing_cache(config.create_timing_cache(content), False)
        return config

    @property
    def _is_free(self) -> bool:
        sizes = (size for tensor in self.graph.inputs for size in tensor.shape or ())
        return any(not isinstance(size, int) for size in sizes)

    def _keep_times(self, config: Any) -> None:
        kept = self.local.timing_cache
        if kept is not None:
            with storage_errors(kept):
                kept.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(kept, bytes(memoryview(config.get_timing_cache().serialize())))


def _logger(library: Any) -> Any:
    """Keeps what the library calls errors."""

    class Logger(library.ILogger):
        def __init__(self) -> None:
            library.ILogger.__init__(self)
            self.errors: list[str] = []

        def log(self, severity: Any, message: str) -> None:
            if severity.name in ("ERROR", "INTERNAL_ERROR"):
                self.errors.append(message)

    return Logger()


def _said(parser: Any, logger: Any) -> str:
    """Why, in the library's words."""
    for index in range(parser.num_errors):
        return str(parser.get_error(index).desc())
    return logger.errors[0] if logger.errors else "It gives no reason"


def _shapes(model: Path, ports: Sequence[Port], batch: int) -> dict[str, tuple[int, ...]]:
    """Of every input; a free batch becomes the one that was chosen."""
    found: dict[str, tuple[int, ...]] = {}
    for port in ports:
        sizes = [
            batch if place == 0 and size is None else size for place, size in enumerate(port.shape)
        ]
        if None in sizes:
            raise UserError(
                f"TensorRT cannot be given {model.name} as it is.",
                f"Its input “{port.name}” has sizes that are free, apart from the batch.",
                "Fix them first, with “Input shapes…” or edgewright edit --set-shape.",
            )
        found[port.name] = tuple(size for size in sizes if size is not None)
    return found


def _port(name: str, dtype: str, shape: Sequence[int | str | None] | None) -> Port:
    sizes = (size if isinstance(size, int) else None for size in shape or ())
    return Port(name, dtype, tuple(sizes))
