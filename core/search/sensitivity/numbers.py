"""What one treated model answers to each input, in numbers that can be averaged and kept.

The divergence is Σ p ln(p/q) − p + q over the classes, in float64: that is the Kullback-Leibler
divergence where p and q add up to 1, and unlike it has no error of first order where rounding to
float32 keeps them from doing so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
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


@dataclass(frozen=True)
class Original:
    """What the original answers to some inputs, ready to be compared with."""

    answers: Lot
    outputs: Sequence[str]
    """The model's, the first one being the one that may hold class scores."""
    form: Form
    """Of the first output."""
    rows: int
    """How many inputs these are; for a single one the outputs need no batch axis."""
    labels: "np.ndarray | None" = None
    """int64, (rows,)."""

    def numbers(self, got: Lot) -> Numbers:
        """Compare another model's answers to the same inputs."""
        noise = self._noise(got)
        first = got[self.outputs[0]]
        if self.form == "other" or first.shape != self._first.shape:
            return Numbers(signal=self._signal, noise=noise)
        divergence, flipped = self._divergence(first)
        judged = self._judged
        return Numbers(
            signal=self._signal,
            noise=noise,
            kl=divergence,
            flipped=flipped,
            hits=[] if judged is None else self._hits(judged, first),
            hits_before=[] if judged is None else self._hits(judged, self._first),
        )

    @property
    def _first(self) -> "np.ndarray":
        return self.answers[self.outputs[0]]

    @cached_property
    def _real(self) -> tuple[str, ...]:
        """The outputs that hold floating-point numbers."""
        return tuple(name for name in self.outputs if self.answers[name].dtype.kind == "f")

    @cached_property
    def _powers(self) -> "dict[str, np.ndarray]":
        return {name: self._squares(self.answers[name]) for name in self._real}

    @cached_property
    def _signal(self) -> list[float]:
        import numpy as np

        return (np.zeros(self.rows) + sum(self._powers.values())).tolist()

    def _noise(self, got: Lot) -> list[float]:
        """Where an output has another shape, all of it counts as noise."""
        import numpy as np

        noise = np.zeros(self.rows)
        for name in self._real:
            want, have = self.answers[name], got[name]
            alike = have.shape == want.shape
            noise += self._squares(have.astype(np.float64) - want) if alike else self._powers[name]
        noise[~np.isfinite(noise)] = np.finfo(np.float32).max
        return noise.tolist()

    def _squares(self, values: "np.ndarray") -> "np.ndarray":
        import numpy as np

        flat = values.reshape(self.rows, -1).astype(np.float64, copy=False)
        return np.einsum("ij,ij->i", flat, flat)

    @cached_property
    def _log_p(self) -> "np.ndarray":
        return _log_probabilities(self._first, self.form)

    @cached_property
    def _p(self) -> "np.ndarray":
        import numpy as np

        return np.exp(self._log_p)

    def _divergence(self, got: "np.ndarray") -> tuple[list[float], list[bool]]:
        import numpy as np

        log_q = _log_probabilities(got, self.form)
        farther = np.einsum("...j,...j->...", self._p, self._log_p - log_q)
        each = farther - self._p.sum(axis=-1) + np.exp(log_q).sum(axis=-1)
        # Several positions, as in a text that is read, count by their mean.
        found = each.reshape(self.rows, -1).mean(axis=1)
        lost = ~np.isfinite(found)
        found = np.where(lost, LARGEST_DIVERGENCE, np.clip(found, 0, LARGEST_DIVERGENCE))
        best = self._log_p.argmax(axis=-1)
        flipped = (best != log_q.argmax(axis=-1)).reshape(self.rows, -1).any(axis=1)
        return found.tolist(), (flipped | lost).tolist()

    @cached_property
    def _judged(self) -> "ClassMetric | None":
        """What says which answers are right, where that is known."""
        shape = self._first.shape
        if self.labels is None or not is_class_scores(shape) or shape[0] != self.rows:
            return None
        return _class_metric(shape[1])

    def _hits(self, metric: ClassMetric, answers: "np.ndarray") -> list[bool]:
        return metric.hits(class_scores(answers), self.labels, class_scores(self._first)).tolist()


def _add_up_to_one(rows: "np.ndarray") -> bool:
    sums = rows.astype("float64").sum(axis=-1)
    return bool((rows >= 0).all() and (abs(sums - 1) < _SUM_OF_PROBABILITIES).all())


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
