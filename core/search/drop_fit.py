"""Predicts the drop in points from the map's loss, by a monotone fit on what was measured.

The loss of accuracy rises with the divergence of the answers but by no fixed law, so the fit is
isotonic (pool adjacent violators; Barlow and others, Statistical Inference under Order
Restrictions, 1972). Until plans of the project were measured, all that is known is Pinsker's
inequality: no class's probability moves by more than √(KL/2).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.benchmark.results import Estimate

_TYPICAL_SHARE = 0.2
"""Of Pinsker's bound; a first guess that the band says to distrust."""
_LEAST_BAND = 0.3
"""Points; a score from some hundred images is no more certain than this."""


@dataclass(frozen=True)
class DropFit:
    """A rising curve through (0, 0) and the measured pairs of loss and drop."""

    losses: tuple[float, ...]
    drops: tuple[float, ...]
    band: float | None
    """The largest distance of a measured pair from the curve; None without pairs."""

    @staticmethod
    def of(pairs: Iterable[tuple[float, float]]) -> "DropFit":
        known = sorted(pair for pair in pairs if pair[0] > 0 and math.isfinite(pair[0]))
        levels = _pooled([max(drop, 0.0) for _, drop in known])
        distances = [abs(drop - level) for (_, drop), level in zip(known, levels, strict=True)]
        return DropFit(
            losses=tuple(loss for loss, _ in known),
            drops=tuple(levels),
            band=max(_LEAST_BAND, *distances) if known else None,
        )

    def drop_at(self, loss: float) -> float:
        """Points; between the measured pairs along straight lines, beyond them like a root."""
        if not self.losses:
            return _TYPICAL_SHARE * _most(loss)
        before = (0.0, 0.0)
        for pair in zip(self.losses, self.drops, strict=True):
            if loss <= pair[0]:
                share = (loss - before[0]) / (pair[0] - before[0]) if pair[0] > before[0] else 1.0
                return before[1] + share * (pair[1] - before[1])
            before = pair
        return max(before[1], 0.05) * math.sqrt(loss / before[0])

    def estimate(self, loss: float) -> Estimate:
        """The drop in points with its band."""
        value = self.drop_at(loss)
        if self.band is None:
            return Estimate(value=value, low=0.0, high=max(value, _most(loss)))
        return Estimate(value=value, low=value - self.band, high=value + self.band)

    def loss_at(self, drop: float) -> float:
        """The largest loss whose predicted drop is at most `drop` points."""
        low, high = 0.0, 1e-9
        while self.drop_at(high) <= drop and high < 1e9:
            low, high = high, high * 4
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.drop_at(middle) <= drop else (low, middle)
        return low


def _most(loss: float) -> float:
    """Points by which the best class's probability can move at all."""
    return 100 * min(1.0, math.sqrt(loss / 2))


def _pooled(values: list[float]) -> list[float]:
    """The nearest rising sequence: neighbours that fall are replaced by their mean."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            earlier, size = blocks.pop()
            mean = (earlier * size + mean * count) / (size + count)
            count += size
        blocks.append((mean, count))
    return [mean for mean, count in blocks for _ in range(count)]
