"""What one treated model answers to each input, in numbers that can be averaged and kept.

The divergence is Σ p ln(p/q) − p + q over the classes, in float64: that is the Kullback-Leibler
divergence where p and q add up to 1, and unlike it has no error of first order where rounding to
float32 keeps them from doing so.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from core.data.metrics import metrics
from core.data.metrics.base import ClassMetric, class_scores
from core.data.truth import ClassTruth
from core.errors import InputError
from core.search.sensitivity.part_session import Lot

if TYPE_CHECKING:
    import numpy as np

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


def numbers_of(
    got: Lot, expected: Lot, outputs: Sequence[str], labels: "np.ndarray | None"
) -> Numbers:
    """Compare two models' outputs, row by row.

    `outputs` are the model's, the first one being the one that may hold class scores; `labels` are
    int64, (rows,), or None.
    """
    signal, noise = _powers(got, expected, outputs)
    first = outputs[0]
    same_shape = got[first].shape == expected[first].shape
    log_p = log_probabilities(expected[first]) if same_shape else None
    if log_p is None:
        return Numbers(signal=signal, noise=noise)
    divergence, flipped = _divergence(log_p, got[first], expected[first])
    hits, hits_before = _hits(got[first], expected[first], labels)
    return Numbers(
        signal=signal,
        noise=noise,
        kl=divergence,
        flipped=flipped,
        hits=hits,
        hits_before=hits_before,
    )


def log_probabilities(output: "np.ndarray") -> "np.ndarray | None":
    """ln p in float64, classes on the last axis, or None where the output is no class scores.

    Class scores are (rows, classes), further axes of length 1 left out; rows of probabilities on
    the last axis, one per position, count too. Numbers that are no probabilities are taken for
    what a softmax would follow.
    """
    import numpy as np

    if output.dtype.kind != "f":
        return None
    if are_probabilities(output):
        return np.log(np.maximum(output.astype(np.float64), np.finfo(np.float64).tiny))
    try:
        scores = class_scores(output).astype(np.float64)
    except InputError:
        return None
    if are_probabilities(scores):
        return np.log(np.maximum(scores, np.finfo(np.float64).tiny))
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def are_probabilities(output: "np.ndarray") -> bool:
    """Whether every row on the last axis is a distribution over at least two classes."""
    if output.ndim < 2 or output.shape[-1] < 2 or output.size == 0 or not (output >= 0).all():
        return False
    sums = output.astype("float64").sum(axis=-1)
    return bool((abs(sums - 1) < _SUM_OF_PROBABILITIES).all())


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
    log_p: "np.ndarray", got: "np.ndarray", expected: "np.ndarray"
) -> tuple[list[float], list[bool]]:
    import numpy as np

    rows = len(got)
    if not np.isfinite(got).all():
        return _row_by_row(log_p, got, expected)
    as_probabilities = are_probabilities(expected) or are_probabilities(got)
    log_q = (
        np.log(np.maximum(got.astype(np.float64), np.finfo(np.float64).tiny)).reshape(log_p.shape)
        if as_probabilities
        else log_probabilities(got)
    )
    assert log_q is not None
    p, q = np.exp(log_p), np.exp(log_q)
    terms = p * (log_p - log_q) - p + q
    # Several positions, as in a text that is read, count by their mean.
    divergence = terms.sum(axis=-1).reshape(rows, -1).mean(axis=1)
    flipped = (log_p.argmax(-1) != log_q.argmax(-1)).reshape(rows, -1).any(axis=1)
    return np.clip(divergence, 0.0, LARGEST_DIVERGENCE).tolist(), flipped.tolist()


def _row_by_row(
    log_p: "np.ndarray", got: "np.ndarray", expected: "np.ndarray"
) -> tuple[list[float], list[bool]]:
    """The same where some rows hold infinite or undefined numbers."""
    import numpy as np

    found: tuple[list[float], list[bool]] = ([], [])
    for row in range(len(got)):
        one = slice(row, row + 1)
        if np.isfinite(got[one]).all():
            divergence, flipped = _divergence(log_p[one], got[one], expected[one])
        else:
            divergence, flipped = [LARGEST_DIVERGENCE], [True]
        found[0].extend(divergence)
        found[1].extend(flipped)
    return found


def _hits(
    got: "np.ndarray", expected: "np.ndarray", labels: "np.ndarray | None"
) -> tuple[list[bool], list[bool]]:
    if labels is None:
        return [], []
    try:
        before, after = class_scores(expected), class_scores(got)
    except InputError:
        return [], []
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
