"""mAP 50-95: COCO's average precision of boxes over ten thresholds of overlap."""

from core.data.detection.average_precision import THRESHOLDS
from core.data.detection.judging import precision
from core.data.detection.reading import reader_for
from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Tally
from core.data.tensors import Tensors
from core.data.truth import BoxTruth


class AveragePrecision(Metric):
    name = "map50-95"
    label = "mAP 50-95"
    task = "object detection"
    truth = BoxTruth
    rank = 1

    def fits(self, standard: Standard) -> bool:
        return reader_for(standard) is not None

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        return precision(outputs, standard, THRESHOLDS)
