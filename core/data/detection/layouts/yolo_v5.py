"""YOLOv5 to YOLOv7 without suppression: centre, size, objectness and a score for each class."""

from typing import TYPE_CHECKING

from core.data.detection.boxes import Boxes, boxes_from, corners_from_centres
from core.data.detection.layouts.base import Answer, BoxLayout, Frame, grid_cells, in_unit_range

if TYPE_CHECKING:
    import numpy as np


class YoloV5(BoxLayout):
    """The first output of three axes, (1, boxes, 5 + classes); others may hold the raw heads."""

    name = "yolo-v5"
    label = "YOLOv5 to YOLOv7 (centre, size, objectness, class scores)"
    suppressed = False
    rank = 20

    def fits(self, answer: Answer, frame: Frame) -> bool:
        rows = _rows(answer)
        if rows is None or rows.shape[1] < 6 or len(rows) <= rows.shape[1]:
            return False
        if len(rows) == grid_cells(frame):  # one box in each cell: YOLOv8, turned round
            return False
        return in_unit_range(rows[:, 4:]) and float(rows[:, 2:4].min()) >= 0

    def read(self, answer: Answer, frame: Frame) -> Boxes:
        rows = _rows(answer)
        assert rows is not None
        scores = rows[:, 5:] * rows[:, 4:5]
        return boxes_from(corners_from_centres(rows), scores.max(axis=1), scores.argmax(axis=1))


def _rows(answer: Answer) -> "np.ndarray | None":
    flat = [values for values in answer.values() if values.ndim == 3 and values.shape[0] == 1]
    return flat[0][0] if flat and flat[0].dtype.kind == "f" else None
