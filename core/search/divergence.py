"""How far a model's answers are from the original's, as figures that add up over layers."""

from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, ConfigDict

from core.data.tensors import Tensors
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


class MeasuredLoss(BaseModel):
    """What a candidate lost, in the figure that the map adds up."""

    model_config = ConfigDict(frozen=True)

    loss: float


def measured_loss(setting: Setting, candidate: Candidate, kind: Loss) -> float | None:
    """The candidate's KL divergence (nats) or noise on the evaluation samples.

    None before the candidate was scored, or without samples.
    """
    if setting.images is None or candidate.accuracy is None:
        return None
    if candidate.id == setting.reference.id:
        return 0.0
    what = f"loss of {candidate.id}"
    known = setting.acknowledged(what, MeasuredLoss)
    if known is None:
        expected = outputs_of(setting, setting.images, setting.reference)
        outputs = outputs_of(setting, setting.images, candidate)
        loss = divergence(expected, outputs) if kind == "kl" else noise(expected, outputs)
        known = MeasuredLoss(loss=loss)
        setting.acknowledge(what, known, f"Difference from the original, {candidate.label}")
    return known.loss


def divergence(expected: Tensors, outputs: Tensors) -> float:
    """Mean Kullback-Leibler divergence of the first output's class scores over all samples."""
    import numpy as np

    name = expected.names[0]
    wanted = _log_probabilities(_rows(expected, name))
    difference = wanted - _log_probabilities(_rows(outputs, name))
    return float((np.exp(wanted) * difference).sum() / len(wanted))


def noise(expected: Tensors, outputs: Tensors) -> float:
    """Mean over the samples of the noise's power over the outputs' power."""
    import numpy as np

    ratios: list[float] = []
    for row in range(expected.count):
        power, difference = 0.0, 0.0
        for name in expected.names:
            wanted = expected.columns[name][row].astype(np.float64)
            got = outputs.columns[name][row].astype(np.float64)
            power += float(np.sum(wanted**2))
            difference += float(np.sum((got - wanted) ** 2))
        ratios.append(difference / max(power, _LEAST))
    return float(np.mean(ratios))


def _rows(tensors: Tensors, name: str) -> "np.ndarray":
    """One tensor of every sample, flattened: (samples, elements)."""
    import numpy as np

    samples = [cast("np.ndarray", tensors.columns[name][row]) for row in range(tensors.count)]
    return np.stack([sample.reshape(-1) for sample in samples])


def _log_probabilities(rows: "np.ndarray") -> "np.ndarray":
    """From class scores, which are probabilities already or logits; (samples, classes), float64."""
    import numpy as np

    rows = rows.astype(np.float64)
    if rows.min() >= 0 and np.all(np.abs(rows.sum(axis=-1) - 1) < _ONE):
        return np.log(np.maximum(rows, _LEAST))
    shifted = rows - rows.max(axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
