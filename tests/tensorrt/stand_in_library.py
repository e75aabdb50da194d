"""Stands in for TensorRT's Python library: each version has the names that it had, and no others.

ONNX Runtime computes. Addresses are those of host memory, handed out by HostGpu.
"""

import ctypes
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper


class HostGpu:
    """A Gpu in the host's own memory, which knows what is still held."""

    def __init__(self) -> None:
        self.held: dict[int, np.ndarray] = {}
        self.waits = 0

    def stream(self) -> int:
        return 7

    def allocate(self, size: int) -> int:
        memory = np.zeros(max(size, 1), np.uint8)
        self.held[memory.ctypes.data] = memory
        return memory.ctypes.data

    def free(self, address: int) -> None:
        del self.held[address]

    def upload(self, address: int, values: np.ndarray, stream: int) -> None:
        assert self.held[address].nbytes == values.nbytes
        ctypes.memmove(address, values.ctypes.data, values.nbytes)

    def download(self, address: int, values: np.ndarray, stream: int) -> None:
        assert self.held[address].nbytes == values.nbytes
        ctypes.memmove(values.ctypes.data, address, values.nbytes)

    def wait(self, stream: int) -> None:
        self.waits += 1


class Named:
    """One value of an enumeration; a number to whoever asks."""

    def __init__(self, name: str, value: int = 0) -> None:
        self.name = name
        self.value = value

    def __int__(self) -> int:
        return self.value


def values(*names: str) -> SimpleNamespace:
    return SimpleNamespace(**{name: Named(name, index) for index, name in enumerate(names)})


def dtype_of(text: str) -> Named:
    known = {"tensor(float)": "FLOAT", "tensor(float16)": "HALF", "tensor(int64)": "INT64"}
    return Named(known.get(text, text))


class Model:
    """A network that was parsed, and at the same time its engine."""

    def __init__(self) -> None:
        self.content = b""
        self.flags: set[str] = set()
        self.error = ""

    def names(self) -> list[Any]:
        session = self.session()
        return [*session.get_inputs(), *session.get_outputs()]

    def session(self) -> onnxruntime.InferenceSession:
        return onnxruntime.InferenceSession(self.content, providers=["CPUExecutionProvider"])


class Parser:
    def __init__(self, network: Model, logger: Any) -> None:
        self.network = network
        self.num_errors = 0

    def parse_from_file(self, path: str) -> bool:
        self.network.content = Path(path).read_bytes()
        operators = [node.op_type for node in onnx.load(path).graph.node]
        self.num_errors = int("Det" in operators)
        return self.num_errors == 0

    def get_error(self, index: int) -> Any:
        return SimpleNamespace(desc=lambda: "no importer for Det")


class Cache:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def serialize(self) -> bytes:
        return self.content + b"+"


class Config:
    def __init__(self) -> None:
        self.flags = {"TF32"}
        self.profiles: list[Any] = []
        self.cache = Cache(b"")

    def set_flag(self, flag: Named) -> None:
        self.flags.add(flag.name)

    def clear_flag(self, flag: Named) -> None:
        self.flags.discard(flag.name)

    def create_timing_cache(self, content: bytes) -> Cache:
        return Cache(content)

    def set_timing_cache(self, cache: Cache, ignore_mismatch: bool) -> None:
        self.cache = cache

    def get_timing_cache(self) -> Cache:
        return self.cache

    def add_optimization_profile(self, profile: Any) -> None:
        self.profiles.append(profile)


class PooledConfig(Config):
    """From 8.4 on; the attribute `max_workspace_size` is gone for good in 10."""

    def set_memory_pool_limit(self, pool: Named, size: int) -> None:
        assert pool.name == "WORKSPACE"
        self.workspace = size


class Profile:
    def __init__(self) -> None:
        self.shapes: dict[str, tuple[Sequence[int], ...]] = {}

    def set_shape(self, name: str, *shapes: Sequence[int]) -> None:
        self.shapes[name] = shapes


class Context:
    """What every version's context has."""

    def __init__(self, engine: Model) -> None:
        self.engine = engine
        self.profiler: Any = None
        self.shapes: dict[str, tuple[int, ...]] = {}

    def _run(self, addresses: dict[str, int]) -> None:
        session = self.engine.session()
        feeds = {
            port.name: _at(addresses[port.name], self._shape(port.name), port.type)
            for port in session.get_inputs()
        }
        answers = [np.ascontiguousarray(answer) for answer in session.run(None, feeds)]
        for port, answer in zip(session.get_outputs(), answers, strict=True):
            ctypes.memmove(addresses[port.name], answer.ctypes.data, answer.nbytes)
        if self.profiler is not None:
            for number, name in enumerate(layer_names(self.engine)):
                self.profiler.report_layer_time(name, 0.5 + number)

    def _shape(self, name: str) -> tuple[int, ...]:
        if name in self.shapes:
            return self.shapes[name]
        (port,) = [port for port in self.engine.names() if port.name == name]
        free = next(iter(self.shapes.values()), (1,))[0]
        sizes = [size if isinstance(size, int) else free for size in port.shape]
        return tuple(-1 if port.name == "where" else size for size in sizes)


