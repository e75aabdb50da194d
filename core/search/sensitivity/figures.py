"""From numbers per input to figures with intervals, and to how certain the order of layers is."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.benchmark.results import Estimate
from core.data.metrics.base import Score
from core.data.tally import Hits, Sums, Tally, mean_of
from core.model.graph import LayerId
from core.search.sensitivity.numbers import Numbers
from core.search.sensitivity.report import NO_NOISE_DB, LayerSensitivity

if TYPE_CHECKING:
    import numpy as np

REPLICATES = 300
"""Resamples of the inputs that tell how an order of layers would change."""


def figures_of(layer: LayerId, setting: str, numbers: Numbers) -> LayerSensitivity:
    """All figures of one layer with their 95 % intervals."""
    import numpy as np

    flips = drop = None
    if numbers.flipped:
        flips = _score(Hits(np.asarray(numbers.flipped)))
    if numbers.hits:
        lost = Hits(np.asarray(numbers.hits)).drop_from(Hits(np.asarray(numbers.hits_before)))
        value, low, high = (100 * part for part in lost)
        drop = Estimate(value=value, low=low, high=high)
    return LayerSensitivity(
        layer=layer,
        setting=setting,
        sqnr_db=_estimate(_sqnr(numbers)),
        kl=_estimate(mean_of(np.asarray(numbers.kl))) if numbers.kl else None,
        flips=flips,
        drop=drop,
        images=len(numbers),
    )


def harm(numbers: Numbers) -> "np.ndarray":
    """What the layers of one setting are ordered by, per input: divergence, or else noise."""
    import numpy as np

    if numbers.kl:
        return np.asarray(numbers.kl)
    return np.asarray(numbers.noise) / np.maximum(np.asarray(numbers.signal), 1e-30)


def restlessness(harms: "Sequence[np.ndarray]") -> "np.ndarray":
    """By how many places each layer moves in the order on other inputs: mean square, (layers,).

    Every layer was seen on the first of the same inputs, some on more of them; they are drawn
    anew, for all layers alike.
    """
    import numpy as np

    if len(harms) < 2:
        return np.zeros(len(harms))
    most = max(len(values) for values in harms)
    seen = np.stack([np.arange(most) < len(values) for values in harms]).astype(np.float64)
    padded = np.stack([np.pad(values, (0, most - len(values))) for values in harms])
    random = np.random.default_rng(0)
    weights = random.multinomial(most, np.full(most, 1 / most), REPLICATES).astype(np.float64)
    drawn = (weights @ padded.T) / np.maximum(weights @ seen.T, 1e-9)
    now = places(padded.sum(axis=1) / seen.sum(axis=1))
    moved = np.stack([places(row) for row in drawn]) - now
    return np.square(moved).mean(axis=0)


def expected_correlation(moved: "np.ndarray") -> float:
    """Spearman's rank correlation that follows from the mean squares of the moves."""
    count = len(moved)
    if count < 2:
        return 1.0
    return 1.0 - 6.0 * float(moved.sum()) / (count * (count * count - 1))


def places(values: "np.ndarray") -> "np.ndarray":
    """The place of each value in ascending order; equal values share their mean place."""
    import numpy as np

    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def _sqnr(numbers: Numbers) -> Tally:
    import numpy as np

    def decibels(totals: "np.ndarray") -> "np.ndarray":
        limit = 10.0 ** (NO_NOISE_DB / 10)
        signal, noise = np.maximum(totals[:, 0], 1e-30), totals[:, 1]
        return 10 * np.log10(signal / np.clip(noise, signal / limit, signal * limit))

    return Sums(np.stack([numbers.signal, numbers.noise], axis=1), decibels)


def _estimate(tally: Tally) -> Estimate:
    low, high = tally.interval()
    value = tally.value
    assert math.isfinite(value)
    return Estimate(value=value, low=low, high=high)


def _score(flips: Hits) -> Score:
    low, high = flips.interval()
    return Score(
        metric="flips",
        label="other best answer than the original",
        value=flips.value,
        low=low,
        high=high,
        samples=flips.samples,
    )
