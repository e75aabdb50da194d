"""AP 50 of a detector without labels: the original's boxes stand as the truth."""

from core.data.detection.judging import certain_boxes, found_again
from core.data.detection.reading import reader_for
from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Hits, Tally
from core.data.tensors import Tensors


class BoxesFoundAgain(Metric):
    """The original's boxes of a score of 0.25 and more, found again with half overlap.

    Uncertain boxes count as found, so none is lost by falling from 0.26 to 0.24; wrong boxes cost
    what they stand before. Where the original finds none in any image, it is the share of images in
    which the other finds none either.
    """

    name = "ap50-original"
    label = "AP 50 against the original’s boxes"
    task = "object detection"
    rank = 9
    mutual = False

    def fits(self, standard: Standard) -> bool:
        return reader_for(standard) is not None

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        if any(map(len, certain_boxes(standard.reference, standard))):
            return found_again(outputs, standard)
        found = [len(boxes) for boxes in certain_boxes(outputs, standard)]
        return Hits(np.equal(found, 0))
