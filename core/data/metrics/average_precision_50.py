"""mAP 50: average precision of boxes that overlap their object by half at least."""

from core.data.detection.average_precision import THRESHOLDS
from core.data.detection.judging import precision
from core.data.detection.reading import reader_for
from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Tally
from core.data.tensors import Tensors
from core.data.truth import BoxTruth


class AveragePrecision50(Metric):
    name = "map50"
    label = "mAP 50"
    task = "object detection"
    truth = BoxTruth
    rank = 2

    def fits(self, standard: Standard) -> bool:
        return reader_for(standard) is not None

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        return precision(outputs, standard, THRESHOLDS[:1])
