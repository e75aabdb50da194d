"""Names of the arguments of PyTorch's operators, which TorchScript code leaves out."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files


def argument_names(target: str, count: int) -> Sequence[str]:
    """Names for `count` arguments by position of “torch.ops.aten.conv2d”.

    Those of the shortest form of the operator that takes so many; numbers where none is known.
    """
    forms = _table().get(target.removeprefix("torch.ops.aten."), ())
    fitting = (names.split() for names in forms if len(names.split()) >= count)
    return next(fitting, [f"argument {place}" for place in range(count)])


@cache
def _table() -> Mapping[str, Sequence[str]]:
    """Operator to its forms, each as its arguments' names, the shortest first."""
    resource = files("resources") / "formats" / "aten_arguments.json"
    return json.loads(resource.read_text(encoding="utf-8"))["arguments"]
