"""Classifiers: the best class of each image with its probability."""

from typing import TYPE_CHECKING, ClassVar

from core.benchmark.changes.base import Asked, Difference, Drawing, DrawnAnswer, Effect
from core.benchmark.changes.kinds.base import AnswerKind
from core.benchmark.changes.probabilities import are_probabilities, probabilities
from core.data.metrics.base import ClassMetric, scores_of
from core.data.tensors import Tensors
from core.data.truth import ClassTruth

if TYPE_CHECKING:
    import numpy as np

_BEST = 5
"""Classes that are drawn."""


class Classes(AnswerKind):
    """Damage is what the true class lost of its probability.

    Without labels it is the total variation distance of the two answers, half the sum of what each
    class's probability changed by (Levin, Peres, Wilmer, Markov Chains and Mixing Times, 2009,
    section 4.1).
    """

    name: ClassVar[str] = "classes"

    def fits(self, asked: Asked) -> bool:
        return asked.judge.task == ClassMetric.task

    def damage(self, asked: Asked) -> str:
        if asked.knows(ClassTruth):
            return "probability that the true class lost"
        return "probability that went to other classes"

    def difference(self, asked: Asked, index: int) -> Difference | None:
        first, second = (int(best[index]) for best in (_best(asked.of_a), _best(asked.of_b)))
        if first == second:
            return None
        a, b = _shares(asked)
        true = _truth(asked, index)
        return Difference(
            a=asked.class_name(first),
            b=asked.class_name(second),
            truth=None if true is None else asked.class_name(true),
            effect=_effect(true, first, second),
            damage=_damage(a[index], b[index], true),
            confidence_a=float(a[index, first]),
            confidence_b=float(b[index, second]),
        )

    def drawing(self, asked: Asked, index: int) -> Drawing:
        a, b = _shares(asked)
        return Drawing(a=_drawn(asked, a[index]), b=_drawn(asked, b[index]))


def _scores(outputs: Tensors) -> "np.ndarray":
    return outputs.derived("class scores", lambda: scores_of(outputs))


def _best(outputs: Tensors) -> "np.ndarray":
    return outputs.derived("best classes", lambda: _scores(outputs).argmax(axis=1))


def _shares(asked: Asked) -> "tuple[np.ndarray, np.ndarray]":
    """Probabilities of both, (samples, classes); read as A gives them."""

    def make() -> "tuple[np.ndarray, np.ndarray]":
        a, b = _scores(asked.of_a), _scores(asked.of_b)
        ready = are_probabilities(a)
        return probabilities(a, as_they_are=ready), probabilities(b, as_they_are=ready)

    return asked.of_b.derived(("probabilities of both", asked.standard), make)


def _truth(asked: Asked, index: int) -> int | None:
    truth = asked.standard.truth(ClassTruth)
    return None if truth is None else int(truth.labels[index])


def _effect(truth: int | None, a: int, b: int) -> Effect:
    if truth is not None and truth == b:
        return "better"
    return "worse" if truth is not None and truth == a else "other"


def _damage(a: "np.ndarray", b: "np.ndarray", truth: int | None) -> float:
    import numpy as np

    if truth is not None and truth < len(a):
        return float(a[truth] - b[truth])
    return float(np.abs(a - b).sum() / 2)


def _drawn(asked: Asked, shares: "np.ndarray") -> DrawnAnswer:
    best = (-shares).argsort(kind="stable")[:_BEST]
    return DrawnAnswer(rows=tuple((asked.class_name(int(i)), float(shares[i])) for i in best))
