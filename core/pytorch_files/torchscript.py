"""Reads TorchScript archives: objects from the pickle as data, operations from the code as text."""

import ast
from collections.abc import Callable, Mapping, Sequence

from core.errors import InputError
from core.model import cost
from core.model.graph import Tensor, Weight
from core.model.onnx_file import broken
from core.pytorch_files import aten
from core.pytorch_files.archive import Archive
from core.pytorch_files.pickle_values import BadPickle, Call
from core.pytorch_files.pickles import read_pickle
from core.pytorch_files.program import Operation, Program
from core.pytorch_files.script_code import ScriptCode
from core.pytorch_files.script_drawing import Drawing
from core.pytorch_files.script_shapes import known_shapes
from core.pytorch_files.script_values import (
    Flow,
    Module,
    ScriptValue,
    TooLarge,
    flat,
    stored_value,
)
from core.pytorch_files.stored import StoredTensor, tensors_in

_TRACED = "traced_inputs.pkl"
_METHOD = "forward"
"""Also the beginning of its name, where a module has several forms of it."""
_QUESTIONS = frozenset(
    {
        "size", "dim", "len", "eq", "ne", "lt", "le", "gt", "ge", "is", "isnot", "not", "and",
        "or", "floordiv", "device", "dtype", "is_cuda", "format", "numel", "layout", "if", "loop",
        "type", "contains", "is_nested", "is_floating_point", "any", "sub", "add", "mul",
    }
)  # fmt: skip
"""Operators that ask about tensors or join what they say; drawn only where something is made of
the answer."""


def read_torchscript(archive: Archive) -> Program:
    """The program of an archive of torch.jit.save. Raises InputError."""
    root = _unpickled(archive, "data.pkl")
    code = ScriptCode(archive)
    if not isinstance(root, Call):
        raise broken(archive.path, "Its data.pkl holds no module.")
    constants = stored_value(_unpickled(archive, "constants.pkl"), ("constants",))
    return _program(archive, code, Module(root, ()), constants)


def _program(archive: Archive, code: ScriptCode, module: Module, constants: ScriptValue) -> Program:
    known = code.classes.get(module.class_name)
    method = next((name for name in known.methods if name.startswith(_METHOD)), "") if known else ""
    if known is None or not method:
        raise _without_forward(archive)
    names = _needed_arguments(known.methods[method])
    drawing = Drawing(code, constants)
    try:
        result = drawing.follow_method(module, method, [Flow(name) for name in names])
    except (TooLarge, RecursionError) as error:
        raise broken(archive.path, f"Its code cannot be drawn: {error}.") from error
    operations = drawing.notes.operations
    examples = _examples(archive, names)
    tensors = _tensors(examples, drawing)
    inputs = tuple(tensors.get(name) or Tensor(name, "unknown", None) for name in names)
    outputs = tuple(dict.fromkeys(v.name for v in flat([result]) if isinstance(v, Flow)))
    return Program(
        inputs=inputs,
        outputs=tuple(tensors.get(name) or Tensor(name, "unknown", None) for name in outputs),
        operations=_needed(operations, outputs),
        tensors=tensors,
        weights={
            name: Weight(name, tensor.dtype, tensor.shape, tensor.bytes)
            for name, tensor in drawing.notes.weights.items()
        },
        sizes=_of_one_sample(inputs),
        version="TorchScript",
        producer="PyTorch",
        properties={
            "Version": _version(archive),
            "Class": module.class_name.removeprefix("__torch__."),
        },
    )


def _examples(archive: Archive, names: Sequence[str]) -> dict[str, StoredTensor]:
    """The inputs with which the module was traced, as far as the archive kept them."""
    if _TRACED not in archive:
        return {}
    found = tuple(tensors_in(_unpickled(archive, _TRACED)))
    return dict(zip(names, found, strict=True)) if len(found) == len(names) else {}


def _tensors(examples: Mapping[str, StoredTensor], drawing: Drawing) -> dict[str, Tensor]:
    """What is known of each tensor from the example inputs."""
    stored = {**drawing.notes.weights, **examples}
    shapes = known_shapes(drawing.notes.operations, {n: each.shape for n, each in stored.items()})
    dtypes = {each.dtype for each in stored.values() if each.dtype.startswith("float")}
    dtype = dtypes.pop() if len(dtypes) == 1 else "unknown"
    return {
        name: Tensor(name, stored[name].dtype if name in stored else dtype, shape)
        for name, shape in shapes.items()
        if name not in drawing.notes.weights
    }


def _needed_arguments(function: ast.FunctionDef) -> list[str]:
    """Names of the arguments, without those at the end that may be left out."""
    arguments = function.args.args[1:]
    return [argument.arg for argument in arguments[: len(arguments) - len(function.args.defaults)]]


def _of_one_sample(inputs: Sequence[Tensor]) -> Callable[[Tensor], cost.Shape]:
    """Shapes for batch 1, whatever batch the module was traced with."""
    batch = next((tensor.shape[0] for tensor in inputs if tensor.shape), None)

    def sizes(tensor: Tensor) -> cost.Shape:
        shape = tuple(size for size in tensor.shape or () if isinstance(size, int))
        return (1, *shape[1:]) if shape and shape[0] == batch else shape or None

    return sizes


def _needed(operations: Sequence[Operation], outputs: Sequence[str]) -> tuple[Operation, ...]:
    """Without the questions that nothing depends on."""
    wanted = set(outputs)
    kept: list[Operation] = []
    for operation in reversed(operations):
        asks = aten.plain_operator(operation.target) in _QUESTIONS
        if not asks or any(name in wanted for name in operation.outputs):
            kept.append(operation)
            wanted.update(operation.slots)
    return tuple(reversed(kept))


def _unpickled(archive: Archive, name: str) -> object:
    try:
        return read_pickle(archive.read(name)).value
    except BadPickle as error:
        raise broken(archive.path, f"Its {name} cannot be read: {error}.") from error


def _version(archive: Archive) -> str:
    return archive.text("version").strip()[:20] if "version" in archive else "not given"


def _without_forward(archive: Archive) -> InputError:
    return InputError(
        f"“{archive.path.name}” cannot be drawn.",
        "It is TorchScript, but its outermost module has no method called forward.",
        "Save a module with a forward method, or export it with torch.export.save.",
    )
