"""YOLOv8 and later without suppression: centre, size and a score for each class."""

from typing import TYPE_CHECKING

from core.data.detection.boxes import Boxes, boxes_from, corners_from_centres
from core.data.detection.layouts.base import Answer, BoxLayout, Frame, grid_cells, in_unit_range

if TYPE_CHECKING:
    import numpy as np


class YoloV8(BoxLayout):
    """One output (1, 4 + classes, boxes), or turned round; masks behind the scores are skipped."""

    name = "yolo-v8"
    label = "YOLOv8 to YOLO12 (centre, size, class scores)"
    suppressed = False
    rank = 30

    def fits(self, answer: Answer, frame: Frame) -> bool:
        rows = _rows(answer, frame)
        if rows is None or len(rows) <= rows.shape[1]:
            return False
        scores = rows[:, 4:]
        # Text recognition has probabilities everywhere; a detector's sizes are never negative.
        return in_unit_range(scores) and float(rows[:, 2:4].min()) >= 0 and not _sums_to_one(rows)

    def read(self, answer: Answer, frame: Frame) -> Boxes:
        rows = _rows(answer, frame)
        assert rows is not None
        scores = rows[:, 4:]
        return boxes_from(corners_from_centres(rows), scores.max(axis=1), scores.argmax(axis=1))


def _rows(answer: Answer, frame: Frame) -> "np.ndarray | None":
    """(boxes, 4 + classes), or None."""
    flat = [values for values in answer.values() if values.ndim == 3 and values.shape[0] == 1]
    if not flat or flat[0].dtype.kind != "f":
        return None
    rows = flat[0][0]
    # Turned round it looks like YOLOv5 with one class less; that has three boxes in each cell.
    rows = rows if len(rows) == grid_cells(frame) else rows.T
    masks = next((v.shape[1] for v in answer.values() if v.ndim == 4 and v.shape[0] == 1), 0)
    classes = rows.shape[1] - 4 - masks
    return rows[:, : 4 + classes] if classes >= 1 else None


def _sums_to_one(rows: "np.ndarray") -> bool:
    """Whether these are rows of a softmax, whichever way round."""
    import numpy as np

    sums = [rows.sum(axis=axis) for axis in (0, 1)]
    return any(bool(np.allclose(total, 1, atol=0.02)) for total in sums)
