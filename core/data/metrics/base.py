"""What a metric is: a score of a model's outputs on a data set, with its uncertainty."""

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from core.data.standard import Standard
from core.data.tally import Hits, Tally
from core.data.tensors import Tensors
from core.data.truth import ClassTruth, Truth
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

ANY_MODEL = "any model"
"""The task of metrics that know nothing about what outputs mean."""

Unit = Literal["share", "dB", "number"]


class Score(BaseModel):
    """A figure with its 95 % interval and the number of samples behind it."""

    model_config = ConfigDict(frozen=True)

    metric: str
    """Name of the metric, e.g. “top1”."""
    label: str
    """For people: “top-1 accuracy”."""
    value: float
    """A share between 0 and 1, unless `unit` says otherwise."""
    low: float
    high: float
    samples: int
    unit: Unit = "share"

    @property
    def words(self) -> str:
        """“88.0 %”, “34.2 dB”, “0.132”."""
        return in_unit(self.value, self.unit)

    @property
    def interval_words(self) -> str:
        """“85.0 % to 90.4 %”."""
        return f"{in_unit(self.low, self.unit)} to {in_unit(self.high, self.unit)}"

    @property
    def title(self) -> str:
        """The label at the beginning of a line; “mAP” stays as it is."""
        label = self.label
        return label if label[1:2].isupper() else label[:1].upper() + label[1:]


def in_unit(value: float, unit: Unit) -> str:
    """A figure as people read it."""
    if unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:.1f} dB" if unit == "dB" else f"{value:.4g}"


class Metric(ABC):
    """One metric. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    label: ClassVar[str]
    task: ClassVar[str]
    """What a model does that is judged so, for people: “object detection”."""
    truth: ClassVar[type[Truth] | None] = None
    """The kind of truth that it needs; None compares with the original's answers alone."""
    rank: ClassVar[int] = 0
    """Of the metrics that fit, the one with truth and then the lowest rank is what limits apply
    to."""
    mutual: ClassVar[bool] = True
    """Whether two models can change places; not where one's answers stand as the truth."""
    unit: ClassVar[Unit] = "share"
    higher_is_better: ClassVar[bool] = True

    @abstractmethod
    def fits(self, standard: Standard) -> bool:
        """Whether the original's outputs are of the form that this metric reads.

        Asked only when the truth that it needs is there; looks at the first sample.
        """

    @abstractmethod
    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        """Count on every sample. The outputs belong to the samples of the standard."""

    def points(self, standard: Standard) -> float:
        """How many points (of 100) a difference of 1 in this metric's unit is.

        A figure without natural bounds says what counts as all of it.
        """
        del standard
        return 100.0 if self.unit == "share" else 1.0


class ClassMetric(Metric):
    """A metric of classifiers: right or wrong for each sample."""

    task: ClassVar[str] = "classification"
    fewest_classes: ClassVar[int] = 2
    """With fewer the metric says nothing: every answer is among the best five of five."""

    @abstractmethod
    def hits(
        self, outputs: "np.ndarray", labels: "np.ndarray | None", reference: "np.ndarray"
    ) -> "np.ndarray":
        """Per sample: True where the output counts as right. Shape (samples,), bool.

        `outputs` and `reference` are the class scores of the judged and of the original model,
        float32, shape (samples, classes); `labels` are int64, shape (samples,).
        """

    def fits(self, standard: Standard) -> bool:
        first = next(iter(standard.first_answer().values()))
        # Scores may be quantized; longer whole numbers are tokens or places.
        numbers = first.dtype.kind == "f" or first.dtype.itemsize == 1
        alone = is_class_scores(first.shape) and first.shape[0] == 1
        return numbers and alone and first.shape[1] >= self.fewest_classes

    def tally(self, outputs: Tensors, standard: Standard) -> Hits:
        scores, truth = scores_of(outputs), standard.truth(ClassTruth)
        labels = None if truth is None else truth.labels
        if labels is not None and self.truth is not None:
            _check_labels(labels, scores.shape[1])
        return Hits(self.hits(scores, labels, scores_of(standard.reference)))


def _check_labels(labels: "np.ndarray", classes: int) -> None:
    if int(labels.max()) >= classes:
        raise InputError(
            "The labels do not fit the model.",
            f"They name a class with the number {int(labels.max())}, and the model gives "
            f"{classes} scores, numbered from 0.",
            "Name each class folder with the number of its score first, such as “7_Sneaker”.",
        )


def is_class_scores(shape: tuple[int, ...]) -> bool:
    """Whether an output of that shape, batch first, holds one row of scores."""
    return len(shape) >= 2 and math.prod(shape[2:]) == 1 and shape[1] >= 2


def class_scores(output: "np.ndarray") -> "np.ndarray":
    """A classifier's output for n images as float32 (n, classes).

    Drops trailing axes of length 1. Raises InputError for any other model's output.
    """
    import numpy as np

    if not is_class_scores(output.shape):
        shape = "×".join(str(size) for size in output.shape[1:]) or "one number"
        raise InputError(
            "The model does not look like an image classifier.",
            f"Its first output has the shape {shape} for one image; a classifier gives one row "
            "with at least two scores.",
            "Measure speed without images, or choose a classifier.",
        )
    return output.reshape(output.shape[:2]).astype(np.float32, copy=False)


def scores_of(outputs: Tensors) -> "np.ndarray":
    """The first output of a classifier for every sample, float32 (samples, classes)."""
    import numpy as np

    column = outputs.columns[outputs.names[0]]
    return np.concatenate([class_scores(column[index]) for index in range(len(column))])


def within_best(outputs: "np.ndarray", labels: "np.ndarray | None", count: int) -> "np.ndarray":
    """Whether the label's score is among the `count` highest; bool, shape (samples,).

    Of equal scores the first counts as higher, as in argmax. Rows that hold a NaN are misses.
    """
    import numpy as np

    if labels is None:
        raise ValueError("this metric needs labels")
    rows = np.arange(len(outputs))
    own = outputs[rows, labels][:, np.newaxis]
    columns = np.arange(int(outputs.shape[1]))[np.newaxis]
    earlier = np.less(columns, labels[:, np.newaxis])
    ahead = np.greater(outputs, own) | (np.equal(outputs, own) & earlier)
    return np.less(ahead.sum(axis=1), count) & ~np.isnan(outputs).any(axis=1)
