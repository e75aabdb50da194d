"""Cosine similarity of embeddings: how alike each embedding and the original's are."""

from core.data.closeness import cosine_of, per_sample
from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Tally, mean_of
from core.data.tensors import Tensors

_NAMES = ("embed", "feature", "descriptor")
_OF_UNIT_LENGTH = 1e-2


class Embedding(Metric):
    """For models whose first output is a vector of unit length, or is called an embedding."""

    name = "embedding"
    label = "cosine similarity of embeddings"
    task = "embedding"
    rank = -10

    def fits(self, standard: Standard) -> bool:
        import numpy as np

        name, first = next(iter(standard.first_answer().items()))
        if first.dtype.kind != "f" or first.ndim < 2 or first.size != max(first.shape):
            return False
        length = float(np.linalg.norm(first))
        unit = abs(length - 1) < _OF_UNIT_LENGTH and float(first.min()) < 0
        return unit or any(word in name.lower() for word in _NAMES)

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        return mean_of(per_sample(outputs, standard.reference, cosine_of)[:, 0])