class NumberedContext(Context):
    """Until 8.4: tensors by their numbers."""

    def set_binding_shape(self, index: int, shape: Sequence[int]) -> None:
        self.shapes[self.engine.names()[index].name] = tuple(shape)

    def get_binding_shape(self, index: int) -> tuple[int, ...]:
        return self._shape(self.engine.names()[index].name)

    def execute_async_v2(self, bindings: list[int], stream: int) -> None:
        names = [port.name for port in self.engine.names()]
        self._run(dict(zip(names, bindings, strict=True)))


class NamedContext(Context):
    """From 8.5 on: tensors by their names."""

    def __init__(self, engine: Model) -> None:
        super().__init__(engine)
        self.addresses: dict[str, int] = {}

    def set_input_shape(self, name: str, shape: Sequence[int]) -> None:
        self.shapes[name] = tuple(shape)

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self._shape(name)

    def set_tensor_address(self, name: str, address: int) -> None:
        self.addresses[name] = address

    def execute_async_v3(self, stream: int) -> None:
        self._run(self.addresses)


def _at(address: int, shape: Sequence[int], kind: str) -> np.ndarray:
    dtype = np.dtype({"tensor(float)": "float32", "tensor(int64)": "int64"}[kind])
    size = int(np.prod(shape)) * dtype.itemsize
    return np.frombuffer(ctypes.string_at(address, size), dtype).reshape(shape)


def layer_names(engine: Model) -> list[str]:
    return [node.name for node in onnx.load_from_string(engine.content).graph.node]


class Inspector:
    def __init__(self, engine: Model) -> None:
        self.engine = engine

    def get_engine_information(self, kind: Named) -> str:
        assert kind.name == "JSON"
        rows = [{"Name": name, "LayerType": "kernel"} for name in layer_names(self.engine)]
        return json.dumps({"Layers": rows, "Bindings": []})


class Engine(Model):
    """What every version's engine has."""

    context: type[Context]

    def create_execution_context(self) -> Context:
        return self.context(self)

    def create_engine_inspector(self) -> Inspector:
        return Inspector(self)


class NumberedEngine(Engine):
    context = NumberedContext

    @property
    def num_bindings(self) -> int:
        return len(self.names())

    def get_binding_name(self, index: int) -> str:
        return self.names()[index].name

    def get_binding_index(self, name: str) -> int:
        return [port.name for port in self.names()].index(name)

    def binding_is_input(self, index: int) -> bool:
        return index < len(self.session().get_inputs())

    def get_binding_dtype(self, index: int) -> Named:
        return dtype_of(self.names()[index].type)


INPUT, OUTPUT = Named("INPUT"), Named("OUTPUT")


class NamedEngine(Engine):
    context = NamedContext

    @property
    def num_io_tensors(self) -> int:
        return len(self.names())

    def get_tensor_name(self, index: int) -> str:
        return self.names()[index].name

    def get_tensor_mode(self, name: str) -> Named:
        return INPUT if name in [p.name for p in self.session().get_inputs()] else OUTPUT

    def get_tensor_dtype(self, name: str) -> Named:
        return dtype_of(next(port.type for port in self.names() if port.name == name))


class Empty:
    """What a library subclasses for whoever listens to it."""


def library_of(version: str) -> Any:
    """The module of a version; `made` keeps the configurations that were built with."""
    major, minor = (int(part) for part in version.split(".")[:2])
    numbered, pooled = (major, minor) < (8, 5), (major, minor) >= (8, 4)
    engine_type = NumberedEngine if numbered else NamedEngine
    made: list[Config] = []

    class Builder:
        def __init__(self, logger: Any) -> None:
            self.logger = logger

        def create_network(self, flags: int) -> Model:
            assert flags == (0 if major >= 10 else 1)
            return Model()

        def create_builder_config(self) -> Config:
            return PooledConfig() if pooled else Config()

        def create_optimization_profile(self) -> Profile:
            return Profile()

        def build_serialized_network(self, network: Model, config: Config) -> bytes | None:
            made.append(config)
            if b"unbuildable" in network.content:
                self.logger.log(Named("ERROR"), "Could not find any implementation")
                return None
            return network.content

    class Runtime:
        def __init__(self, logger: Any) -> None:
            pass

        def deserialize_cuda_engine(self, plan: bytes) -> Engine | None:
            if b"unloadable" in plan:
                return None
            engine = engine_type()
            engine.content = plan
            return engine

    weak = () if major >= 11 else ("FP16", "INT8")
    parts: dict[str, Any] = {
        "BuilderFlag": values("TF32", *weak),
        "ProfilingVerbosity": values("DETAILED"),
        "LayerInformationFormat": values("JSON"),
        "ILogger": Empty,
        "IProfiler": Empty,
        "OnnxParser": Parser,
    }
    if major < 10:
        parts["NetworkDefinitionCreationFlag"] = values("EXPLICIT_BATCH")
    if pooled:
        parts["MemoryPoolType"] = values("WORKSPACE")
    if not numbered:
        parts["TensorIOMode"] = SimpleNamespace(INPUT=INPUT, OUTPUT=OUTPUT)
    return SimpleNamespace(
        __version__=version, Builder=Builder, Runtime=Runtime, made=made, **parts
    )


def marked(path: Path, mark: str) -> Path:
    """The same model with a word in it that the stand-in understands."""
    model = onnx.load(path)
    helper.set_model_props(model, {"mark": mark})
    target = path.with_name(f"{mark}.onnx")
    onnx.save(model, target)
    return target
