"""Takes Paddle's programs apart: .pdmodel, which is protobuf, and the newer .json.

Field numbers: framework.proto of Paddle 3.3 (Apache-2.0). The JSON's short keys: “#” is a kind,
“%” the number of a value, “I” and “O” what goes in and out, “A” attributes, “TT” a type, “D” data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.model import tensor_types
from core.model.cost import Shape, Work
from core.model.graph import Dimension, Tensor, Weight
from core.readers.assembly import Node, Parts, Stored, stored
from core.readers.json_text import Json
from core.readers.protobuf import Message

_TYPES: Mapping[int, str] = {
    0: "bool", 1: "int16", 2: "int32", 3: "int64", 4: "float16", 5: "float32", 6: "float64",
    20: "uint8", 21: "int8", 22: "bfloat16", 23: "complex64", 24: "complex128",
}  # fmt: skip
"""VarType.Type."""
_SHORT: Mapping[str, str] = {
    "f16": "float16", "f32": "float32", "f64": "float64", "bf16": "bfloat16", "i8": "int8",
    "ui8": "uint8", "i16": "int16", "i32": "int32", "i64": "int64", "index": "int64",
}  # fmt: skip
"""Element types in the JSON."""
_ONNX: Mapping[str, str] = {
    "conv2d": "Conv", "depthwise_conv2d": "Conv", "conv2d_transpose": "ConvTranspose",
    "relu": "Relu", "softmax": "Softmax", "pool2d": "AveragePool", "layer_norm":
    "LayerNormalization", "concat": "Concat",
    **dict.fromkeys(("matmul", "matmul_v2", "mul"), "MatMul"),
    **dict.fromkeys(("batch_norm", "batch_norm_"), "BatchNormalization"),
    **dict.fromkeys(("elementwise_add", "elementwise_mul", "add", "multiply"), "Add"),
    **dict.fromkeys(("reshape", "reshape2", "transpose", "transpose2"), "Reshape"),
}  # fmt: skip
"""Operators that mean the same in ONNX, for the count of operations."""
_ROLES: Mapping[str, int] = {"Input": 0, "X": 0, "Filter": 1, "W": 1, "Y": 1}
_HIDDEN = frozenset({"op_callstack", "op_role", "op_role_var", "op_namescope", "op_device"})
_OPTIONAL_OUTPUTS = frozenset({"XShape", "MeanOut", "VarianceOut", "SavedMean", "SavedVariance"})


class BrokenProgram(ValueError):
    """The JSON is no program."""


@dataclass
class _Program:
    nodes: list[Node] = field(default_factory=list[Node])
    tensors: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    constants: dict[str, Stored] = field(default_factory=dict[str, Stored])
    inputs: list[str] = field(default_factory=list[str])
    outputs: list[str] = field(default_factory=list[str])

    def add_weight(self, name: str, dtype: str, shape: tuple[Dimension, ...] | None) -> None:
        sizes = tuple(size for size in shape or () if isinstance(size, int))
        size = tensor_types.bytes_of(dtype, sizes) or 0
        self.constants[name] = stored(Weight(name, dtype, sizes, size))

    def add_node(
        self,
        operator: str,
        taken: tuple[str, ...],
        made: tuple[str, ...],
        attributes: dict[str, str],
    ) -> None:
        groups = attributes.get("groups", "")
        numbers = {"group": (int(groups),)} if groups.isdecimal() else {}
        work = Work(
            _ONNX.get(operator, operator),
            [self._sizes(name) for name in taken],
            [self._sizes(name) for name in made],
            numbers,
            frozenset(i for i, name in enumerate(taken) if name in self.constants),
        )
        known = operator in _ONNX
        node = Node(operator, taken, made, attributes=attributes, work=work if known else None)
        self.nodes.append(node)

    def _sizes(self, name: str) -> Shape:
        if name in self.constants and self.constants[name].weights:
            return self.constants[name].weights[0].shape
        tensor = self.tensors.get(name)
        if tensor is None or tensor.shape is None:
            return None
        sizes = [size if isinstance(size, int) else None for size in tensor.shape]
        return tuple(1 if size is None and not at else size for at, size in enumerate(sizes))

    def parts(self) -> Parts:
        return Parts(self.nodes, self.tensors, self.constants, self.inputs, self.outputs)


def parts_of_binary(data: memoryview) -> Parts:
    """A .pdmodel's first block. Raises BrokenFile."""
    program = _Program()
    block = next(Message(data).messages(1), Message(memoryview(b"")))
    for variable in block.messages(3):
        _add_variable(program, variable)
    named: dict[str, str] = {}
    for number, operation in enumerate(block.messages(4)):
        _add_operation(program, operation, named, number)
    return program.parts()


def _add_variable(program: _Program, variable: Message) -> None:
    name = variable.text(1)
    kind = variable.message(2)
    holder = kind.message(3) if kind else None
    tensor = holder.message(1) if holder else None
    if tensor is None:
        return
    dtype = _TYPES.get(tensor.number(1), "unknown")
    shape = tuple(size if size >= 0 else None for size in tensor.numbers(2))
    if variable.number(3):
        program.add_weight(name, dtype, shape)
    else:
        program.tensors[name] = Tensor(name, dtype, shape)


