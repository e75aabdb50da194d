"""SSD without suppression: decoded boxes, and a score for each box and class."""

from typing import TYPE_CHECKING

from core.data.detection.boxes import Boxes, boxes_from
from core.data.detection.layouts.base import Answer, BoxLayout, Frame, in_unit_range

if TYPE_CHECKING:
    import numpy as np


class Ssd(BoxLayout):
    """Outputs (1, n, 4) of corners and (1, n, classes), or (1, classes, n), of scores.

    Where the scores of a box add up to 1 the first class is the background.
    """

    name = "ssd"
    label = "SSD (corners, class scores)"
    suppressed = False

    def fits(self, answer: Answer, frame: Frame) -> bool:
        return _parts(answer) is not None

    def read(self, answer: Answer, frame: Frame) -> Boxes:
        parts = _parts(answer)
        assert parts is not None
        corners, scores = parts
        if _has_background(scores):
            scores = scores[:, 1:]
        return boxes_from(corners, scores.max(axis=1), scores.argmax(axis=1))


def _parts(answer: Answer) -> "tuple[np.ndarray, np.ndarray] | None":
    """Corners (n, 4) and scores (n, classes)."""
    flat = {n: v for n, v in answer.items() if v.ndim in (3, 4) and v.size and v.shape[0] == 1}
    if len(flat) != 2:
        return None
    # With three classes and a background both have four columns: then the name or the sums tell.
    first, second = sorted(flat, key=lambda n: ("box" not in n.lower(), _sums_to_one(flat[n][0])))
    for boxes, scores in ((first, second), (second, first)):
        corners, values = flat[boxes].reshape(-1, flat[boxes].shape[-1]), flat[scores]
        if corners.shape[1] != 4 or values.ndim != 3 or not in_unit_range(values):
            continue
        for rows in (values[0], values[0].T):
            if len(rows) == len(corners) and rows.shape[1] >= 1:
                return corners, rows
    return None


def _has_background(scores: "np.ndarray") -> bool:
    return scores.shape[1] > 1 and _sums_to_one(scores)


def _sums_to_one(scores: "np.ndarray") -> bool:
    import numpy as np

    return bool(np.allclose(scores.sum(axis=-1), 1, atol=0.02))
