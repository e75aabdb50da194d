"""The DetectionOutput of SSD: rows of image, class, score and corners."""

from core.data.detection.boxes import Boxes, boxes_from
from core.data.detection.layouts.base import Answer, BoxLayout, Frame, in_unit_range, whole


class DetectionOutput(BoxLayout):
    """One output (1, 1, boxes, 7). A negative image ends the list."""

    name = "detection-output"
    label = "SSD with DetectionOutput (image, class, score, corners)"
    suppressed = True

    def fits(self, answer: Answer, frame: Frame) -> bool:
        rows = next(iter(answer.values()))
        if len(answer) != 1 or rows.ndim != 4 or rows.shape[-1] != 7:
            return False
        return whole(rows[..., 1]) and in_unit_range(rows[..., 2])

    def read(self, answer: Answer, frame: Frame) -> Boxes:
        rows = next(iter(answer.values())).reshape(-1, 7)
        rows = rows[rows[:, 0] >= 0]
        return boxes_from(rows[:, 3:7], rows[:, 2], rows[:, 1])
