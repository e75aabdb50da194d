"""One adapter for each way in which TensorRT's Python library was to be used, from 8.2 to 11."""
# TensorRT has no stubs, and which version is there is only known at run time:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from core.tensorrt.version import TensorRtVersion

_NUMPY_NAMES: Mapping[str, str] = {
    "FLOAT": "float32",
    "HALF": "float16",
    "INT8": "int8",
    "UINT8": "uint8",
    "INT32": "int32",
    "INT64": "int64",
    "BOOL": "bool",
}
"""TensorRT's own table breaks with newer numpy up to 8.5; types that numpy lacks are not in it."""


class EngineIo(NamedTuple):
    """An input or output of an engine."""

    name: str
    is_input: bool
    dtype: str
    """As numpy names it; TensorRT's own name where numpy has none."""


class Generation(ABC):
    """What differs between versions. `library` is the module that was imported."""

    first: ClassVar[tuple[int, int]]
    """The first version that is used so."""
    precisions: ClassVar[tuple[str, ...]] = ("f16", "tf32", "f32")
    """What it can be told; the first is what “auto” means."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def network(self, builder: Any) -> Any:
        """An empty network with explicit batch."""
        flag = self.library.NetworkDefinitionCreationFlag.EXPLICIT_BATCH
        return builder.create_network(1 << int(flag))

    def set_precision(self, config: Any, precision: str, *, quantized: bool) -> None:
        """Allow what was asked for; INT8 by Q/DQ where the model has it."""
        flags = self.library.BuilderFlag
        if precision in ("auto", "f16"):
            config.set_flag(flags.FP16)
        if precision == "f32":
            config.clear_flag(flags.TF32)
        if quantized:
            config.set_flag(flags.INT8)

    @abstractmethod
    def set_workspace(self, config: Any, size: int) -> None:
        """The most bytes that kernels may use for scratch."""

    @abstractmethod
    def tensors(self, engine: Any) -> tuple[EngineIo, ...]:
        """Inputs and outputs in the engine's order."""

    @abstractmethod
    def set_shape(self, context: Any, name: str, shape: tuple[int, ...]) -> None: ...

    @abstractmethod
    def shape(self, context: Any, name: str) -> tuple[int, ...]:
        """After the inputs' shapes were set; −1 for what depends on values."""

    @abstractmethod
    def run(self, context: Any, addresses: Mapping[str, int], stream: int) -> None:
        """Put one inference into the queue."""

    def _dtype(self, dtype: Any) -> str:
        return _NUMPY_NAMES.get(str(dtype.name), str(dtype.name).lower())


class Bindings(Generation):
    """8.2 and 8.3: tensors have numbers, the workspace is an attribute."""

    first: ClassVar[tuple[int, int]] = (8, 2)

    def set_workspace(self, config: Any, size: int) -> None:
        config.max_workspace_size = size

    def tensors(self, engine: Any) -> tuple[EngineIo, ...]:
        return tuple(
            EngineIo(
                engine.get_binding_name(index),
                bool(engine.binding_is_input(index)),
                self._dtype(engine.get_binding_dtype(index)),
            )
            for index in range(engine.num_bindings)
        )

    def set_shape(self, context: Any, name: str, shape: tuple[int, ...]) -> None:
        context.set_binding_shape(context.engine.get_binding_index(name), shape)

    def shape(self, context: Any, name: str) -> tuple[int, ...]:
        return tuple(context.get_binding_shape(context.engine.get_binding_index(name)))

    def run(self, context: Any, addresses: Mapping[str, int], stream: int) -> None:
        names = (tensor.name for tensor in self.tensors(context.engine))
        context.execute_async_v2([addresses[name] for name in names], stream)


class PooledBindings(Bindings):
    """8.4: memory is given in pools."""

    first: ClassVar[tuple[int, int]] = (8, 4)

    def set_workspace(self, config: Any, size: int) -> None:
        config.set_memory_pool_limit(self.library.MemoryPoolType.WORKSPACE, size)


class NamedTensors(PooledBindings):
    """8.5 and 8.6: tensors go by their names."""

    first: ClassVar[tuple[int, int]] = (8, 5)

    def tensors(self, engine: Any) -> tuple[EngineIo, ...]:
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        taken = self.library.TensorIOMode.INPUT
        return tuple(
            EngineIo(
                name,
                engine.get_tensor_mode(name) == taken,
                self._dtype(engine.get_tensor_dtype(name)),
            )
            for name in names
        )

    def set_shape(self, context: Any, name: str, shape: tuple[int, ...]) -> None:
        context.set_input_shape(name, shape)

    def shape(self, context: Any, name: str) -> tuple[int, ...]:
        return tuple(context.get_tensor_shape(name))

    def run(self, context: Any, addresses: Mapping[str, int], stream: int) -> None:
        for name, address in addresses.items():
            context.set_tensor_address(name, address)
        context.execute_async_v3(stream)


class AlwaysExplicit(NamedTensors):
    """10: every network has explicit batch."""

    first: ClassVar[tuple[int, int]] = (10, 0)

    def network(self, builder: Any) -> Any:
        return builder.create_network(0)


class StronglyTyped(AlwaysExplicit):
    """11: every type comes from the model."""

    first: ClassVar[tuple[int, int]] = (11, 0)
    precisions: ClassVar[tuple[str, ...]] = ("tf32", "f32")

    def set_precision(self, config: Any, precision: str, *, quantized: bool) -> None:
        if precision == "f32":
            config.clear_flag(self.library.BuilderFlag.TF32)


_GENERATIONS: tuple[type[Generation], ...] = (
    Bindings,
    PooledBindings,
    NamedTensors,
    AlwaysExplicit,
    StronglyTyped,
)


def generation_of(version: TensorRtVersion) -> type[Generation] | None:
    """How a version is used; None for one that is too old."""
    fitting = [one for one in _GENERATIONS if one.first <= version[:2]]
    return fitting[-1] if fitting else None
