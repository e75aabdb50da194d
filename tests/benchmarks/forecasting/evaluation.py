"""Leaves whole devices out, twice: to choose and to widen the bands inside, to judge outside.

Everything that is chosen from rows — constants, how far caches feed kernels, the width of bands —
is chosen without the device on which it is then judged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.search.forecast.bands import Reach, reach_of
from core.search.forecast.constants import Figure
from core.search.forecast.fitting import ROWS_OF_A_DEVICE, fit
from core.search.forecast.levels import levels
from core.search.forecast.machine import machine_of
from core.search.forecast.roofline import Cases, Demand, Floats, demand
from tests.benchmarks.forecasting.engines import Belief
from tests.benchmarks.forecasting.published import Row

REUSES = (0.0, 0.5, 1.0)
Left = frozenset[str]


@dataclass(frozen=True)
class Judged:
    """One row as it was forecast by constants that never saw its device."""

    row: Row
    error: float
    """ln(forecast / measured)."""
    reach: float
    """Half the band's width, as a logarithm."""


@dataclass(frozen=True)
class Outcome:
    figures: Mapping[str, Figure]
    """From all rows."""
    reuse: float
    reach: Reach
    judged: Sequence[Judged]


class Evaluation:
    """One kind of device: its rows, and fits that are kept, since many leave out the same."""

    def __init__(self, belief: Belief, rows: Iterable[Row]) -> None:
        self.belief, self.rows = belief, list(rows)
        self.devices = sorted({row.device for row in self.rows})
        self._of = np.array([row.device for row in self.rows])
        self._demands = {reuse: [self._demand(row, reuse) for row in self.rows] for reuse in REUSES}
        demands = self._demands[0.0]
        overheads = {one.overhead for one in demands}
        factors = {name for one in demands for name in one.factors}
        self._beliefs = belief.figures(overheads, factors)
        self._cases = {
            reuse: Cases(each, list(self._beliefs)) for reuse, each in self._demands.items()
        }
        self._kept: dict[tuple[Left, float], tuple[Mapping[str, Figure], Floats, Floats]] = {}

    def outcome(self) -> Outcome:
        """Fits of D devices: all pairs left out, each alone, and none."""
        judged = [one for device in self.devices for one in self._judge(device)]
        reuse = self._chosen(frozenset())
        figures, _, _ = self._fitted(frozenset(), reuse)
        return Outcome(figures, reuse, self._reach(frozenset(), reuse), judged)

    def _demand(self, row: Row, reuse: float) -> Demand:
        ask = row.ask
        precision = self.belief.computes.get(ask.precision, ask.precision)
        return demand(
            row.workload,
            machine_of(ask.profile, self.belief.engine, precision),
            reuse=reuse,
            overhead=f"overhead:{ask.harness}",
            factors=levels(self.belief.factors, ask),
        )

    def _judge(self, device: str) -> list[Judged]:
        left = frozenset({device})
        if len(self.devices) < 2:
            return []
        reuse = self._chosen(left)
        _, errors, unsure = self._fitted(left, reuse)
        reaches = self._reach(left, reuse).of(unsure)
        return [
            Judged(self.rows[place], float(errors[place]), float(reaches[place]))
            for place in np.flatnonzero(self._of == device)
        ]

    def _others(self, left: Left) -> list[str]:
        return [device for device in self.devices if device not in left]

    def _chosen(self, left: Left) -> float:
        """How far caches feed kernels: what forecasts further left-out devices best."""
        return min(REUSES, key=lambda reuse: self._loss(left, reuse))

    def _loss(self, left: Left, reuse: float) -> float:
        losses = [
            np.abs(self._fitted(left | {other}, reuse)[1][self._of == other]).mean()
            for other in self._others(left)
        ]
        return float(np.mean(losses))

    def _reach(self, left: Left, reuse: float) -> Reach:
        errors, unsure, devices = [np.zeros(0)], [np.zeros(0)], [self._of[:0]]
        for other in self._others(left):
            _, error, spread = self._fitted(left | {other}, reuse)
            mine = self._of == other
            errors.append(error[mine])
            unsure.append(spread[mine])
            devices.append(self._of[mine])
        return reach_of(np.concatenate(errors), np.concatenate(unsure), np.concatenate(devices))

    def _fitted(self, left: Left, reuse: float) -> tuple[Mapping[str, Figure], Floats, Floats]:
        """Constants without these devices; of all rows the error, and the spread they leave."""
        if (left, reuse) not in self._kept:
            kept = np.array([row.device not in left for row in self.rows])
            found = self._fit(kept, reuse) if kept.any() else self._beliefs
            logs = np.log([one.value for one in found.values()])
            terms = self._cases[reuse].terms(logs)
            measured = np.array([row.milliseconds for row in self.rows])
            spreads = np.array([one.spread for one in found.values()])
            unsure = np.linalg.norm(self._cases[reuse].sensitivities(terms) * spreads, axis=1)
            self._kept[left, reuse] = (found, np.log(terms.total / measured), unsure)
        return self._kept[left, reuse]

    def _fit(self, kept: np.ndarray, reuse: float) -> Mapping[str, Figure]:
        counts = {device: int((self._of == device).sum()) for device in self.devices}
        chosen = np.flatnonzero(kept)
        weights = [ROWS_OF_A_DEVICE / counts[self.rows[place].device] for place in chosen]
        return fit(
            [self._demands[reuse][place] for place in chosen],
            [self.rows[place].milliseconds for place in chosen],
            weights,
            self._beliefs,
        )
