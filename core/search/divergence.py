"""How far a model's answers are from the original's, as figures that add up over layers."""

from pydantic import BaseModel, ConfigDict

from core.data.tensors import Tensors
from core.search.accuracy import outputs_of
from core.search.answers import Yardstick, form_of
from core.search.layer_map import Loss
from core.search.report import Candidate
from core.search.setting import Setting

_LOOKED_AT = 8
"""Answers from which their form is told."""
_LEAST = 1e-12
"""Outputs without any power count as having this."""


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
    """Mean divergence of the first output over all samples, in nats; see core.search.answers."""
    import numpy as np

    name = expected.names[0]
    wanted, got = expected.columns[name], outputs.columns[name]
    form = form_of([wanted[index] for index in range(min(_LOOKED_AT, expected.count))])
    if form == "other":
        raise ValueError(f"“{name}” holds nothing that diverges")
    found = [
        Yardstick(form, wanted[index]).divergences(got[index]).item()
        for index in range(expected.count)
    ]
    return float(np.mean(found))


def has_divergence(outputs: Tensors) -> bool:
    """Whether the first output is of a form that has a divergence, and the only one."""
    column = outputs.columns[outputs.names[0]]
    answers = [column[index] for index in range(min(_LOOKED_AT, outputs.count))]
    return len(outputs.names) == 1 and form_of(answers) != "other"


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
