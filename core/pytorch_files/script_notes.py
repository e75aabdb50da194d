"""The operations that were met while TorchScript code was followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.pytorch_files.aten_arguments import argument_names
from core.pytorch_files.program import Operation
from core.pytorch_files.script_values import (
    NOTHING,
    Flow,
    Held,
    ScriptValue,
    TooLarge,
    flat,
    plain_value,
)
from core.pytorch_files.stored import StoredTensor

MOST_OPERATIONS = 300_000
_OPTIONAL = frozenset({"bias", "weight", "running_mean", "running_var"})
"""Tensors that may be left out; their place is kept."""


@dataclass
class Notes:
    """Operations in the order in which they were met, and the weights that they take."""

    operations: list[Operation] = field(default_factory=list[Operation])
    weights: dict[str, StoredTensor] = field(default_factory=dict[str, StoredTensor])
    _used: dict[str, int] = field(default_factory=dict[str, int])

    def add(
        self,
        target: str,
        path: tuple[str, ...],
        arguments: Sequence[ScriptValue],
        keywords: Mapping[str, ScriptValue],
    ) -> Flow:
        """Take note of one operation and give what flows out of it. Raises TooLarge."""
        if len(self.operations) >= MOST_OPERATIONS:
            raise TooLarge("it has too many operations")
        names = argument_names(target, len(arguments))
        slots: list[str] = []
        others: dict[str, object] = {}
        for name, value in (*zip(names, arguments, strict=False), *keywords.items()):
            slots += (found := self._slots(name, value))
            if not found:
                others[name] = plain_value(value)
        operator = target.rpartition(".")[2].strip("_")
        output = self._free_name(".".join((*path, operator)))
        self.operations.append(Operation(output, target, path, tuple(slots), (output,), others))
        return Flow(output)

    def _slots(self, name: str, value: ScriptValue) -> list[str]:
        if value == NOTHING and name in _OPTIONAL:
            return [""]
        found: list[str] = []
        for item in flat([value]):
            if isinstance(item, Flow):
                found.append(item.name)
            elif isinstance(item, Held):
                self.weights.update((tensor.name, tensor) for tensor in item.tensors)
                found += [tensor.name for tensor in item.tensors]
        return found

    def _free_name(self, wish: str) -> str:
        times = self._used.get(wish, 0) + 1
        self._used[wish] = times
        return wish if times == 1 else f"{wish}_{times - 1}"
