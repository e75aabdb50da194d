"""Boxes, scores and classes as outputs of their own, suppressed by the model itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.data.detection.boxes import Boxes, boxes_from
from core.data.detection.layouts.base import Answer, BoxLayout, Frame, in_unit_range, whole

if TYPE_CHECKING:
    import numpy as np


class Listed(BoxLayout):
    """TensorRT's EfficientNMS, torchvision, MMDetection, TensorFlow's object detection API.

    Outputs are recognized by shape and values: (…, n, 4) or, with the score, (…, n, 5); scores and
    classes (…, n); a count of what is valid may come along.
    """

    name = "listed"
    label = "Boxes, scores and classes as outputs of their own"
    suppressed = True

    def fits(self, answer: Answer, frame: Frame) -> bool:
        return _parts(answer) is not None

    def read(self, answer: Answer, frame: Frame) -> Boxes:
        parts = _parts(answer)
        assert parts is not None
        valid = slice(0, parts.valid)
        return boxes_from(parts.corners[valid], parts.scores[valid], parts.classes[valid])


_List = tuple[str, "np.ndarray"]
"""An output with one number for each box."""


@dataclass(frozen=True)
class _Parts:
    corners: "np.ndarray"
    scores: "np.ndarray"
    classes: "np.ndarray"
    valid: int


def _parts(answer: Answer) -> "_Parts | None":
    import numpy as np

    boxes = next(((n, v) for n, v in answer.items() if _is_list(v, (4, 5))), None)
    if boxes is None:
        return None
    name, values = boxes[0], boxes[1].reshape(-1, boxes[1].shape[-1])
    count = len(values)
    lists = [(n, v.reshape(-1)) for n, v in answer.items() if n != name and _is_plain(v, count)]
    classes = _called(lists, "class", "label") or _first(lists, whole)
    rest = [one for one in lists if classes is None or one[0] != classes[0]]
    scores = _called(rest, "score", "conf") or _first(rest, in_unit_range)
    if values.shape[1] == 5:
        scores = ("", values[:, 4])
    if classes is None or scores is None:
        return None
    corners = values[:, :4]
    if name.startswith("detection_boxes"):  # TensorFlow puts y first
        corners = corners[:, [1, 0, 3, 2]]
    counts = [v for v in answer.values() if v.size == 1 and count > 1]
    valid = int(np.clip(float(counts[0].reshape(-1)[0]), 0, count)) if counts else count
    return _Parts(corners, scores[1], classes[1], valid)


def _is_list(values: "np.ndarray", widths: tuple[int, ...]) -> bool:
    outer = values.shape[0] == 1 if values.ndim == 3 else True
    return values.ndim in (2, 3) and outer and values.shape[-1] in widths


def _is_plain(values: "np.ndarray", count: int) -> bool:
    return values.size == count and max(values.shape, default=0) == count


def _called(lists: "Sequence[_List]", *words: str) -> "_List | None":
    return next((one for one in lists if any(word in one[0].lower() for word in words)), None)


def _first(lists: "Sequence[_List]", fits: "Callable[[np.ndarray], bool]") -> "_List | None":
    return next((one for one in lists if fits(one[1])), None)
