"""mIoU: intersection over union of each class's pixels, averaged over the classes."""

from core.data.metrics.base import Metric
from core.data.segmentation import classes_of, confusion_parts, is_map, map_of, mean_iou, truth_at
from core.data.standard import Standard
from core.data.tally import Sums, Tally
from core.data.tensors import Tensors
from core.data.truth import MaskTruth


class MeanIou(Metric):
    """Pixels are summed over all images before classes are averaged, as VOC and Cityscapes do."""

    name = "miou"
    label = "mIoU"
    task = "segmentation"
    truth = MaskTruth
    rank = 1

    def fits(self, standard: Standard) -> bool:
        return is_map(standard.first_answer())

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        classes = classes_of(standard.first_answer())
        counted = classes or max(len(standard.classes) + 1, 2)
        parts = np.empty((standard.reference.count, 2 * counted))
        for index in range(len(parts)):
            found = map_of(outputs.sample(index))
            true = truth_at(standard, index, (found.shape[0], found.shape[1]), classes)
            parts[index] = confusion_parts(found, true, counted)
        return Sums(parts, mean_iou)
