"""Judges models against a standard: scores with intervals, and the drop against the original."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.benchmark.results import Estimate
from core.data.metrics import metrics, metrics_for
from core.data.metrics.base import ANY_MODEL, Metric, Score
from core.data.standard import Standard
from core.data.tally import Hits, Tally
from core.data.tensors import Tensors
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np


class UnfitMetric(InputError):
    """The chosen metric cannot read what the model gives, or lacks its truth: nothing is judged."""


@dataclass(frozen=True)
class Judgement:
    """What was found about one model."""

    scores: tuple[Score, ...]
    """The limiting metric's first."""
    drop: Estimate
    """Points (0 to 100) of the limiting metric lost against the original on the same samples."""


@dataclass(frozen=True)
class Judge:
    """The metrics that fit a model and its data; the first is the one that limits apply to."""

    standard: Standard
    metrics: tuple[Metric, ...]
    _of_reference: dict[str, Tally] = field(default_factory=dict[str, Tally], repr=False)

    @property
    def limiting(self) -> Metric:
        return self.metrics[0]

    @property
    def agreement(self) -> Metric:
        """What tells how alike two models answer, neither being the other's measure."""
        return next(one for one in self.metrics if one.truth is None and one.mutual)

    @property
    def task(self) -> str:
        """What the model does, as recognized: “object detection”."""
        return self.limiting.task

    @property
    def sentence(self) -> str:
        """“Object detection, judged by mAP 50-95.”."""
        unused = [truth.kind for truth in self.standard.truths if not self._uses(type(truth))]
        remark = ""
        if unused and self.limiting.truth is None:
            remark = f" The {unused[0]} of the data do not fit what the model gives."
        judged = f"judged by {self.limiting.label}.{remark}"
        words = judged if self.task == ANY_MODEL else f"{self.task}, {judged}"
        return f"{words[0].upper()}{words[1:]}"

    def _uses(self, kind: type) -> bool:
        return any(metric.truth is kind for metric in self.metrics)

    def judge(self, outputs: Tensors) -> Judgement:
        """Score the outputs for all samples of the standard. Raises InputError."""
        tallies = [metric.tally(outputs, self.standard) for metric in self.metrics]
        scores = tuple(
            score(metric, tally) for metric, tally in zip(self.metrics, tallies, strict=True)
        )
        return Judgement(scores, self._drop(tallies[0]))

    def drop(self, outputs: Tensors) -> Estimate:
        """Points of the limiting metric lost against the original, with a 95 % interval."""
        return self._drop(self.limiting.tally(outputs, self.standard))

    def _drop(self, tally: Tally) -> Estimate:
        return drop_points(self.limiting, self._reference_tally(), tally, self.standard)

    def _reference_tally(self) -> Tally:
        name = self.limiting.name
        if name not in self._of_reference:
            tally = self.limiting.tally(self.standard.reference, self.standard)
            self._of_reference[name] = tally
        return self._of_reference[name]


def judge_for(standard: Standard, limiting: str = "") -> Judge:
    """Recognize the task from the original's outputs and the truth that there is.

    `limiting` names the metric that limits apply to; empty leaves it to what is recognized.
    Raises UnfitMetric when the metric does not fit.
    """
    found = metrics_for(standard)
    if not limiting:
        return Judge(standard, found)
    chosen = metrics()[limiting]
    if chosen not in found:
        known = ", ".join(f"{metric.name} ({metric.label})" for metric in found)
        raise UnfitMetric(
            f"“{chosen.label}” cannot judge this model on this data.",
            f"What can: {known}.",
            "Choose one of these, or give data with the truth that it needs.",
        )
    return Judge(standard, (chosen, *(metric for metric in found if metric is not chosen)))


def score(metric: Metric, tally: Tally) -> Score:
    """The figure of a metric with its 95 % interval."""
    if tally.samples == 0:
        raise ValueError("a score needs at least one sample")
    low, high = tally.interval()
    if metric.unit == "share":
        high = max(tally.value, min(high, 1.0))
    return Score(
        metric=metric.name,
        label=metric.label,
        value=tally.value,
        low=low,
        high=high,
        samples=tally.samples,
        unit=metric.unit,
    )


def drop_points(metric: Metric, reference: Tally, tally: Tally, standard: Standard) -> Estimate:
    """Points lost against the reference on the same samples, with a 95 % interval.

    Positive is worse, whichever way the metric points.
    """
    if tally.samples == 0 or tally.samples != reference.samples:
        raise ValueError("a drop needs the same samples on both sides, and at least one")
    value, low, high = tally.drop_from(reference)
    points = metric.points(standard)
    if not metric.higher_is_better:
        value, low, high = -value, -high, -low
    return Estimate(value=points * value, low=points * low, high=points * high)


def share_drop(before: "np.ndarray", after: "np.ndarray") -> Estimate:
    """Points lost where answers are right or wrong; both bool, (samples,), of the same samples."""
    if len(after) == 0 or len(after) != len(before):
        raise ValueError("a drop needs the same samples on both sides, and at least one")
    value, low, high = Hits(after).drop_from(Hits(before))
    return Estimate(value=100 * value, low=100 * low, high=100 * high)
