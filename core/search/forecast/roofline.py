"""The arithmetic of a forecast: a kernel waits for arithmetic or for memory, and is started.

A kernel takes the longer of the two (Williams, Waterman and Patterson, Roofline, 2009) plus the
time to start it; an inference adds what the harness takes. Constants say which share of its peaks
a kind of device reaches with a kind of work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.search.forecast.machine import Machine
from core.search.forecast.workload import WORK_KINDS, WorkKind, Workload

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DENSE, VECTOR, MATRIX = "dense", "vector", "matrix"
BANDWIDTH, KERNEL = "bandwidth", "kernel"
SHARES = (DENSE, VECTOR, MATRIX, BANDWIDTH, KERNEL)
"""Constants that every kind of device has: reached shares of peaks and bandwidth, and microseconds
that starting a kernel takes at 1 GHz."""

_SHARE_OF: Mapping[WorkKind, int] = {"dense": 0, "depthwise": 1, "matrix": 2, "movement": 1}
_SHARES_OF_KINDS = np.array([_SHARE_OF[kind] for kind in WORK_KINDS])

ON_CHIP = 0.02
"""Bytes that caches move per vector operation, to order of magnitude: what `reuse` mixes in."""


@dataclass(frozen=True)
class Demand:
    """One workload on one machine, as if everything reached its peak."""

    shares: Ints
    """Per kernel: place in SHARES of what holds its arithmetic up."""
    compute_ms: Floats
    memory_ms: Floats
    kernel_ms: float
    """Per kernel, for one microsecond at 1 GHz."""
    overhead: str
    """The constant that the harness adds: milliseconds at a host core of 1 GHz."""
    per_host_ghz: float
    factors: tuple[str, ...]
    """The constants that the arithmetic's share is multiplied with."""


def demand(
    workload: Workload,
    machine: Machine,
    *,
    reuse: float,
    overhead: str,
    factors: Sequence[str] = (),
) -> Demand:
    """`reuse` 0 fetches everything from memory, 1 from caches as fast as the arithmetic."""
    kinds, operations, weights, values = workload.columns
    shares = _SHARES_OF_KINDS[kinds]
    peaks = np.array([machine.dense_gops, machine.vector_gops, machine.dense_gops]) * 1e6
    rate, weight_rate = _rates(machine, reuse)
    fetched = _share_fetched(machine, float(weights.sum()))
    return Demand(
        shares=shares,
        compute_ms=operations * workload.batch / peaks[shares],
        memory_ms=(values * workload.batch / rate + weights * fetched / weight_rate)
        * machine.number_bytes,
        kernel_ms=1e-3 / machine.clock_ghz,
        overhead=overhead,
        per_host_ghz=1 / machine.host_ghz,
        factors=tuple(factors),
    )


def _rates(machine: Machine, reuse: float) -> tuple[float, float]:
    """Bytes a millisecond, of values and of weights; a chip that keeps weights has a slow link."""
    caches = ON_CHIP * machine.vector_gops
    rate = machine.bandwidth_gbs ** (1 - reuse) * caches**reuse * 1e6
    return rate, rate if machine.cache_bytes is None else machine.bandwidth_gbs * 1e6


def _share_fetched(machine: Machine, weights: float) -> float:
    """Which share of the weights is fetched anew in every inference."""
    if machine.cache_bytes is None:
        return 1.0
    return max(0.0, 1 - machine.cache_bytes / max(weights * machine.number_bytes, 1.0))


class Terms(NamedTuple):
    """Milliseconds of each case, apart by what they wait for."""

    compute: Floats
    """One row per case, one column for each of DENSE, VECTOR and MATRIX."""
    memory: Floats
    kernels: Floats
    overhead: Floats

    @property
    def total(self) -> Floats:
        return self.compute.sum(1) + self.memory + self.kernels + self.overhead


class Cases:
    """Many demands side by side, so that all are worked out at once."""

    def __init__(self, demands: Sequence[Demand], names: Sequence[str]) -> None:
        """`names` of constants begin with SHARES; unknown factors count as 1."""
        counts = [len(one.shares) for one in demands]
        self.names = tuple(names)
        self.row = np.repeat(np.arange(len(demands)), counts)
        self.share = np.concatenate([one.shares for one in demands])
        self.compute_ms = np.concatenate([one.compute_ms for one in demands])
        self.memory_ms = np.concatenate([one.memory_ms for one in demands])
        self.kernel_ms = np.array([one.kernel_ms for one in demands]) * counts
        self.per_host_ghz = np.array([one.per_host_ghz for one in demands])
        place = {name: index for index, name in enumerate(names)}
        self.overhead = np.array([place[one.overhead] for one in demands])
        self.factors = np.zeros((len(demands), len(names)))
        for row, one in enumerate(demands):
            self.factors[row, [place[name] for name in one.factors if name in place]] = 1.0

    def __len__(self) -> int:
        return len(self.kernel_ms)

    def kernel_times(self, constants: Floats) -> tuple[Floats, Floats]:
        """Milliseconds of arithmetic and of memory of each kernel; logs of constants by name."""
        slower = np.exp(self.factors @ constants)[self.row] * np.exp(constants)[self.share]
        return self.compute_ms / slower, self.memory_ms / np.exp(constants[3])

    def terms(self, constants: Floats) -> Terms:
        compute, memory = self.kernel_times(constants)
        waits = compute >= memory
        count = len(self)
        cells = self.row * 3 + self.share
        return Terms(
            compute=_sums(cells, compute * waits, 3 * count).reshape(count, 3),
            memory=_sums(self.row, memory * ~waits, count),
            kernels=self.kernel_ms * np.exp(constants[4]),
            overhead=self.per_host_ghz * np.exp(constants[self.overhead]),
        )

    def sensitivities(self, terms: Terms) -> Floats:
        """How ln(latency) changes with the log of each constant; cases × constants."""
        arithmetic = terms.compute.sum(1)
        change = -self.factors * arithmetic[:, None]
        change[:, :3] -= terms.compute
        change[:, 3] -= terms.memory
        change[:, 4] += terms.kernels
        change[np.arange(len(self)), self.overhead] += terms.overhead
        return change / terms.total[:, None]


def _sums(places: Ints, numbers: Floats, count: int) -> Floats:
    """The numbers of each place, added up."""
    return np.bincount(places, numbers, count).astype(np.float64)
