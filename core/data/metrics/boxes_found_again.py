"""AP 50 of a detector without labels: the original's boxes stand as the truth."""

from core.data.detection.judging import certain_boxes, found_again
from core.data.detection.reading import reader_for
from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Hits, Tally
from core.data.tensors import Tensors


class BoxesFoundAgain(Metric):
    """The original's boxes of a score of 0.25 and more, found again with half overlap.

    Where it finds none in any image, the share of images in which the other finds none either.
    """

    name = "ap50-original"
    label = "AP 50 against the original’s boxes"
    task = "object detection"
    rank = 9

    def fits(self, standard: Standard) -> bool:
        return reader_for(standard) is not None

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        if any(map(len, certain_boxes(standard.reference, standard))):
            return found_again(outputs, standard)
        found = [len(boxes) for boxes in certain_boxes(outputs, standard)]
        return Hits(np.equal(found, 0))
