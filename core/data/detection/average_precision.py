"""Average precision: COCO's matching of boxes to the truth, and figures over any resample.

pycocotools, the library that COCO is judged with, matches boxes to objects image by image. The
figures from its matches are computed here, because a bootstrap needs them thousands of times; over
all images they equal the library's own.
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from core.data.detection.boxes import Boxes
from core.data.tally import Tally

if TYPE_CHECKING:
    import numpy as np

THRESHOLDS = tuple(range(10))
"""Overlaps of 0.5, 0.55 … 0.95, from which a box belongs to an object, as COCO judges."""
MOST_JUDGED = 100
"""Boxes of one class in an image, as COCO judges."""
MOST_AT_ONCE = 2_000_000
"""Draws times boxes that are held in memory at once."""


@dataclass(frozen=True)
class Objects:
    """The true objects of one image, in the frame of the boxes."""

    corners: "np.ndarray"
    """float64, (n, 4)."""
    classes: "np.ndarray"
    """int64, (n,)."""
    ignored: "np.ndarray"
    """bool, (n,): neither demanded nor an error."""


@dataclass(frozen=True)
class Matches:
    """All boxes of one class, or of all of them, best first, and how many objects there are."""

    images: "np.ndarray"
    """int64, (boxes,): index of each box's image."""
    right: "np.ndarray"
    """bool, (thresholds, boxes)."""
    counted: "np.ndarray"
    """bool, (thresholds, boxes): False where a box belongs to what is ignored."""
    objects: "np.ndarray"
    """float64, (images,)."""


@dataclass(frozen=True)
class Precision(Tally):
    """Average precision at some thresholds of overlap; the mean where classes stand apart."""

    draws: ClassVar[int] = 200
    matches: tuple[Matches, ...]
    thresholds: tuple[int, ...]
    """Which of the ten, 0 being an overlap of 0.5 and 9 of 0.95."""
    images: int

    @property
    def samples(self) -> int:
        return self.images

    def figures(self, weights: "np.ndarray") -> "np.ndarray":
        import numpy as np

        widest = max((len(matches.images) for matches in self.matches), default=0)
        rows = max(1, MOST_AT_ONCE // max(widest, 1))
        parts = [self._figures(weights[at : at + rows]) for at in range(0, len(weights), rows)]
        return np.concatenate(parts)

    def _figures(self, weights: "np.ndarray") -> "np.ndarray":
        import numpy as np

        found = np.full((len(self.matches), len(weights)), np.nan)
        for row, matches in enumerate(self.matches):
            demanded = weights @ matches.objects
            known = demanded > 0
            curves = [
                _average_precision(weights[known], matches, threshold, demanded[known])
                for threshold in self.thresholds
            ]
            found[row, known] = np.mean(curves, axis=0)
        counted = np.isfinite(found).sum(axis=0)
        return np.where(counted > 0, np.nansum(found, axis=0) / np.maximum(counted, 1), np.nan)


def _average_precision(
    weights: "np.ndarray", matches: Matches, threshold: int, objects: "np.ndarray"
) -> "np.ndarray":
    """Precision at 101 recalls, averaged, for each draw (Everingham et al. 2010; COCO)."""
    import numpy as np

    if not len(matches.images):
        return np.zeros(len(weights))
    of_boxes = weights[:, matches.images] * matches.counted[threshold]
    right = np.cumsum(of_boxes * matches.right[threshold], axis=1)
    wrong = np.cumsum(of_boxes * ~matches.right[threshold], axis=1)
    recall = right / objects[:, np.newaxis]
    precision = right / np.maximum(right + wrong, np.spacing(1.0))
    best_from_here = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    padded = np.concatenate([best_from_here, np.zeros((len(weights), 1))], axis=1)
    # One search for all draws: each gets a range of its own.
    recalls = np.linspace(0.0, 1.0, 101)
    offset = 2.0 * np.arange(len(weights))[:, np.newaxis]
    places = np.searchsorted((recall + offset).reshape(-1), (recalls + offset).reshape(-1))
    columns = (
        places.reshape(len(weights), len(recalls))
        - recall.shape[1] * np.arange(len(weights))[:, None]
    )
    return np.take_along_axis(padded, columns, axis=1).mean(axis=1)


def matched(found: Sequence[Boxes], truth: Sequence[Objects]) -> tuple[Matches, ...]:
    """Match the boxes of every image to its objects, as COCO does, class by class."""
    classes, count = _classes(truth), len(truth)
    entries = _judged(found, truth, classes, len(THRESHOLDS), MOST_JUDGED)
    return tuple(
        _in_order(entries[start : start + count], count, len(THRESHOLDS))
        for start in range(0, count * len(classes), count)
    )


def matched_together(found: Sequence[Boxes], truth: Sequence[Objects]) -> Matches:
    """Match at half overlap, with all boxes of all classes in one order.

    Boxes of classes that the truth lacks are wrong, where `matched` leaves them out, and no image
    has too many.
    """
    most = max(map(len, found), default=0)
    entries = _judged(found, truth, _classes((*truth, *found)), 1, most)
    return _in_order(entries, len(truth), 1)


def _classes(of: "Sequence[Objects | Boxes]") -> list[int]:
    return sorted({int(label) for one in of for label in one.classes})


def _judged(
    found: Sequence[Boxes],
    truth: Sequence[Objects],
    classes: list[int],
    thresholds: int,
    most: int,
) -> list[Any]:
    """The library's findings, all images of the first class first.

    `most` boxes of a class in an image, the best ones, are looked at, with the first `thresholds`.
    """
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):  # the library prints what it does
        judge = COCOeval(_as_coco(_truths(truth)), _as_coco(_detections(found)), "bbox")
        judge.params.imgIds = list(range(1, len(truth) + 1))
        judge.params.catIds = classes
        judge.params.areaRng = [[0, 1e10]]
        judge.params.areaRngLbl = ["all"]
        judge.params.maxDets = [most]
        judge.params.iouThrs = judge.params.iouThrs[:thresholds]
        judge.evaluate()
    return list(judge.evalImgs)


