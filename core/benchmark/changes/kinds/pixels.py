"""Segmentation: the pixels that changed their class."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from core.benchmark.changes.base import Asked, Difference, Drawing, DrawnAnswer, effect_of
from core.benchmark.changes.kinds.base import AnswerKind
from core.data.segmentation import classes_of, map_of, truth_at
from core.data.truth import NO_CLASS, MaskTruth

if TYPE_CHECKING:
    import numpy as np

_NAMED = 3
"""Classes that the words name; the others are small."""


class PixelClasses(AnswerKind):
    """Damage is the share of the pixels that were right and no longer are, less those won.

    Without masks it is the share of the pixels that changed.
    """

    name: ClassVar[str] = "pixels"

    def fits(self, asked: Asked) -> bool:
        return asked.judge.task == "segmentation"

    def damage(self, asked: Asked) -> str:
        if asked.knows(MaskTruth):
            return "share of the pixels that are no longer right"
        return "share of the pixels that changed"

    def difference(self, asked: Asked, index: int) -> Difference | None:
        a, b = map_of(asked.of_a.sample(index)), map_of(asked.of_b.sample(index))
        if a.shape == b.shape and bool((a == b).all()):
            return None
        if not asked.knows(MaskTruth):
            moved = float((a != b).mean()) if a.shape == b.shape else 1.0
            return Difference(_areas(asked, a), _areas(asked, b), None, "other", moved)
        true = self._truth(asked, index, a)
        damage = _right(a, true) - _right(b, self._truth(asked, index, b))
        return Difference(
            a=f"{100 * _right(a, true):.1f} % of the pixels right",
            b=f"{100 * (_right(a, true) - damage):.1f} %",
            truth=_areas(asked, true),
            effect=effect_of(damage),
            damage=damage,
        )

    def drawing(self, asked: Asked, index: int) -> Drawing:
        masks = self.masks(asked, index)
        drawn = {side: _legend(asked, mask) for side, mask in masks.items()}
        return Drawing(a=drawn["a"], b=drawn["b"], truth=drawn.get("truth"))

    def masks(self, asked: Asked, index: int) -> "Mapping[str, np.ndarray]":
        a, b = map_of(asked.of_a.sample(index)), map_of(asked.of_b.sample(index))
        found = {"a": a, "b": b}
        if asked.knows(MaskTruth):
            found["truth"] = self._truth(asked, index, a)
        return found

    def _truth(self, asked: Asked, index: int, map: "np.ndarray") -> "np.ndarray":
        size = (map.shape[0], map.shape[1])
        return truth_at(asked.standard, index, size, classes_of(asked.standard.first_answer()))


def _right(found: "np.ndarray", true: "np.ndarray") -> float:
    """Share of the pixels with a class; 1 where none has any."""
    counts = true != NO_CLASS
    return float((found[counts] == true[counts]).mean()) if counts.any() else 1.0


def _areas(asked: Asked, map: "np.ndarray") -> str:
    """“road 61 %, car 20 %”."""
    import numpy as np

    known = map[map != NO_CLASS]
    counts = np.bincount(known.reshape(-1)) if known.size else np.zeros(0, dtype=np.int64)
    largest = [int(index) for index in np.argsort(-counts, kind="stable")[:_NAMED] if counts[index]]
    return ", ".join(
        f"{asked.class_name(index)} {100 * counts[index] / known.size:.0f} %" for index in largest
    )


def _legend(asked: Asked, map: "np.ndarray") -> DrawnAnswer:
    import numpy as np

    present = (int(index) for index in np.unique(map) if index != NO_CLASS)
    return DrawnAnswer(legend=tuple((index, asked.class_name(index)) for index in present))
