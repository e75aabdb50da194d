"""Class scores as probabilities."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_SUM = 1e-3
"""So close to 1 the probabilities of a row add up."""


def are_probabilities(rows: "np.ndarray") -> bool:
    """Whether every row, (n, classes), adds up to 1 with nothing below 0."""
    import numpy as np

    return bool((rows >= 0).all() and np.allclose(rows.sum(axis=-1), 1, atol=_SUM))


def probabilities(rows: "np.ndarray", *, as_they_are: bool) -> "np.ndarray":
    """(n, classes) as float64; scores that are none yet go through a softmax.

    A row that holds no numbers is sure of nothing: all zeros.
    """
    import numpy as np

    values = rows.astype(np.float64)
    if not as_they_are:
        with np.errstate(invalid="ignore", over="ignore"):
            values = np.exp(values - values.max(axis=-1, keepdims=True))
            values = values / values.sum(axis=-1, keepdims=True)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
