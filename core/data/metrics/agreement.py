"""Agreement: the model gives the same answer as the original."""

from typing import TYPE_CHECKING

from core.data.metrics.base import ClassMetric, within_best

if TYPE_CHECKING:
    import numpy as np


class Agreement(ClassMetric):
    name = "agreement"
    label = "same answer as the original"

    def hits(
        self, outputs: "np.ndarray", labels: "np.ndarray | None", reference: "np.ndarray"
    ) -> "np.ndarray":
        return within_best(outputs, reference.argmax(axis=1), 1)
