"""Settles how a detector's outputs are read, once, from the original's, and reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import core.data.detection.layouts
from core.data.detection.boxes import Boxes
from core.data.detection.layouts.base import Answer, BoxLayout, Frame
from core.data.detection.suppression import suppressed
from core.data.standard import Standard
from core.data.tensors import Tensors
from core.discovery import Catalogue, discover

if TYPE_CHECKING:
    pass

LEAST_SCORE = 0.25
"""From here on a box counts as an answer, for people and for agreement."""
LEAST_JUDGED_SCORE = 0.001
"""Average precision looks at the uncertain ones too, as is usual."""
MOST_BOXES = 300
OVERLAP = 0.7
"""Boxes of one class that overlap more say the same."""
_LOOKED_AT = 8
"""Answers from which the unit of the coordinates is told."""
_LARGEST_SHARE = 2.0
"""Coordinates that stay below are shares of the width and height."""


@dataclass(frozen=True)
class BoxReader:
    """How one model's outputs become boxes; the same for its compressed versions."""

    layout: BoxLayout
    frame: Frame
    """Width and height of the model's input, in pixels."""
    shares: bool
    """Whether coordinates are shares of the frame instead of pixels."""
    classes: tuple[int, ...] = ()
    """The data set's class for each class of the model, −1 for none; empty where they are one."""


@cache
def box_layouts() -> Catalogue[BoxLayout]:
    """Every known layout, by name."""
    return discover(core.data.detection.layouts, BoxLayout, "box layout")


def reader_for(standard: Standard) -> BoxReader | None:
    """How the original's outputs are read as boxes, or None when it is no detector.

    Classes are numbered as the model numbers them.
    """
    return standard.reference.derived(("boxes", standard.frame), lambda: _reader(standard))


def _reader(standard: Standard) -> BoxReader | None:
    if standard.contract is None:
        return None
    frame = standard.frame
    count = min(_LOOKED_AT, standard.reference.count)
    answers = [standard.reference.sample(index) for index in range(count)]
    for layout in sorted(box_layouts(), key=lambda one: (one.rank, one.name)):
        if all(layout.fits(answer, frame) for answer in answers):
            reader = BoxReader(layout, frame, shares=False)
            return replace(reader, shares=_in_shares(reader, answers))
    return None


def boxes_of(
    outputs: Answer,
    layout: BoxReader,
    *,
    least_score: float = LEAST_SCORE,
    most: int = MOST_BOXES,
) -> Boxes:
    """The objects that a detector found in one image, best first.

    `outputs` are all outputs of one inference with their batch of 1, by name, as
    `Session.infer` gives them. Corners are in pixels of the model's input; turn them into pixels
    of the image with Placement.to_image. What says the same is removed where the model has not
    done so itself (class by class, overlap 0.7).
    """
    import numpy as np

    boxes = layout.layout.read(outputs, layout.frame)
    boxes = boxes.take(boxes.scores >= least_score)
    if layout.shares:
        scale = np.asarray(layout.frame * 2, dtype=np.float32)
        boxes = replace(boxes, corners=boxes.corners * scale)
    if layout.classes:
        known = np.asarray(layout.classes, dtype=np.int64)
        inside = (boxes.classes >= 0) & (boxes.classes < len(known))
        boxes = boxes.take(inside)
        boxes = replace(boxes, classes=known[boxes.classes])
        boxes = boxes.take(boxes.classes >= 0)
    if not layout.layout.suppressed:
        return suppressed(boxes, OVERLAP, most)
    return boxes.take(np.argsort(-boxes.scores, kind="stable")[:most])


def boxes_of_all(outputs: Tensors, reader: BoxReader, least_score: float) -> tuple[Boxes, ...]:
    """The boxes of every sample; read once for each reader."""
    return outputs.derived(
        ("boxes", reader, least_score),
        lambda: tuple(
            boxes_of(outputs.sample(index), reader, least_score=least_score)
            for index in range(outputs.count)
        ),
    )


def _in_shares(reader: BoxReader, answers: Sequence[Answer]) -> bool:
    """By the boxes that the model is most sure of: padding may hold anything."""
    largest = [_largest(reader.layout.read(answer, reader.frame)) for answer in answers]
    return 0 < max(largest, default=0.0) <= _LARGEST_SHARE


def _largest(boxes: Boxes) -> float:
    import numpy as np

    best: np.ndarray = np.argsort(-boxes.scores, kind="stable")[:20]
    return float(np.abs(boxes.corners[best]).max()) if len(best) else 0.0
