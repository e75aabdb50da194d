"""MAE: the mean distance of the numbers from the true ones."""

from typing import ClassVar

from core.data.metrics.base import Metric, Unit
from core.data.numbers import errors_of, gives_numbers, points_of_spread
from core.data.standard import Standard
from core.data.tally import Tally, mean_of
from core.data.tensors import Tensors
from core.data.truth import NumberTruth


class MeanAbsoluteError(Metric):
    name = "mae"
    label = "mean absolute error"
    task = "regression"
    truth = NumberTruth
    rank = 2
    unit: ClassVar[Unit] = "number"
    higher_is_better = False

    def fits(self, standard: Standard) -> bool:
        return gives_numbers(standard)

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        return mean_of(np.abs(errors_of(outputs, standard)).mean(axis=1))

    def points(self, standard: Standard) -> float:
        return points_of_spread(standard)
