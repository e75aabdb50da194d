"""How far a model's answers are from the original's, as figures that add up over layers."""

from typing import TYPE_CHECKING

from core.search.accuracy import outputs_of
from core.search.layer_map import Loss
from core.search.report import Candidate
from core.search.setting import Setting

if TYPE_CHECKING:
    import numpy as np

_ONE = 1e-3
"""Rows that sum to 1 within this are probabilities; others are logits."""
_LEAST = 1e-12
"""Probabilities below this count as this, so that logarithms stay finite."""


def measured_loss(setting: Setting, candidate: Candidate, kind: Loss) -> float | None:
    """The candidate's KL divergence (nats) or noise on the evaluation images; None without them."""
    if setting.images is None or candidate.accuracy is None:
        return None
    expected = outputs_of(setting, setting.images, setting.reference)
    outputs = outputs_of(setting, setting.images, candidate)
    return divergence(expected, outputs) if kind == "kl" else noise(expected, outputs)


def divergence(expected: "np.ndarray", outputs: "np.ndarray") -> float:
    """Mean Kullback-Leibler divergence over the rows of two arrays (samples, classes), in nats."""
    import numpy as np

    wanted, got = _log_probabilities(expected), _log_probabilities(outputs)
    return float(np.mean(np.sum(np.exp(wanted) * (wanted - got), axis=-1)))


def noise(expected: "np.ndarray", outputs: "np.ndarray") -> float:
    """Mean over the samples of |outputs − expected|² / |expected|²; arrays are (samples, …)."""
    import numpy as np

    axes = tuple(range(1, expected.ndim))
    wanted, got = expected.astype(np.float64), outputs.astype(np.float64)
    power = np.maximum(np.sum(wanted**2, axis=axes), _LEAST)
    return float(np.mean(np.sum((got - wanted) ** 2, axis=axes) / power))


def _log_probabilities(rows: "np.ndarray") -> "np.ndarray":
    """From class scores, which are probabilities already or logits; float64."""
    import numpy as np

    rows = rows.astype(np.float64)
    if rows.min() >= 0 and np.all(np.abs(rows.sum(axis=-1) - 1) < _ONE):
        return np.log(np.maximum(rows, _LEAST))
    shifted = rows - rows.max(axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
