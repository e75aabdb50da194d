"""Names of the arguments of PyTorch's operators, which TorchScript code leaves out."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

_TENSOR_FIRST = (["self"], ["input"])
"""What the first argument of an operator on tensors is called."""


def argument_names(target: str, count: int) -> Sequence[str]:
    """Names for `count` arguments by position of “torch.ops.aten.conv2d”.

    Those of the shortest form of the operator that takes so many, forms for tensors first; numbers
    where none is known.
    """
    forms = [form.split() for form in _table().get(target.removeprefix("torch.ops.aten."), ())]
    fitting = [names for names in forms if len(names) >= count]
    fitting.sort(key=lambda names: (names[:1] not in _TENSOR_FIRST, len(names)))
    return next(iter(fitting), [f"argument {place}" for place in range(count)])


@cache
def _table() -> Mapping[str, Sequence[str]]:
    """Operator to its forms, each as its arguments' names, the shortest first."""
    resource = files("resources") / "formats" / "aten_arguments.json"
    return json.loads(resource.read_text(encoding="utf-8"))["arguments"]
