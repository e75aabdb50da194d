"""Top-1 accuracy: the highest score is the true class's."""

from typing import TYPE_CHECKING

from core.data.metrics.base import Metric, within_best

if TYPE_CHECKING:
    import numpy as np


class Top1(Metric):
    name = "top1"
    label = "top-1 accuracy"
    needs_labels = True

    def hits(
        self, outputs: "np.ndarray", labels: "np.ndarray | None", reference: "np.ndarray"
    ) -> "np.ndarray":
        return within_best(outputs, labels, 1)
