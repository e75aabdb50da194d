"""What one treated model answers to each input, in numbers that can be averaged and kept.

The divergence is Σ p ln(p/q) − p + q over the classes, in float64: that is the Kullback-Leibler
divergence where p and q add up to 1, and unlike it has no error of first order where rounding to
float32 keeps them from doing so.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from core.data.metrics import metrics
from core.data.metrics.base import ClassMetric, class_scores, is_class_scores
from core.data.truth import ClassTruth
from core.search.sensitivity.part_session import Lot

if TYPE_CHECKING:
    import numpy as np

Form = Literal["probabilities", "scores", "other"]
"""Class scores that are no probabilities are taken for what a softmax would follow."""

LARGEST_DIVERGENCE = 1000.0
"""Nats; stands for answers that are no numbers at all."""
_SUM_OF_PROBABILITIES = 1e-3
"""So close to 1 a row of probabilities adds up."""


class Numbers(BaseModel):
    """One entry per input. Empty lists where the outputs are no class scores, or without labels."""

    model_config = ConfigDict(frozen=True)

    signal: list[float] = []
    """Sum of the squares of the original's outputs."""
    noise: list[float] = []
    """Sum of the squares of what the outputs differ by."""
    kl: list[float] = []
    """Nats."""
    flipped: list[bool] = []
    """Whether the best answer is another one."""
    hits: list[bool] = []
    """Whether the metric that limits apply to counts the answer as right."""
    hits_before: list[bool] = []
    """The same for the original."""

    def __len__(self) -> int:
        return len(self.signal)


def joined(pieces: Iterable[Numbers]) -> Numbers:
    """The numbers of several pieces, one after the other."""
    parts = list(pieces)
    return Numbers(
        signal=[value for part in parts for value in part.signal],
        noise=[value for part in parts for value in part.noise],
        kl=[value for part in parts for value in part.kl],
        flipped=[value for part in parts for value in part.flipped],
        hits=[value for part in parts for value in part.hits],
        hits_before=[value for part in parts for value in part.hits_before],
    )


def form_of(answers: "Sequence[np.ndarray]") -> Form:
    """What a model's first output holds, from what the original answers to some inputs.

    Class scores are (rows, classes), further axes of length 1 left out. They are probabilities
    where they add up to 1 each time; so are rows on the last axis, one per position.
    """
    if any(answer.dtype.kind != "f" or answer.ndim < 2 for answer in answers):
        return "other"
    if all(is_class_scores(answer.shape) for answer in answers):
        alike = all(_add_up_to_one(class_scores(answer)) for answer in answers)
        return "probabilities" if alike else "scores"
    if all(answer.shape[-1] > 1 and _add_up_to_one(answer) for answer in answers):
        return "probabilities"
    return "other"


def numbers_of(
    got: Lot, expected: Lot, outputs: Sequence[str], form: Form, labels: "np.ndarray | None" = None
) -> Numbers:
    """Compare two models' outputs, row by row.

    `outputs` are the model's, and `form` is that of the first; `labels` are int64, (rows,).
    """
    signal, noise = _powers(got, expected, outputs)
    want, have = expected[outputs[0]], got[outputs[0]]
    if form == "other" or want.shape != have.shape:
        return Numbers(signal=signal, noise=noise)
    divergence, flipped = _divergence(want, have, form)
    hits, hits_before = _hits(have, want, labels)
    return Numbers(
        signal=signal,
        noise=noise,
        kl=divergence,
        flipped=flipped,
        hits=hits,
        hits_before=hits_before,
    )


def _add_up_to_one(rows: "np.ndarray") -> bool:
    sums = rows.astype("float64").sum(axis=-1)
    return bool((rows >= 0).all() and (abs(sums - 1) < _SUM_OF_PROBABILITIES).all())


def _powers(got: Lot, expected: Lot, outputs: Sequence[str]) -> tuple[list[float], list[float]]:
    """Per row the sum over all floating-point outputs. Other shapes count as noise only."""
    import numpy as np

    rows = len(expected[outputs[0]])
    signal, noise = np.zeros(rows), np.zeros(rows)
    for name in outputs:
        want, have = expected[name], got[name]
        if want.dtype.kind != "f":
            continue
        power = np.square(want.astype(np.float64)).reshape(rows, -1).sum(axis=1)
        signal += power
        if have.shape == want.shape:
            error = have.astype(np.float64) - want
            noise += np.square(error).reshape(rows, -1).sum(axis=1)
        else:
            noise += power
    lost = ~np.isfinite(noise)
    noise[lost] = np.finfo(np.float32).max
    return signal.tolist(), noise.tolist()


def _divergence(
    expected: "np.ndarray", got: "np.ndarray", form: Form
) -> tuple[list[float], list[bool]]:
    import numpy as np

    log_p, log_q = _log_probabilities(expected, form), _log_probabilities(got, form)
    with np.errstate(invalid="ignore"):
        terms = np.exp(log_p) * (log_p - log_q) - np.exp(log_p) + np.exp(log_q)
    # Several positions, as in a text that is read, count by their mean.
    divergence = terms.sum(axis=-1).reshape(len(got), -1).mean(axis=1)
    lost = ~np.isfinite(divergence)
    divergence = np.where(lost, LARGEST_DIVERGENCE, np.clip(divergence, 0, LARGEST_DIVERGENCE))
    flipped = (log_p.argmax(-1) != log_q.argmax(-1)).reshape(len(got), -1).any(axis=1)
    return divergence.tolist(), (flipped | lost).tolist()


def _log_probabilities(output: "np.ndarray", form: Form) -> "np.ndarray":
    """ln p in float64, classes on the last axis; not a number where the output is none."""
    import numpy as np

    scores = class_scores(output) if is_class_scores(output.shape) else output
    scores = scores.astype(np.float64)
    if form == "probabilities":
        return np.log(np.maximum(scores, np.finfo(np.float64).tiny))
    with np.errstate(invalid="ignore"):
        shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _hits(
    got: "np.ndarray", expected: "np.ndarray", labels: "np.ndarray | None"
) -> tuple[list[bool], list[bool]]:
    if labels is None or not is_class_scores(expected.shape):
        return [], []
    before, after = class_scores(expected), class_scores(got)
    metric = _class_metric(before.shape[1])
    return (
        metric.hits(after, labels, before).tolist(),
        metric.hits(before, labels, before).tolist(),
    )


def _class_metric(classes: int) -> ClassMetric:
    """The one that limits apply to where the true classes are known."""
    usable = [
        metric
        for metric in metrics()
        if isinstance(metric, ClassMetric)
        and metric.truth is ClassTruth
        and classes >= metric.fewest_classes
    ]
    return min(usable, key=lambda metric: metric.rank)
