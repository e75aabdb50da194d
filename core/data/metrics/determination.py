"""R², the coefficient of determination: what share of the variance the model explains."""

from typing import TYPE_CHECKING

from core.data.metrics.base import Metric
from core.data.numbers import errors_of, gives_numbers
from core.data.standard import Standard
from core.data.tally import Sums, Tally
from core.data.tensors import Tensors
from core.data.truth import NumberTruth

if TYPE_CHECKING:
    import numpy as np


class Determination(Metric):
    """1 − Σ error² / Σ (truth − mean)² for each number, averaged over the numbers."""

    name = "r2"
    label = "R²"
    task = "regression"
    truth = NumberTruth
    rank = 1

    def fits(self, standard: Standard) -> bool:
        import numpy as np

        values = standard.needed(NumberTruth).values
        return gives_numbers(standard) and bool(np.all(values.std(axis=0) > 0))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        true = standard.needed(NumberTruth).values
        true = true - true.mean(axis=0)  # the figure is the same, the sums are more exact
        parts = [np.square(errors_of(outputs, standard)), true, np.square(true)]
        return Sums(np.concatenate([*parts, np.ones((len(true), 1))], axis=1), _determined)


def _determined(totals: "np.ndarray") -> "np.ndarray":
    import numpy as np

    count = totals[:, -1:]
    errors, true, squares = np.split(totals[:, :-1], 3, axis=1)
    variance = squares - np.square(true) / count
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(variance > 0, 1 - errors / variance, np.nan)
    return shares.mean(axis=1)
