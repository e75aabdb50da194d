"""Regression: numbers beside the true ones."""

from typing import TYPE_CHECKING, ClassVar

from core.benchmark.changes.base import Asked, Difference, Drawing, DrawnAnswer, effect_of
from core.benchmark.changes.kinds.base import AnswerKind
from core.benchmark.changes.kinds.numbers import LEAST_ERROR, number_words, output_errors
from core.data.numbers import errors_of
from core.data.tensors import Tensors
from core.data.truth import NumberTruth

if TYPE_CHECKING:
    import numpy as np


class TrueNumbers(AnswerKind):
    """Damage is by how much the mean distance from the true numbers grew, in their own unit."""

    name: ClassVar[str] = "true numbers"

    def fits(self, asked: Asked) -> bool:
        return asked.knows(NumberTruth)

    def damage(self, asked: Asked) -> str:
        del asked
        return "distance from the true numbers that was added"

    def difference(self, asked: Asked, index: int) -> Difference | None:
        import numpy as np

        if max(error for _, error in output_errors(asked, index)) < LEAST_ERROR:
            return None
        a, b = (
            float(np.abs(_errors(asked, outputs)[index]).mean())
            for outputs in (asked.of_a, asked.of_b)
        )
        true = asked.standard.needed(NumberTruth).values[index]
        words = ", ".join(f"{value:.4g}" for value in true.tolist())
        return Difference(*number_words(asked, index), words, effect_of(b - a), b - a)

    def drawing(self, asked: Asked, index: int) -> Drawing:
        del asked, index  # the words say it all
        return Drawing(a=DrawnAnswer(), b=DrawnAnswer())


def _errors(asked: Asked, outputs: Tensors) -> "np.ndarray":
    return outputs.derived(("errors", asked.standard), lambda: errors_of(outputs, asked.standard))