def _add_operation(
    program: _Program, operation: Message, named: dict[str, str], number: int
) -> None:
    """An operation may write over a variable: from then on its name means a new tensor."""
    kind = operation.text(3)
    taken = tuple(named.get(name, name) for _, name in _arguments(operation, 1))
    given = [name for role, name in _arguments(operation, 2) if role not in _OPTIONAL_OUTPUTS]
    if kind == "feed":
        program.inputs += given
    elif kind == "fetch":
        program.outputs += taken
    else:
        made: list[str] = []
        for name in given:
            new = f"{name}@{number}" if name in named or name in taken else name
            named[name] = new
            made.append(new)
        program.add_node(kind, taken, tuple(made), _attributes(operation))


def _arguments(operation: Message, number: int) -> Iterator[tuple[str, str]]:
    """Role and name; they lie sorted by role in the file, and here the main ones come first."""
    variables = [(variable.text(1), variable) for variable in operation.messages(number)]
    for role, variable in sorted(variables, key=lambda found: _ROLES.get(found[0], len(_ROLES))):
        yield from ((role, name) for name in variable.texts(2))


def _attributes(operation: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in operation.messages(4):
        name = entry.text(1)
        if name and name not in _HIDDEN:
            found[name] = _attribute_text(entry)
    return {name: text for name, text in found.items() if text}


def _attribute_text(entry: Message) -> str:
    kinds = {1: 4, 2: 5, 4: 7}  # floats and texts are no whole numbers
    if entry.number(2) in kinds:
        return ", ".join(entry.texts(kinds[entry.number(2)] if entry.number(2) == 2 else 8))
    numbers = [number for field in (3, 6, 10, 11, 13, 15) for number in entry.numbers(field)]
    return ", ".join(str(number) for number in numbers[:16])


def parts_of_json(document: Json) -> Parts:
    """The newer form's first block. Raises BrokenProgram."""
    program = _Program()
    value: Json = document
    for key in ("program", "regions", "blocks", "ops"):
        value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, list) and key != "ops":
            value = value[0] if value else None
    if not isinstance(value, list):
        raise BrokenProgram("It has no list of operations.")
    for row in value:
        if isinstance(row, dict):
            _add_row(program, row)
    return program.parts()


def _add_row(program: _Program, row: "dict[str, Json]") -> None:
    kind = str(row.get("#", ""))
    taken = tuple(_value_name(program, value) for value in _list(row.get("I")))
    values = row.get("O")
    outputs = _list(values) if isinstance(values, list) else [values]
    if kind == "p":
        name = next((entry for entry in _list(row.get("A"))[::-1] if isinstance(entry, str)), "")
        dtype, shape = _type(outputs[0])
        number = _number(outputs[0])
        program.add_weight(f"%{number}", dtype, shape)
        weight = program.constants[f"%{number}"].weights[0]
        program.constants[f"%{number}"] = stored(
            Weight(name or weight.name, dtype, weight.shape, weight.bytes)
        )
        return
    made: list[str] = []
    for value in outputs:
        dtype, shape = _type(value)
        name = f"%{_number(value)}"
        program.tensors[name] = Tensor(name, dtype, shape)
        made.append(name)
    attributes = dict(_json_attributes(row))
    operator = kind.partition(".")[2] or kind
    if operator in ("data", "feed"):
        program.inputs += made
    elif operator == "fetch":
        program.outputs += taken
    else:
        program.add_node(operator, taken, tuple(made), attributes)


def _value_name(program: _Program, value: Json) -> str:
    number = _number(value)
    return f"%{number}" if number else ""


def _number(value: Json) -> int:
    number = value.get("%") if isinstance(value, dict) else None
    return number if isinstance(number, int) else 0


def _type(value: Json) -> tuple[str, tuple[Dimension, ...] | None]:
    """“0.t_f32” and its sizes, out of a value's type."""
    kind = value.get("TT") if isinstance(value, dict) else None
    data = _list(kind.get("D")) if isinstance(kind, dict) else _list(None)
    element, shape = (data[0], data[1]) if len(data) > 1 else (None, None)
    if not isinstance(element, dict):
        return "unknown", None
    short = str(element.get("#", "")).rpartition("t_")[2]
    sizes = (size if isinstance(size, int) and size >= 0 else None for size in _list(shape))
    return _SHORT.get(short, short), tuple(sizes)


def _json_attributes(row: "dict[str, Json]") -> Iterator[tuple[str, str]]:
    for entry in _list(row.get("A")):
        if isinstance(entry, dict) and isinstance(entry.get("N"), str):
            text = _plain_text(entry.get("AT"))
            if text and entry["N"] != "place":
                yield str(entry["N"]), text


def _plain_text(value: Json, depth: int = 0) -> str:
    if isinstance(value, dict):
        return _plain_text(value.get("D"), depth + 1) if depth < 8 else ""
    if isinstance(value, list):
        return ", ".join(_plain_text(entry, depth + 1) for entry in value[:16]) if depth < 8 else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)


def _list(value: Json) -> "Sequence[Json]":
    return value if isinstance(value, list) else []
