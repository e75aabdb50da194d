"""Box agreement: the share of boxes that both the model and the original find."""

from typing import TYPE_CHECKING

from core.data.detection.judging import agreeing, certain_boxes
from core.data.detection.reading import reader_for
from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Sums, Tally
from core.data.tensors import Tensors

if TYPE_CHECKING:
    import numpy as np


class BoxAgreement(Metric):
    """Boxes of a score of 0.25 and more; partners have one class and overlap by half."""

    name = "box-agreement"
    label = "same boxes as the original"
    task = "object detection"
    rank = 10

    def fits(self, standard: Standard) -> bool:
        return reader_for(standard) is not None

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        ours, theirs = (certain_boxes(of, standard) for of in (outputs, standard.reference))
        parts = [
            (2.0 * agreeing(one, other), len(one) + len(other))
            for one, other in zip(ours, theirs, strict=True)
        ]
        return Sums(np.asarray(parts, dtype=np.float64), _share)


def _share(totals: "np.ndarray") -> "np.ndarray":
    """Two models that find nothing at all agree."""
    import numpy as np

    return np.where(totals[:, 1] > 0, totals[:, 0] / np.maximum(totals[:, 1], 1), 1.0)