def _in_order(entries: Sequence[Any], images: int, thresholds: int) -> Matches:
    """Put the library's findings, one for each image and class, in order of the scores."""
    import numpy as np

    objects = np.zeros(images)
    places: list[np.ndarray] = []
    scores: list[np.ndarray] = [np.zeros(0)]
    right: list[np.ndarray] = [np.zeros((thresholds, 0), dtype=bool)]
    ignored: list[np.ndarray] = [np.zeros((thresholds, 0), dtype=bool)]
    for number, one in enumerate(entries):
        if one is None:
            continue
        image = number % images
        objects[image] += np.count_nonzero(np.logical_not(one["gtIgnore"]))
        places.append(np.full(len(one["dtScores"]), image))
        scores.append(np.asarray(one["dtScores"]))
        right.append(np.asarray(one["dtMatches"]) > 0)
        ignored.append(np.asarray(one["dtIgnore"]) > 0)
    order = np.argsort(-np.concatenate(scores), kind="mergesort")
    all_places = np.concatenate(places) if places else np.zeros(0)
    return Matches(
        images=all_places.astype(np.int64)[order],
        right=np.concatenate(right, axis=1)[:, order],
        counted=~np.concatenate(ignored, axis=1)[:, order],
        objects=objects,
    )


def _as_coco(annotations: "list[dict[str, Any]]") -> Any:
    from pycocotools.coco import COCO

    made = COCO()
    dataset: Any = {
        "images": [{"id": image} for image in sorted({one["image_id"] for one in annotations})],
        "categories": [{"id": label} for label in sorted({a["category_id"] for a in annotations})],
        "annotations": annotations,
    }
    made.dataset = dataset
    made.createIndex()
    return made


def _truths(truth: Sequence[Objects]) -> "list[dict[str, Any]]":
    found: list[dict[str, Any]] = []
    for image, one in enumerate(truth, start=1):
        for corners, label, ignored in zip(one.corners, one.classes, one.ignored, strict=True):
            found.append(_annotation(len(found), image, label, corners, iscrowd=int(ignored)))
    return found


def _detections(found: Sequence[Boxes]) -> "list[dict[str, Any]]":
    listed: list[dict[str, Any]] = []
    for image, boxes in enumerate(found, start=1):
        for corners, label, score in zip(boxes.corners, boxes.classes, boxes.scores, strict=True):
            listed.append(_annotation(len(listed), image, label, corners, score=float(score)))
    return listed


def _annotation(
    number: int, image: int, label: object, corners: "np.ndarray", **more: float
) -> "dict[str, Any]":
    x0, y0, x1, y1 = (float(value) for value in corners)
    width, height = max(x1 - x0, 0.0), max(y1 - y0, 0.0)
    return {
        "id": number + 1,
        "image_id": image,
        "category_id": int(str(label)),
        "bbox": [x0, y0, width, height],
        "area": width * height,
        **more,
    }
