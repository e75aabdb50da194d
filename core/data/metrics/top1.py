"""Top-1 accuracy: the highest score is the true class's."""

from typing import TYPE_CHECKING

from core.data.metrics.base import ClassMetric, within_best
from core.data.truth import ClassTruth

if TYPE_CHECKING:
    import numpy as np


class Top1(ClassMetric):
    name = "top1"
    label = "top-1 accuracy"
    truth = ClassTruth
    rank = 1

    def hits(
        self, outputs: "np.ndarray", labels: "np.ndarray | None", reference: "np.ndarray"
    ) -> "np.ndarray":
        return within_best(outputs, labels, 1)
