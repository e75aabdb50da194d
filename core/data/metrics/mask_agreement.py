"""Mask agreement: the share of pixels to which the model gives the original's class."""

from core.data.metrics.base import Metric
from core.data.segmentation import is_map, map_of
from core.data.standard import Standard
from core.data.tally import Tally, mean_of
from core.data.tensors import Tensors


class MaskAgreement(Metric):
    name = "mask-agreement"
    label = "pixels of the same class as the original"
    task = "segmentation"
    rank = 10

    def fits(self, standard: Standard) -> bool:
        return is_map(standard.first_answer())

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        pairs = (
            (map_of(outputs.sample(index)), map_of(standard.reference.sample(index)))
            for index in range(standard.reference.count)
        )
        shares = [
            float((ours == theirs).mean()) if ours.shape == theirs.shape else 0.0
            for ours, theirs in pairs
        ]
        return mean_of(np.asarray(shares))
