"""Non-maximum suppression: of boxes that overlap much, the most certain one stays."""

from typing import TYPE_CHECKING

from core.data.detection.boxes import Boxes, overlaps

if TYPE_CHECKING:
    import numpy as np

MOST_CANDIDATES = 3000
"""Boxes that are looked at, best first."""


def suppressed(boxes: Boxes, overlap: float, most: int) -> Boxes:
    """The boxes that stay, best first: greedy and class by class, as detectors are trained for."""
    import numpy as np

    boxes = boxes.take(np.argsort(-boxes.scores, kind="stable")[:MOST_CANDIDATES])
    free = np.ones(len(boxes), dtype=bool)
    kept: list[int] = []
    while len(kept) < most and free.any():
        best = int(free.argmax())
        kept.append(best)
        free &= ~_covered(boxes, best, overlap)
        free[best] = False
    return boxes.take(np.asarray(kept, dtype=np.int64))


def _covered(boxes: Boxes, best: int, overlap: float) -> "np.ndarray":
    """bool, (n,): boxes of the same class that overlap the best one too much."""
    covered = overlaps(boxes.corners[best : best + 1], boxes.corners)[0] > overlap
    return covered & (boxes.classes == boxes.classes[best])
