"""What the variables of TorchScript code stand for while its graph is drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.pytorch_files.pickle_values import Call, Global, Table, as_list, as_tuple
from core.pytorch_files.stored import StoredTensor, tensor_of, tensors_in


class TooLarge(Exception):
    """The code would unfold into more than any model."""


@dataclass(frozen=True)
class Flow:
    """A tensor, or a number or list made of some, by the name of what made it."""

    name: str


@dataclass(frozen=True)
class Held:
    """Tensors that lie in the file: one, or those of a packed object."""

    tensors: tuple[StoredTensor, ...]


@dataclass(frozen=True)
class Module:
    """An object in the file that has code."""

    call: Call
    path: tuple[str, ...]

    @property
    def class_name(self) -> str:
        return str(self.call.function) if isinstance(self.call.function, Global) else ""


@dataclass(frozen=True)
class Known:
    """A number, a text, a truth value or None."""

    value: object


@dataclass(frozen=True, eq=False)
class Several:
    """A list or a tuple; lists grow."""

    items: list["ScriptValue"]


@dataclass(frozen=True)
class Code:
    """A function of the archive, by its qualified name."""

    name: str


class Unknown:
    """Something that the drawing does not follow."""


ScriptValue = Flow | Held | Module | Known | Several | Code | Unknown

_MOST_ITEMS = 200_000
_SHOWN_DEPTH, _SHOWN_ITEMS = 3, 32
_TYPED = "torch.jit._pickle."
"""Functions that only say of what type a list is."""

UNKNOWN = Unknown()
NOTHING = Known(None)


def attribute_of(module: Module, name: str) -> ScriptValue:
    """What a module holds under a name."""
    state = module.call.state
    items = state.items if isinstance(state, Table) else []
    found = next((value for key, value in items if key == name), UNKNOWN)
    return UNKNOWN if found is UNKNOWN else stored_value(found, (*module.path, name))


def stored_value(value: object, path: tuple[str, ...]) -> ScriptValue:
    """A value of the file as the code sees it."""
    if (tensor := tensor_of(value, path)) is not None:
        return Held((tensor,))
    if isinstance(value, Call):
        named = Module(value, path)
        if named.class_name.startswith(_TYPED) and value.arguments:
            return stored_value(value.arguments[0], path)
        if named.class_name.startswith("__torch__.torch.classes."):
            return Held(tuple(tensors_in_object(value, path)))
        return named
    if (sequence := as_list(value) or as_tuple(value)) is not None:
        return Several(
            [stored_value(item, (*path, str(place))) for place, item in enumerate(sequence)]
        )
    return UNKNOWN if isinstance(value, Table | Global) else Known(value)


def tensors_in_object(value: Call, path: tuple[str, ...]) -> Iterator[StoredTensor]:
    """The tensors of a packed object, such as the weights of a quantized layer."""
    for tensor in tensors_in(value):
        yield StoredTensor((*path, *tensor.path), tensor.dtype, tensor.shape, tensor.bytes)


def flat(values: Sequence[ScriptValue]) -> Iterator[ScriptValue]:
    """The values, those inside lists instead of the lists. Raises TooLarge for endless ones."""
    pending = list(reversed(values))
    steps = 0
    while pending:
        steps += 1
        if steps > _MOST_ITEMS:
            raise TooLarge("its lists are endless")
        value = pending.pop()
        if isinstance(value, Several):
            pending.extend(reversed(value.items))
        else:
            yield value


def plain_value(value: ScriptValue, depth: int = 0) -> object:
    """A known value as Python has it; what flows, and what lies deep in lists, is shown as “…”."""
    match value:
        case Known(value=known):
            return known
        case Several(items=items) if depth < _SHOWN_DEPTH:
            return [plain_value(item, depth + 1) for item in items[:_SHOWN_ITEMS]]
        case _:
            return "…"


def is_known(value: ScriptValue) -> bool:
    return all(isinstance(item, Known) for item in flat([value]))
