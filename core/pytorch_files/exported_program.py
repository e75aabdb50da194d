"""Reads exported programs (.pt2) from the archive's own JSON, without running anything.

The layout is that of torch/_export/serde/schema.py: `models/NAME.json` since PyTorch 2.7,
`serialized_exported_program.json` before.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from pydantic import BaseModel, ValidationError

from core.model.graph import Dimension, Tensor, Weight
from core.model.onnx_file import broken
from core.model.tensor_types import bytes_of
from core.pytorch_files.archive import Archive
from core.pytorch_files.aten import Value
from core.pytorch_files.dtypes import dtype_of_number
from core.pytorch_files.pickle_values import as_list
from core.pytorch_files.program import Operation, Program, batch_of
from core.pytorch_files.symbols import readable

_DEEPEST_LIST = 3
_OLD_GRAPH = "serialized_exported_program.json"
_NEW_GRAPHS = "models/"
_Tagged = dict[str, Any]
"""A union of the schema: one key says the kind, such as as_tensor."""


class _TensorMeta(BaseModel):
    dtype: int
    sizes: list[_Tagged]


class _Argument(BaseModel):
    name: str = ""
    arg: _Tagged


class _Node(BaseModel):
    target: str
    inputs: list[_Argument]
    outputs: list[_Tagged]
    metadata: dict[str, str] = {}
    name: str | None = None


class _Graph(BaseModel):
    inputs: list[_Tagged]
    outputs: list[_Tagged]
    nodes: list[_Node]
    tensor_values: dict[str, _TensorMeta]


class _Signature(BaseModel):
    input_specs: list[_Tagged]
    output_specs: list[_Tagged]


class _Module(BaseModel):
    graph: _Graph
    signature: _Signature


class _ExportedProgram(BaseModel):
    graph_module: _Module
    opset_version: dict[str, int] = {}
    schema_version: dict[str, int] | int = 0
    torch_version: str = ""


def read_exported_program(archive: Archive) -> Program:
    """The program in an archive of torch.export.save. Raises InputError."""
    old = _OLD_GRAPH in archive
    names = [_OLD_GRAPH] if old else archive.below(_NEW_GRAPHS, ".json")
    try:
        file = _ExportedProgram.model_validate_json(archive.read(names[0]))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        why = f"Its graph does not follow PyTorch's schema at “{where[:120]}”."
        raise broken(archive.path, why) from error
    more = (f"The archive holds {len(names)} models; the first is shown.",) if names[1:] else ()
    return _Reader(file).program(more)


class _Reader:
    def __init__(self, file: _ExportedProgram) -> None:
        self._file = file
        self._graph = file.graph_module.graph
        self._tensors = {
            name: Tensor(name, dtype_of_number(meta.dtype), _shape(meta.sizes))
            for name, meta in self._graph.tensor_values.items()
        }

    def program(self, warnings: tuple[str, ...]) -> Program:
        signature = self._file.graph_module.signature
        inputs = tuple(self._values(signature.input_specs, "user_input"))
        outputs = tuple(self._values(signature.output_specs, "user_output"))
        return Program(
            inputs=inputs,
            outputs=outputs,
            operations=tuple(_operations(self._graph.nodes)),
            tensors=self._tensors,
            weights=dict(self._weights(signature.input_specs)),
            sizes=batch_of(inputs),
            version="PyTorch export",
            producer=f"PyTorch {self._file.torch_version}".strip(),
            properties={"Schema": _version(self._file.schema_version)},
            warnings=warnings,
        )

    def _values(self, specs: Sequence[_Tagged], kind: str) -> Iterator[Tensor]:
        for spec in specs:
            found = spec.get(kind)
            argument = found.get("arg") if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if isinstance(argument, dict):
                for name in _names(argument):  # pyright: ignore[reportUnknownArgumentType]
                    yield self._tensors.get(name) or Tensor(name, "unknown", None)

    def _weights(self, specs: Sequence[_Tagged]) -> Iterator[tuple[str, Weight]]:
        for spec in specs:
            for kind, key in _STORED.items():
                match spec.get(kind):
                    case {"arg": {"name": str(name)}, **rest}:
                        title = rest.get(key)
                        yield name, self._weight(name, title if isinstance(title, str) else name)
                    case _:
                        pass

    def _weight(self, name: str, title: str) -> Weight:
        tensor = self._tensors.get(name) or Tensor(name, "unknown", ())
        shape = tuple(size for size in tensor.shape or () if isinstance(size, int))
        size = bytes_of(tensor.dtype, shape)
        return Weight(title, tensor.dtype, shape, prod(shape) if size is None else size)


_STORED = {
    "parameter": "parameter_name",
    "buffer": "buffer_name",
    "tensor_constant": "tensor_constant_name",
}
"""Kinds of inputs that lie in the file, to the key of their name."""


def _operations(nodes: Sequence[_Node]) -> Iterator[Operation]:
    used: set[str] = set()
    for index, node in enumerate(nodes):
        outputs = tuple(name for output in node.outputs for name in _names(output))
        name = node.name or next(iter(outputs), "") or f"{node.target}#{index}"
        name = name if name not in used else f"{name}~{index}"
        used.add(name)
        slots, arguments = _taken(node.inputs)
        module = _module(node.metadata.get("nn_module_stack", ""))
        yield Operation(name, node.target, module, slots, outputs, arguments)


def _taken(inputs: Sequence[_Argument]) -> tuple[tuple[str, ...], Mapping[str, Value]]:
    """Names of the tensors by position, and the other arguments."""
    slots: list[str] = []
    others: dict[str, Value] = {}
    for position, argument in enumerate(inputs):
        found = _names(argument.arg)
        is_absent_tensor = "as_none" in argument.arg and argument.name in _TENSOR_NAMES
        if found or is_absent_tensor:
            slots += found or [""]
        else:
            others[argument.name or f"argument {position}"] = _value(argument.arg)
    return tuple(slots), others


_TENSOR_NAMES = frozenset({"bias", "weight", "running_mean", "running_var"})


def _names(argument: _Tagged) -> list[str]:
    """The graph's values that an argument refers to."""
    found: list[str] = []
    for kind, value in argument.items():
        if kind == "as_tensors" or kind.startswith(("as_optional", "as_sym", "as_nested")):
            found += _named_inside(value)
        elif kind == "as_tensor":
            found += _named_inside([value])
    return found


