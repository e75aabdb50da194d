"""RMSE: the root of the mean square distance of the numbers from the true ones."""

from typing import TYPE_CHECKING, ClassVar

from core.data.metrics.base import Metric, Unit
from core.data.numbers import errors_of, gives_numbers, points_of_spread
from core.data.standard import Standard
from core.data.tally import Sums, Tally
from core.data.tensors import Tensors
from core.data.truth import NumberTruth

if TYPE_CHECKING:
    import numpy as np


class RootMeanSquareError(Metric):
    name = "rmse"
    label = "root mean square error"
    task = "regression"
    truth = NumberTruth
    rank = 3
    unit: ClassVar[Unit] = "number"
    higher_is_better = False

    def fits(self, standard: Standard) -> bool:
        return gives_numbers(standard)

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        squares = np.square(errors_of(outputs, standard)).mean(axis=1)
        return Sums(np.stack([squares, np.ones_like(squares)], axis=1), _root)

    def points(self, standard: Standard) -> float:
        return points_of_spread(standard)


def _root(totals: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.sqrt(totals[:, 0] / totals[:, 1])
