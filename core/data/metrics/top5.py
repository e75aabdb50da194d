"""Top-5 accuracy: the true class is among the five highest scores."""

from typing import TYPE_CHECKING

from core.data.metrics.base import ClassMetric, within_best
from core.data.truth import ClassTruth

if TYPE_CHECKING:
    import numpy as np


class Top5(ClassMetric):
    name = "top5"
    label = "top-5 accuracy"
    truth = ClassTruth
    rank = 5
    fewest_classes = 6

    def hits(
        self, outputs: "np.ndarray", labels: "np.ndarray | None", reference: "np.ndarray"
    ) -> "np.ndarray":
        return within_best(outputs, labels, 5)
