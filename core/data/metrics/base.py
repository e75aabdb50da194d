"""What a metric is: a score of a model's outputs on a dataset, with its uncertainty."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np


class Score(BaseModel):
    """A share between 0 and 1 with its 95 % interval and the number of samples behind it."""

    model_config = ConfigDict(frozen=True)

    metric: str
    """Name of the metric, e.g. “top1”."""
    label: str
    """For people: “top-1 accuracy”."""
    value: float
    low: float
    high: float
    samples: int


class Metric(ABC):
    """One metric. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    label: ClassVar[str]
    needs_labels: ClassVar[bool]
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
