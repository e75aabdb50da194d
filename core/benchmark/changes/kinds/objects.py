"""Detectors: the boxes that one model finds and the other does not."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from core.benchmark.changes.base import (
    Asked,
    Difference,
    Drawing,
    DrawnAnswer,
    DrawnBox,
    effect_of,
)
from core.benchmark.changes.kinds.base import AnswerKind
from core.data.detection.average_precision import Objects
from core.data.detection.boxes import Boxes, overlaps
from core.data.detection.judging import judged_reader, objects_in_frame
from core.data.detection.reading import LEAST_SCORE, boxes_of_all, reader_for
from core.data.tensors import Tensors
from core.data.truth import BoxTruth

if TYPE_CHECKING:
    import numpy as np

_SAME = 0.5
"""Overlap from which on two boxes of one class are of one object."""


class FoundObjects(AnswerKind):
    """Damage is the loss of panoptic quality (Kirillov et al., CVPR 2019, equation 1).

    That is the summed overlap of the matched boxes over their number and half of what has no
    partner, 1 where all is found exactly. Without labels it is how far B's boxes are from A's.
    """

    name: ClassVar[str] = "objects"

    def fits(self, asked: Asked) -> bool:
        return asked.judge.task == "object detection"

    def damage(self, asked: Asked) -> str:
        if asked.knows(BoxTruth):
            return "overlap with the true boxes that was lost"
        return "share of A’s boxes that B lost, or found elsewhere"

    def difference(self, asked: Asked, index: int) -> Difference | None:
        a, b = _boxes(asked, asked.of_a)[index], _boxes(asked, asked.of_b)[index]
        partners = _partners(a.corners, a.classes, b.corners, b.classes)
        if len(partners) == len(a) == len(b):
            return None
        truth = _truth(asked, index)
        if truth is None:
            damage, effect = 1 - _quality(b, _as_objects(a)), "other"
        else:
            damage = _quality(a, truth) - _quality(b, truth)
            effect = effect_of(damage)
        return Difference(
            a=_words(asked, a.classes),
            b=_words(asked, b.classes),
            truth=None if truth is None else _words(asked, truth.classes[~truth.ignored]),
            effect=effect,
            damage=damage,
            confidence_a=_sureness(a),
            confidence_b=_sureness(b),
        )

    def drawing(self, asked: Asked, index: int) -> Drawing:
        a, b = _boxes(asked, asked.of_a)[index], _boxes(asked, asked.of_b)[index]
        partners = _partners(a.corners, a.classes, b.corners, b.classes)
        truth = _truth(asked, index)
        return Drawing(
            a=_drawn(asked, a, {first for first, _, _ in partners}),
            b=_drawn(asked, b, {second for _, second, _ in partners}),
            truth=None if truth is None else _drawn_truth(asked, truth),
        )


def _boxes(asked: Asked, outputs: Tensors) -> tuple[Boxes, ...]:
    standard = asked.standard
    reader = judged_reader(standard) if asked.knows(BoxTruth) else reader_for(standard)
    assert reader is not None
    return boxes_of_all(outputs, reader, LEAST_SCORE)


def _truth(asked: Asked, index: int) -> Objects | None:
    contract = asked.standard.contract
    if contract is None or not asked.knows(BoxTruth):
        return None
    return objects_in_frame(asked.standard.needed(BoxTruth).images[index], contract)


def _as_objects(boxes: Boxes) -> Objects:
    import numpy as np

    return Objects(boxes.corners, boxes.classes, np.zeros(len(boxes), dtype=bool))


def _partners(
    ours: "np.ndarray", our_classes: "np.ndarray", others: "np.ndarray", their_classes: "np.ndarray"
) -> list[tuple[int, int, float]]:
    """Pairs of boxes of one class with their overlap, one to one; the first choose first."""
    if not len(ours) or not len(others):
        return []
    shared = overlaps(ours, others) * (our_classes[:, None] == their_classes[None])
    pairs: list[tuple[int, int, float]] = []
    for row in range(len(ours)):
        best = int(shared[row].argmax())
        if (overlap := float(shared[row, best])) >= _SAME:
            pairs.append((row, best, overlap))
            shared[:, best] = 0
    return pairs


def _quality(boxes: Boxes, objects: Objects) -> float:
    """Boxes on objects that do not count are neither right nor wrong."""
    kept = ~objects.ignored
    pairs = _partners(boxes.corners, boxes.classes, objects.corners[kept], objects.classes[kept])
    free = [row for row in range(len(boxes)) if row not in {pair[0] for pair in pairs}]
    excused = _partners(
        boxes.corners[free],
        boxes.classes[free],
        objects.corners[~kept],
        objects.classes[~kept],
    )
    parts = len(boxes) - len(excused) + int(kept.sum())
    return 2 * sum(overlap for _, _, overlap in pairs) / parts if parts else 1.0


def _sureness(boxes: Boxes) -> float | None:
    return float(boxes.scores.mean()) if len(boxes) else None


def _words(asked: Asked, classes: "np.ndarray") -> str:
    """“2 × person, 1 × dog”."""
    counts = Counter(asked.class_name(int(index)) for index in classes)
    return ", ".join(f"{count} × {name}" for name, count in counts.most_common()) or "nothing"


def _drawn(asked: Asked, boxes: Boxes, partnered: set[int]) -> DrawnAnswer:
    return DrawnAnswer(
        boxes=tuple(
            DrawnBox(
                corners=_corners(boxes.corners[row]),
                label=asked.class_name(int(boxes.classes[row])),
                score=float(boxes.scores[row]),
                alone=row not in partnered,
            )
            for row in range(len(boxes))
        )
    )


def _drawn_truth(asked: Asked, objects: Objects) -> DrawnAnswer:
    return DrawnAnswer(
        boxes=tuple(
            DrawnBox(
                corners=_corners(corners),
                label=asked.class_name(int(index)),
                score=None,
                alone=False,
            )
            for corners, index in zip(objects.corners, objects.classes, strict=True)
        )
    )


def _corners(corners: "Sequence[float] | np.ndarray") -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(value) for value in corners)
    return x0, y0, x1, y1
