"""Detected objects of one image."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Boxes:
    """Objects as a detector gives them, best first once they are settled."""

    corners: "np.ndarray"
    """float32, (n, 4): x0 y0 x1 y1 in pixels of the model's input."""
    scores: "np.ndarray"
    """float32, (n,): how sure the model is, 0 to 1."""
    classes: "np.ndarray"
    """int64, (n,)."""

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, indices: "np.ndarray") -> Self:
        """Some of them, by index or by a bool for each."""
        return type(self)(self.corners[indices], self.scores[indices], self.classes[indices])


def boxes_from(corners: "np.ndarray", scores: "np.ndarray", classes: "np.ndarray") -> Boxes:
    """Boxes of the dtypes that Boxes promises; those that are not finite are left out."""
    import numpy as np

    corners = np.asarray(corners, dtype=np.float32).reshape(-1, 4)
    scores = np.asarray(scores, dtype=np.float32).reshape(-1)
    classes = np.rint(np.asarray(classes, dtype=np.float64).reshape(-1))
    sound = np.isfinite(corners).all(axis=1) & np.isfinite(scores) & np.isfinite(classes)
    return Boxes(corners[sound], scores[sound], classes[sound].astype(np.int64))


def corners_from_centres(boxes: "np.ndarray") -> "np.ndarray":
    """(n, 4) of centre x, centre y, width, height to x0 y0 x1 y1."""
    import numpy as np

    half = boxes[:, 2:4] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def overlaps(one: "np.ndarray", others: "np.ndarray") -> "np.ndarray":
    """Intersection over union of boxes (n, 4) with boxes (m, 4), float32 (n, m)."""
    import numpy as np

    low = np.maximum(one[:, None, :2], others[None, :, :2])
    high = np.minimum(one[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    union = _areas(one)[:, None] + _areas(others)[None] - shared
    return shared / np.maximum(union, 1e-9)


def _areas(boxes: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1)
