"""What a scan is asked to do."""

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.inputs import InputSet
from core.errors import InputError
from core.model.graph import ModelGraph
from core.plan.plan import Step
from core.techniques.base import Feeds

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class ScanWork:
    """Every layer that a setting can treat is treated alone, once for each setting."""

    model: Path
    """The working copy: every node carries its LayerId."""
    graph: ModelGraph
    settings: Mapping[str, Step]
    """By id. A step says which layers are treated, and with which options."""
    inputs: InputSet | Path | Mapping[str, Path]
    """What the model is looked at with, in this order: prepared inputs, or .npy files of
    (samples, …) without the batch axis, one file for each input of the model."""
    images: int = 200
    """The most inputs that are looked at."""
    every_input: bool = False
    """Whether all layers are looked at with all of them. Else only as many are taken as tell the
    layers apart, which gives the order at a fraction of the work but levels less exactly."""
    seconds: float = math.inf
    """After these no more inputs are looked at than the few that every layer needs."""
    calibration: Callable[[], Iterator[Feeds]] | None = None
    calibration_count: int = 0
    labels: "np.ndarray | None" = None
    """int64, (samples,): the true classes; with them the report holds drops."""
    cache: Path | None = None
    """Folder in which figures are kept, so that a scan goes on where another one ended."""
    executor: Executor | None = None
    """Where the work is done; None does it in this process."""

    @cached_property
    def count(self) -> int:
        """How many inputs may be looked at."""
        return min(self.images, *(one.count for one in self._sets.values()))

    def feeds(self, index: int) -> "dict[str, np.ndarray]":
        """One input with its batch of 1, in the names and types of the model."""
        import numpy as np

        rows = {name: one.feeds(index)[source] for (name, source), one in self._sets.items()}
        return {
            port.name: np.ascontiguousarray(rows[port.name], dtype=port.dtype)
            for port in self.graph.inputs
        }

    @cached_property
    def _sets(self) -> dict[tuple[str, str], InputSet]:
        """The inputs' names in the model and in the set that holds them. Raises InputError."""
        names = [port.name for port in self.graph.inputs]
        if isinstance(self.inputs, Mapping):
            sets = [InputSet(path, name) for name, path in self.inputs.items()]
            found = {(name, name): one for one in sets for name in one.names}
        else:
            whole = InputSet(self.inputs) if isinstance(self.inputs, Path) else self.inputs
            alone = len(names) == 1 and len(whole.names) == 1
            model_names = names if alone else whole.names
            found = dict.fromkeys(zip(model_names, whole.names, strict=True), whole)
        missing = sorted(set(names) - {name for name, _ in found})
        if missing:
            raise InputError(
                "The inputs do not fit the model.",
                f"It also takes {', '.join(missing)}.",
                "Give an array for every input of the model.",
            )
        return found
