"""Top-5 accuracy: the true class is among the five highest scores."""

from typing import TYPE_CHECKING

from core.data.metrics.base import Metric, within_best

if TYPE_CHECKING:
    import numpy as np


class Top5(Metric):
    name = "top5"
    label = "top-5 accuracy"
    needs_labels = True
    fewest_classes = 6

    def hits(
        self, outputs: "np.ndarray", labels: "np.ndarray | None", reference: "np.ndarray"
    ) -> "np.ndarray":
        return within_best(outputs, labels, 5)
