"""YOLOv7 with suppression inside: rows of image, corners, class and score."""

from core.data.detection.boxes import Boxes, boxes_from
from core.data.detection.layouts.base import Answer, BoxLayout, Frame, in_unit_range, whole


class YoloV7Rows(BoxLayout):
    """One output (boxes, 7)."""

    name = "yolo-v7-rows"
    label = "YOLOv7 with suppression (image, corners, class, score)"
    suppressed = True

    def fits(self, answer: Answer, frame: Frame) -> bool:
        rows = next(iter(answer.values()))
        if len(answer) != 1 or rows.ndim != 2 or rows.shape[-1] != 7:
            return False
        return not rows.size or (whole(rows[:, 5]) and in_unit_range(rows[:, 6]))

    def read(self, answer: Answer, frame: Frame) -> Boxes:
        rows = next(iter(answer.values()))
        return boxes_from(rows[:, 1:5], rows[:, 6], rows[:, 5])
