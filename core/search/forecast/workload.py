"""What a model asks of a device: operations, values moved, weights, and how many kernels."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from core.model.graph import LayerId

WorkKind = Literal["dense", "depthwise", "matrix", "movement"]
"""Convolutions that sum over channels; those that do not; matrix products; all else, which moves
values more than it computes."""


WORK_KINDS: tuple[WorkKind, ...] = get_args(WorkKind)
_PLACES = {kind: place for place, kind in enumerate(WORK_KINDS)}


@dataclass(frozen=True)
class LayerWork:
    """One layer, or several that run as one kernel."""

    kind: WorkKind
    operations: float
    """Multiplications plus additions."""
    weights: float = 0.0
    """Count of stored numbers that are read."""
    values: float = 0.0
    """Count of values read and written besides the weights."""
    layers: tuple[LayerId, ...] = ()
    """The layers of the graph that run in it; empty for models known by their description only."""


class KernelColumns(NamedTuple):
    """The kernels of a workload as columns, one row each."""

    kinds: NDArray[np.int64]
    """Places in WORK_KINDS."""
    operations: NDArray[np.float64]
    weights: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Workload:
    """One inference, batch 1 unless `batch` says otherwise."""

    name: str
    kernels: tuple[LayerWork, ...]
    parameters: float
    peak_values: float | None = None
    """Count of values that are alive at the same time; None where it is not known."""
    peak_bytes: int | None = None
    """The same in bytes as the model stores them."""
    batch: int = 1
    unknown: int = 0
    """Layers of the graph whose work is not known; they count as moving their values."""

    @cached_property
    def columns(self) -> KernelColumns:
        """Made once, for forecasts on many devices."""
        numbers = np.array([(one.operations, one.weights, one.values) for one in self.kernels])
        kinds = np.array([_PLACES[one.kind] for one in self.kernels], np.int64)
        return KernelColumns(kinds, *numbers.reshape(-1, 3).T)

    @property
    def operations(self) -> float:
        """Of one input."""
        return sum(kernel.operations for kernel in self.kernels)

    @property
    def values(self) -> float:
        """Values moved between kernels for one input."""
        return sum(kernel.values for kernel in self.kernels)
