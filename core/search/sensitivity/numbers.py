"""What one treated model answers to each input, in numbers that can be averaged and kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from core.data.metrics import metrics
from core.data.metrics.base import ClassMetric, class_scores, is_class_scores
from core.data.truth import ClassTruth
from core.search.answers import Form, Yardstick
from core.search.sensitivity.part_session import Lot

if TYPE_CHECKING:
    import numpy as np


class Numbers(BaseModel):
    """One entry per input. Empty lists where the outputs have no such figure, or without labels."""

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
        judged = self._judged
        return Numbers(
            signal=self._signal,
            noise=noise,
            kl=self._yardstick.divergences(first).tolist(),
            flipped=self._yardstick.flipped(first),
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
    def _yardstick(self) -> Yardstick:
        return Yardstick(self.form, self._first, self.rows)

    @cached_property
    def _judged(self) -> "ClassMetric | None":
        """What says which answers are right, where that is known."""
        shape = self._first.shape
        if self.labels is None or not is_class_scores(shape) or shape[0] != self.rows:
            return None
        return _class_metric(shape[1])

    def _hits(self, metric: ClassMetric, answers: "np.ndarray") -> list[bool]:
        return metric.hits(class_scores(answers), self.labels, class_scores(self._first)).tolist()


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
