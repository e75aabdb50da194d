"""What calls in TorchScript code give that are no operations: conversions, lists, questions."""

import ast
from collections.abc import Callable, Mapping, Sequence

from core.pytorch_files.script_values import (
    UNKNOWN,
    Flow,
    Held,
    Known,
    Module,
    ScriptValue,
    Several,
    attribute_of,
)

_SAME = frozenset({"int", "float", "bool", "str"})
"""Python's conversions, which change nothing that is drawn."""


def _appended(given: Sequence[ScriptValue]) -> ScriptValue:
    if len(given) == 2 and isinstance(given[0], Several):
        given[0].items.append(given[1])
    return given[0] if given else UNKNOWN


def known_answer(dotted: str, values: Sequence[ScriptValue]) -> ScriptValue | None:
    """What is known without a value: a tensor is there, and gradients are wanted.

    With gradients the code goes its ordinary way, not that of fused kernels.
    """
    match dotted, values:
        case (
            ("torch.__is__" | "torch.__isnot__"),
            [Flow() | Held() | Module(), Known(value=None)],
        ):
            return Known(dotted == "torch.__isnot__")
        case (("torch.is_grad_enabled" | "ops.prim.requires_grad" | "torch.requires_grad"), _):
            return Known(True)
        case _:
            return None


def attribute_named(owner: ScriptValue, name: str) -> ScriptValue:
    if isinstance(owner, Module):
        return attribute_of(owner, name)
    return owner if isinstance(owner, Flow) else UNKNOWN


def _gotten(given: Sequence[ScriptValue]) -> ScriptValue:
    """What `getattr(module, "0")` gives."""
    match given:
        case [owner, Known(value=str(name))]:
            return attribute_named(owner, name)
        case _:
            return UNKNOWN


def item_of(value: ScriptValue, index: ScriptValue) -> ScriptValue:
    if isinstance(value, Several) and isinstance(index, Known) and isinstance(index.value, int):
        within = -len(value.items) <= index.value < len(value.items)
        return value.items[index.value] if within else UNKNOWN
    return value if isinstance(value, Flow) else UNKNOWN


def dotted_name(node: ast.expr) -> str:
    """“torch.nn.functional.relu” of a name with dots; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join((node.id, *reversed(parts)))


def ends_in_error(body: Sequence[ast.stmt]) -> bool:
    """Whether a branch ends in an error."""
    calls = (part.value for part in body if isinstance(part, ast.Expr))
    return any(
        isinstance(call, ast.Call) and dotted_name(call.func) == "ops.prim.RaiseException"
        for call in calls
    )


SPECIAL: Mapping[str, Callable[[Sequence[ScriptValue]], ScriptValue]] = {
    **dict.fromkeys(_SAME, lambda given: given[0] if given else UNKNOWN),
    "annotate": lambda given: given[-1] if given else UNKNOWN,
    "unchecked_cast": lambda given: given[-1] if given else UNKNOWN,
    "uninitialized": lambda given: UNKNOWN,
    "ops.prim.data": lambda given: given[0] if given else UNKNOWN,
    "ops.prim.NumToTensor": lambda given: given[0] if given else UNKNOWN,
    "ops.prim.RaiseException": lambda given: UNKNOWN,
    "torch.warn": lambda given: UNKNOWN,
    "range": lambda given: given[-1] if given else UNKNOWN,
    "torch.append": _appended,
    "getattr": _gotten,
}
"""Calls that are no operation."""
