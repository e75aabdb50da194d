"""A detector's boxes beside the true objects, both in the frame of the model's input."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.data.contract import PreprocessingContract
from core.data.detection.average_precision import (
    THRESHOLDS,
    Matches,
    Objects,
    Precision,
    matched,
    matched_together,
)
from core.data.detection.boxes import Boxes, overlaps
from core.data.detection.reading import (
    LEAST_JUDGED_SCORE,
    LEAST_SCORE,
    BoxReader,
    boxes_of_all,
    reader_for,
)
from core.data.placement import placement_of
from core.data.standard import Standard
from core.data.tensors import Tensors
from core.data.truth import BoxTruth, ImageBoxes

if TYPE_CHECKING:
    pass

_TRIED = 32
"""Samples on which the numbering of the classes is told."""
_VISIBLE = 0.5
"""Of an object's area that must lie in the frame for it to be demanded."""


def precision(outputs: Tensors, standard: Standard, thresholds: Sequence[int]) -> Precision:
    """Average precision of a detector's outputs at some of THRESHOLDS."""
    matches = outputs.derived(("matches", standard), lambda: _matches(outputs, standard))
    return Precision(matches, tuple(thresholds), standard.reference.count)


def found_again(outputs: Tensors, standard: Standard) -> Precision:
    """Average precision at half overlap, the original's certain boxes being the truth.

    All classes in one order: of many there would be one box or two, and each would weigh as much
    as the others. The uncertain boxes are looked at too, so none is lost by falling from a score
    of 0.26 to one of 0.24.
    """
    matches = outputs.derived(("found again", standard), lambda: _found_again(outputs, standard))
    return Precision((matches,), THRESHOLDS[:1], standard.reference.count)


def certain_boxes(outputs: Tensors, standard: Standard) -> tuple[Boxes, ...]:
    """What a model answers, image by image, with classes numbered as the model numbers them."""
    reader = reader_for(standard)
    assert reader is not None
    return boxes_of_all(outputs, reader, LEAST_SCORE)


def judged_reader(standard: Standard) -> BoxReader:
    """How the boxes are read, with classes numbered as in the data set."""
    return standard.reference.derived(("judged", standard), lambda: _judged_reader(standard))


def objects_in_frame(image: ImageBoxes, contract: PreprocessingContract) -> Objects:
    """The true objects where the contract puts them; what it cuts off is not demanded."""
    import numpy as np

    place = placement_of(image.width, image.height, contract)
    whole = place.to_frame(image.boxes.reshape(-1, 4)).astype(np.float64)
    seen = np.clip(whole, 0, np.asarray(place.frame * 2, dtype=np.float64))
    sizes = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (seen, whole)]
    share = sizes[0] / np.maximum(sizes[1], 1e-9)
    kept = share > 0
    ignored = image.crowd | (share < _VISIBLE)
    return Objects(seen[kept], image.classes[kept], ignored[kept])


def agreeing(ours: Boxes, theirs: Boxes, overlap: float = 0.5) -> int:
    """How many boxes of one model have a partner of the same class in the other's, one to one."""
    if not len(ours) or not len(theirs):
        return 0
    shared = overlaps(ours.corners, theirs.corners)
    shared = shared * (ours.classes[:, None] == theirs.classes[None])
    pairs = 0
    for row in range(len(ours)):
        best = int(shared[row].argmax())
        if shared[row, best] >= overlap:
            pairs += 1
            shared[:, best] = 0
    return pairs


def _matches(outputs: Tensors, standard: Standard) -> tuple[Matches, ...]:
    boxes = boxes_of_all(outputs, judged_reader(standard), LEAST_JUDGED_SCORE)
    return matched(boxes, _objects(standard))


def _found_again(outputs: Tensors, standard: Standard) -> Matches:
    import numpy as np

    reader = reader_for(standard)
    assert reader is not None
    truth = [
        Objects(boxes.corners.astype(np.float64), boxes.classes, np.zeros(len(boxes), dtype=bool))
        for boxes in certain_boxes(standard.reference, standard)
    ]
    return matched_together(boxes_of_all(outputs, reader, LEAST_JUDGED_SCORE), truth)


def _objects(standard: Standard, most: int | None = None) -> tuple[Objects, ...]:
    assert standard.contract is not None
    images = standard.needed(BoxTruth).images[:most]
    return tuple(objects_in_frame(image, standard.contract) for image in images)


def _judged_reader(standard: Standard) -> BoxReader:
    """Of the usual ways to number classes the one by which the original does best."""
    reader = reader_for(standard)
    assert reader is not None
    truth = _objects(standard, _TRIED)
    answers = standard.reference.first(len(truth))
    boxes = boxes_of_all(answers, reader, LEAST_JUDGED_SCORE)
    numberings = _numberings(standard)
    values = [_value(_renumbered(boxes, numbering), truth) for numbering in numberings]
    return replace(reader, classes=numberings[values.index(max(values))])


def _numberings(standard: Standard) -> list[tuple[int, ...]]:
    """As the data set numbers them, behind a background, and by the ids of its file."""
    truth = standard.needed(BoxTruth)
    used = (int(image.classes.max()) for image in truth.images if len(image.classes))
    count = max(len(standard.classes), 1 + max(used, default=0))
    numberings: list[tuple[int, ...]] = [(), (-1, *range(count))]
    if truth.class_ids:
        by_id = {number: index for index, number in enumerate(truth.class_ids)}
        numberings.append(tuple(by_id.get(i, -1) for i in range(max(truth.class_ids) + 1)))
    return numberings


def _renumbered(boxes: Sequence[Boxes], numbering: tuple[int, ...]) -> list[Boxes]:
    import numpy as np

    if not numbering:
        return list(boxes)
    known = np.asarray(numbering, dtype=np.int64)

    def one(found: Boxes) -> Boxes:
        found = found.take((found.classes >= 0) & (found.classes < len(known)))
        return replace(found, classes=known[found.classes])

    return [one(found) for found in boxes]


def _value(boxes: Sequence[Boxes], truth: Sequence[Objects]) -> float:
    import numpy as np

    value = Precision(matched(boxes, truth), THRESHOLDS[:1], len(truth)).value
    return value if np.isfinite(value) else 0.0
