"""Finds the tensors in a pickle that was read as data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.model.tensor_types import bytes_of
from core.pytorch_files.dtypes import dtype_of_name, dtype_of_storage
from core.pytorch_files.pickle_values import (
    Call,
    External,
    Global,
    Table,
    as_list,
    as_tuple,
)

Path = tuple[str, ...]

MOST_TENSORS = 200_000
_DEEPEST = 48
_MOST_DIMENSIONS, _LARGEST_SIZE = 64, 1 << 48
_MODULE_PARTS = frozenset({"_parameters", "_buffers", "_modules"})
"""Dictionaries of nn.Module that say nothing about where a tensor belongs."""
_HARMLESS = ("torch", "collections", "numpy", "_codecs", "__torch__")
"""Roots of the modules whose names are in ordinary files of tensors."""
_CONTAINERS = frozenset(
    f"{module}.{name}" for module in ("builtins", "__builtin__") for name in ("set", "frozenset")
)


@dataclass(frozen=True)
class StoredTensor:
    """A tensor in a file, without its numbers."""

    path: Path
    """From the outermost module to its own name: (“layer1”, “0”, “conv1”, “weight”)."""
    dtype: str
    shape: tuple[int, ...]
    bytes: int

    @property
    def name(self) -> str:
        return ".".join(self.path)


def tensors_in(value: object) -> Iterator[StoredTensor]:
    """Every tensor in what a pickle holds, each container once, in the file's order."""
    pending: list[tuple[Path, object]] = [((), value)]
    seen: set[int] = set()
    found = 0
    while pending and found < MOST_TENSORS:
        path, thing = pending.pop()
        tensor = tensor_of(thing, path)
        if tensor is not None:
            found += 1
            yield tensor
        elif id(thing) not in seen and len(path) < _DEEPEST:
            seen.add(id(thing))
            pending.extend(reversed(list(_parts(path, thing))))


def tensor_of(value: object, path: Path) -> StoredTensor | None:
    """The tensor that a value stands for, or None when it is none."""
    while isinstance(value, Call):
        name = value.function.name if isinstance(value.function, Global) else ""
        if name in _REBUILT_AROUND and value.arguments:
            value = _inner(name, value.arguments)
        elif name in _SHAPES:
            return _tensor(path, value.arguments, *_SHAPES[name])
        else:
            return None
    return None


def code_in(names: Sequence[Global]) -> tuple[str, ...]:
    """What a pickle names beyond what files of tensors need: PyTorch would import and call it."""
    foreign = (
        name
        for name in names
        if name.module.partition(".")[0] not in _HARMLESS and str(name) not in _CONTAINERS
    )
    return tuple(dict.fromkeys(str(name) for name in foreign))


_REBUILT_AROUND = frozenset(
    {"_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_from_type_v2"}
)
"""They take another rebuilt tensor."""
_SHAPES = {
    "_rebuild_tensor": (0, 2),
    "_rebuild_tensor_v2": (0, 2),
    "_rebuild_tensor_v3": (0, 2),
    "_rebuild_qtensor": (0, 2),
    "_rebuild_meta_tensor_no_storage": (0, 1),
}
"""Functions of torch._utils to where the storage (or the type) and the shape stand."""


def _inner(name: str, arguments: tuple[object, ...]) -> object:
    if name != "_rebuild_from_type_v2":
        return arguments[0]
    if len(arguments) < 3:
        return None
    inner = as_tuple(arguments[2])
    return None if inner is None else Call(arguments[0], inner)


def _tensor(
    path: Path, arguments: tuple[object, ...], storage_place: int, shape_place: int
) -> StoredTensor | None:
    if len(arguments) <= shape_place:
        return None
    shape = as_tuple(arguments[shape_place])
    if shape is None or len(shape) > _MOST_DIMENSIONS:
        return None
    sizes = tuple(size for size in shape if type(size) is int and 0 <= size < _LARGEST_SIZE)
    if len(sizes) != len(shape):
        return None
    dtype = next((name for each in arguments if (name := _dtype(each))), None)
    dtype = dtype or _storage_dtype(arguments[storage_place])
    return StoredTensor(path, dtype, sizes, bytes_of(dtype, sizes) or 0)


def _dtype(value: object) -> str | None:
    """“float32” of the name torch.float32."""
    if isinstance(value, Global) and value.module == "torch" and value.name[:1].islower():
        return dtype_of_name(value.name)
    return None


def _storage_dtype(value: object) -> str:
    """Of the key ('storage', torch.FloatStorage, '0', 'cpu', 432)."""
    key = as_tuple(value.key) if isinstance(value, External) else None
    if key is not None and len(key) > 1 and isinstance(key[1], Global):
        return dtype_of_storage(key[1].name)
    return "unknown"


def _parts(path: Path, value: object) -> Iterator[tuple[Path, object]]:
    if isinstance(value, Table):
        yield from _entries(path, value.items)
    elif (sequence := as_list(value) or as_tuple(value)) is not None:
        yield from _entries(path, list(enumerate(sequence)))
    elif isinstance(value, Call):
        yield from _entries(path, value.items)
        yield from ((path, each) for each in (*value.elements, *value.arguments, value.state))


def _entries(path: Path, items: Sequence[tuple[object, object]]) -> Iterator[tuple[Path, object]]:
    for key, value in items:
        if key in _MODULE_PARTS:
            yield path, value
        elif isinstance(key, str | int):
            parts = tuple(part for part in str(key).split(".") if part)
            yield (*path, *parts), value
