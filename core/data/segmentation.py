"""Segmentation: outputs of models that give each pixel a class, and how they compare."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.data.contract import PreprocessingContract
from core.data.placement import placement_of
from core.data.standard import Standard
from core.data.truth import NO_CLASS, MaskTruth

if TYPE_CHECKING:
    import numpy as np

MOST_CLASSES = 255
_SMALLEST = 4
"""Pixels along a side below which an output is no map."""


def is_map(answer: "Mapping[str, np.ndarray]") -> bool:
    """Whether the first output gives a class, or a score for each class, to each pixel."""
    first = next(iter(answer.values()))
    if first.ndim == 3 and first.shape[0] == 1:
        return first.dtype.kind in "iu" and min(first.shape[1:]) >= _SMALLEST
    if first.ndim != 4 or first.shape[0] != 1:
        return False
    return _class_axis(first) is not None


def classes_of(answer: "Mapping[str, np.ndarray]") -> int:
    """How many classes the model tells apart; 0 where only its answers show."""
    first = next(iter(answer.values()))
    axis = _class_axis(first) if first.ndim == 4 else None
    if axis is None or first.dtype.kind in "iu":
        return 0
    return max(2, first.shape[axis])


def map_of(answer: "Mapping[str, np.ndarray]") -> "np.ndarray":
    """The class of each pixel, uint8 (height, width), at the size of the output.

    One score for each pixel is taken as that of a single class, sure from 0.5 on.
    """
    import numpy as np

    first = next(iter(answer.values()))
    if first.ndim == 3:
        return first[0].astype(np.uint8)
    axis = _class_axis(first)
    assert axis is not None
    if first.shape[axis] > 1:
        return first[0].argmax(axis=axis - 1).astype(np.uint8)
    only = first[0].squeeze(axis - 1)
    return only.astype(np.uint8) if only.dtype.kind in "iu" else (only > 0.5).astype(np.uint8)


def truth_at(standard: Standard, index: int, size: tuple[int, int], classes: int) -> "np.ndarray":
    """The true class of each pixel of a map of that (height, width), uint8; NO_CLASS is left out.

    The mask goes the way of its image: resized without blending, cut and placed likewise.
    """
    import numpy as np

    truth = standard.needed(MaskTruth)
    mask = truth.read(index)
    if truth.background and classes != len(standard.classes):
        # The background is a class, the first; numbers move up to make room.
        mask = np.where(mask == NO_CLASS, 0, mask + np.uint8(1)).astype(np.uint8)
    return _resized(_framed(mask, standard.contract), size)


def confusion_parts(found: "np.ndarray", true: "np.ndarray", classes: int) -> "np.ndarray":
    """Intersections and unions of every class, float64 (2 × classes,)."""
    import numpy as np

    counts = true < min(classes, NO_CLASS)
    known = counts & (found < classes)
    both = true[known] * np.int64(classes) + found[known]
    table = np.bincount(both, minlength=classes * classes).reshape(classes, classes)
    right = table.diagonal()
    demanded = np.bincount(true[counts], minlength=classes)
    union = demanded + table.sum(axis=0) - right
    return np.concatenate([right, union]).astype(np.float64)


def mean_iou(totals: "np.ndarray") -> "np.ndarray":
    """Mean over the classes that appear of intersection over union, for each row of totals."""
    import numpy as np

    classes = totals.shape[1] // 2
    right, union = totals[:, :classes], totals[:, classes:]
    appears = union > 0
    shares = np.where(appears, right / np.maximum(union, 1), 0)
    return shares.sum(axis=1) / np.maximum(appears.sum(axis=1), 1)


def _class_axis(first: "np.ndarray") -> int | None:
    """1 for (1, classes, height, width), 3 for (1, height, width, classes), or None."""
    _, second, third, fourth = first.shape
    if second <= MOST_CLASSES and min(third, fourth) >= _SMALLEST and second <= fourth:
        return 1
    if fourth <= MOST_CLASSES and min(second, third) >= _SMALLEST:
        return 3
    return None


def _framed(mask: "np.ndarray", contract: PreprocessingContract | None) -> "np.ndarray":
    import numpy as np
    from PIL import Image

    from core.data.decode import placed

    if contract is None:
        return mask
    height, width = mask.shape
    place = placement_of(width, height, contract)
    picture = Image.fromarray(mask)
    return np.asarray(placed(picture, place, Image.Resampling.NEAREST, NO_CLASS))


def _resized(mask: "np.ndarray", size: tuple[int, int]) -> "np.ndarray":
    """Without blending: the pixel at the middle of each new one."""
    import numpy as np

    if mask.shape == size:
        return mask
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for new, old in zip(size, mask.shape, strict=True)
    )
    return mask[np.ix_(rows, columns)]
