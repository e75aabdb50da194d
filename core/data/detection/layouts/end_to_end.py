"""YOLOv10 and other models that finish themselves: corners, score and class in one row."""

from core.data.detection.boxes import Boxes, boxes_from
from core.data.detection.layouts.base import Answer, BoxLayout, Frame, in_unit_range, whole


class EndToEnd(BoxLayout):
    """One output (1, boxes, 6)."""

    name = "end-to-end"
    label = "YOLOv10 and others (corners, score, class)"
    suppressed = True
    rank = 10

    def fits(self, answer: Answer, frame: Frame) -> bool:
        rows = next(iter(answer.values()))
        if len(answer) != 1 or rows.ndim != 3 or rows.shape[0] != 1 or rows.shape[2] != 6:
            return False
        return in_unit_range(rows[0, :, 4]) and whole(rows[0, :, 5])

    def read(self, answer: Answer, frame: Frame) -> Boxes:
        rows = next(iter(answer.values()))[0]
        return boxes_from(rows[:, :4], rows[:, 4], rows[:, 5])
