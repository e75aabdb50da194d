"""Regression: the numbers that a model gives for each sample, beside the true ones."""

from typing import TYPE_CHECKING

from core.data.standard import Standard
from core.data.tensors import Tensors
from core.data.truth import NumberTruth

if TYPE_CHECKING:
    import numpy as np

HUGE = 1e30
"""Stands for an answer that is no finite number."""


def gives_numbers(standard: Standard) -> bool:
    """Whether the first output holds as many numbers as are known of a sample."""
    first = next(iter(standard.first_answer().values()))
    return first.size == standard.needed(NumberTruth).values.shape[1]


def errors_of(outputs: Tensors, standard: Standard) -> "np.ndarray":
    """Answer minus truth, float64 (samples, numbers)."""
    import numpy as np

    column = outputs.columns[outputs.names[0]]
    true = standard.needed(NumberTruth).values
    given = np.stack([column[index].reshape(-1) for index in range(len(true))])
    return np.nan_to_num(given.astype(np.float64), nan=HUGE, posinf=HUGE, neginf=-HUGE) - true


def points_of_spread(standard: Standard) -> float:
    """100 points are an error as large as the spread (standard deviation) of the truth."""
    spread = float(standard.needed(NumberTruth).values.std(axis=0).mean())
    return 100 / max(spread, 1e-12)
