"""Numbers that TorchScript code computes from numbers: what decides which branch is drawn."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# The stubs of the standard library's operator leave types open.

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.pytorch_files.script_values import UNKNOWN, Known, ScriptValue, Several

_LARGEST, _LONGEST = 1 << 62, 1000
_DOES: Mapping[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv,
    "remainder": operator.mod, "div": operator.truediv, "neg": operator.neg, "eq": operator.eq,
    "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "__is__": operator.is_, "__isnot__": operator.is_not, "__not__": operator.not_,
    "__and__": operator.and_, "__or__": operator.or_,
}  # fmt: skip
_OF_TEXTS = frozenset({"eq", "ne", "__is__", "__isnot__"})


def folded(name: str, arguments: Sequence[ScriptValue]) -> ScriptValue:
    """The result of an operator on known numbers; unknown for any other."""
    if name == "len" and len(arguments) == 1 and isinstance(arguments[0], Several):
        return Known(len(arguments[0].items))
    values = [argument.value for argument in arguments if isinstance(argument, Known)]
    does = _DOES.get(name)
    if any(isinstance(value, str) for value in values) and name not in _OF_TEXTS:
        return UNKNOWN
    if does is None or len(values) != len(arguments) or not all(map(_is_small, values)):
        return UNKNOWN
    try:
        return Known(does(*values))
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN


def _is_small(value: object) -> bool:
    if isinstance(value, int | float):
        return abs(value) < _LARGEST
    return value is None or (isinstance(value, str) and len(value) < _LONGEST)
