"""Cosine similarity: how alike the directions of all outputs and of the original's are."""

from core.data.closeness import cosine_of, per_sample, real_outputs
from core.data.metrics.base import ANY_MODEL, Metric
from core.data.standard import Standard
from core.data.tally import Tally, mean_of
from core.data.tensors import Tensors


class Cosine(Metric):
    """Of each sample's least alike output, averaged over the samples."""

    name = "cosine"
    label = "cosine similarity to the original"
    task = ANY_MODEL
    rank = 50

    def fits(self, standard: Standard) -> bool:
        return bool(real_outputs(standard.reference))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        return mean_of(per_sample(outputs, standard.reference, cosine_of).min(axis=1))