def _named_inside(value: object, depth: int = 0) -> list[str]:
    match value:
        case {"name": str(name)} | {"as_name": str(name)} | {"as_tensor": {"name": str(name)}}:
            return [name]
        case _:
            items = (as_list(value) or []) if depth < _DEEPEST_LIST else []
            return [name for item in items for name in _named_inside(item, depth + 1)]


def _value(argument: _Tagged) -> Value:
    """What is shown of an argument that is no tensor."""
    match next(iter(argument.items()), ("as_none", None)):
        case "as_none", _:
            return None
        case "as_scalar_type", int(number):
            return dtype_of_number(number)
        case "as_device", {"type": str(name)}:
            return name
        case "as_graph", {"graph": {"nodes": [*nodes]}}:
            return f"graph of {len(nodes)} nodes"  # pyright: ignore[reportUnknownArgumentType]
        case _, value:
            return value


def _shape(sizes: Sequence[_Tagged]) -> tuple[Dimension, ...]:
    return tuple(_dimension(size) for size in sizes)


def _dimension(size: _Tagged) -> Dimension:
    match size:
        case {"as_int": int(number)}:
            return number
        case {"as_expr": {"expr_str": str(text)}}:
            return readable(text)
        case _:
            return None


def _module(stack: str) -> tuple[str, ...]:
    """Path of the innermost module in “L__self__,,Net;L__self__conv1,conv1,torch.nn.Conv2d”."""
    innermost = stack.rpartition(";")[2].split(",")
    path = innermost[1] if len(innermost) > 1 else ""
    # PyTorch before 2.3 wrote L['self'].conv1; a second call of a module ends in “@1”.
    path = path.removeprefix("L['self']").removeprefix("L__self__").partition("@")[0]
    return tuple(part for part in path.split(".") if part)


def _version(version: dict[str, int] | int) -> str:
    if isinstance(version, int):
        return str(version)
    return f"{version.get('major', 0)}.{version.get('minor', 0)}"
