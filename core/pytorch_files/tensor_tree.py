"""The graph of a file that holds tensors only: one box for each module that owns some."""

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from pathlib import Path

from core.model.attributes import plain
from core.model.graph import Layer, LayerId, ModelGraph, Weight
from core.pytorch_files.stored import StoredTensor

_KINDS = ("Scalar", "Vector", "Matrix")
"""By the rank of the largest tensor of a module; more is a kernel."""


def tree_of_tensors(
    path: Path,
    format_name: str,
    version: str,
    tensors: Iterable[StoredTensor],
    *,
    metadata: Mapping[str, str],
    warnings: Sequence[str] = (),
) -> ModelGraph:
    """A graph without edges: scopes from dotted names, a layer for each module with tensors."""
    modules: dict[tuple[str, ...], list[StoredTensor]] = {}
    for tensor in tensors:
        modules.setdefault(tensor.path[:-1], []).append(tensor)
    layers = tuple(_layer(module, owned) for module, owned in modules.items())
    weights = {
        tensor.name: Weight(tensor.name, tensor.dtype, tensor.shape, tensor.bytes)
        for owned in modules.values()
        for tensor in owned
    }
    return ModelGraph(
        name=path.stem,
        format=format_name,
        version=version,
        producer="",
        inputs=(),
        outputs=(),
        layers=layers,
        tensors={},
        weights=weights,
        file_bytes=path.stat().st_size,
        sha256="",
        metadata={plain(key): plain(value, 500) for key, value in metadata.items()},
        warnings=tuple(warnings),
    )


def _layer(module: tuple[str, ...], owned: Sequence[StoredTensor]) -> Layer:
    main = max(owned, key=lambda tensor: prod(tensor.shape))
    name = ".".join(module) or "tensors without a module"
    return Layer(
        id=LayerId(plain(name, 200)),
        name=plain(module[-1] if module else name),
        operator=_operator(owned, main),
        domain="",
        scope=tuple(plain(part) for part in module[:-1]),
        inputs=(),
        outputs=(),
        weights=tuple(tensor.name for tensor in owned),
        attributes={plain(tensor.path[-1]): _words(tensor) for tensor in owned if tensor.path},
        parameters=sum(prod(tensor.shape) for tensor in owned),
        weight_bytes=sum(tensor.bytes for tensor in owned),
        operations=None,
        output_shape=None,
        output_dtype=main.dtype,
        detail=_sizes(main),
    )


def _operator(owned: Sequence[StoredTensor], main: StoredTensor) -> str:
    """What the tensors are; what is done with them, the file does not say."""
    if any(tensor.path[-1:] == ("running_mean",) for tensor in owned):
        return "Batch statistics"
    rank = len(main.shape)
    return _KINDS[rank] if rank < len(_KINDS) else f"Kernel {rank}-D"


def _words(tensor: StoredTensor) -> str:
    return f"{tensor.dtype} {_sizes(tensor)}"


def _sizes(tensor: StoredTensor) -> str:
    return "×".join(str(size) for size in tensor.shape) or "scalar"
