"""Text recognition: the texts that are read otherwise."""

from typing import TYPE_CHECKING, ClassVar

from core.benchmark.changes.base import Asked, Difference, Drawing, DrawnAnswer, effect_of
from core.benchmark.changes.kinds.base import AnswerKind
from core.benchmark.changes.probabilities import are_probabilities, probabilities
from core.data.text_reading import edit_distance, texts_of
from core.data.truth import TextTruth

if TYPE_CHECKING:
    import numpy as np


class ReadTexts(AnswerKind):
    """Damage is the edits that B's text needs more than A's to be true, per true character.

    Without texts it is the edits that lead from one to the other, per character of the longer one.
    """

    name: ClassVar[str] = "texts"

    def fits(self, asked: Asked) -> bool:
        return asked.judge.task == "text recognition"

    def damage(self, asked: Asked) -> str:
        if asked.knows(TextTruth):
            return "edits more to the true text, per character"
        return "edits from one text to the other, per character"

    def difference(self, asked: Asked, index: int) -> Difference | None:
        a, b = (texts_of(outputs, asked.standard)[index] for outputs in (asked.of_a, asked.of_b))
        if a == b:
            return None
        sure = [_sureness(outputs.sample(index)) for outputs in (asked.of_a, asked.of_b)]
        true = asked.standard.needed(TextTruth).texts[index] if asked.knows(TextTruth) else None
        if true is None:
            damage, effect = edit_distance(a, b) / max(len(a), len(b)), "other"
        else:
            damage = (edit_distance(b, true) - edit_distance(a, true)) / max(len(true), 1)
            effect = effect_of(damage)
        return Difference(a, b, true, effect, damage, *sure)

    def drawing(self, asked: Asked, index: int) -> Drawing:
        del asked, index  # the words say it all
        return Drawing(a=DrawnAnswer(), b=DrawnAnswer())


def _sureness(answer: "dict[str, np.ndarray]") -> float:
    """Mean over the steps of the best character's probability."""
    first = next(iter(answer.values()))
    steps = first.reshape(-1, first.shape[-1])
    shares = probabilities(steps, as_they_are=are_probabilities(steps))
    return float(shares.max(axis=1).mean())
