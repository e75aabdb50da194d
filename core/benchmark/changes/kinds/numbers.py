"""Any model: how far the numbers of each output are from each other."""

from typing import TYPE_CHECKING, ClassVar

from core.benchmark.changes.base import Asked, Difference, Drawing, DrawnAnswer
from core.benchmark.changes.kinds.base import AnswerKind
from core.data.closeness import noise_of, partner_names, per_sample, real_outputs

if TYPE_CHECKING:
    import numpy as np

LEAST_ERROR = 1e-3
"""Relative errors below are what rounding makes of one model on two runtimes."""
_SHOWN = 3
"""Numbers of an output that the words tell."""


class Numbers(AnswerKind):
    """Damage is the relative error of the output that differs most, |B − A| / |A|.

    Of whole numbers it is the share of those that differ.
    """

    name: ClassVar[str] = "numbers"
    rank: ClassVar[int] = 100

    def fits(self, asked: Asked) -> bool:
        del asked
        return True

    def damage(self, asked: Asked) -> str:
        del asked
        return "relative error of the output that differs most"

    def difference(self, asked: Asked, index: int) -> Difference | None:
        damage = max((error for _, error in output_errors(asked, index)), default=0.0)
        if damage < LEAST_ERROR:
            return None
        a, b = number_words(asked, index)
        return Difference(a, b, None, "other", damage)

    def drawing(self, asked: Asked, index: int) -> Drawing:
        errors = tuple((f"error of {name}", error) for name, error in output_errors(asked, index))
        return Drawing(a=DrawnAnswer(), b=DrawnAnswer(rows=errors))


def output_errors(asked: Asked, index: int) -> list[tuple[str, float]]:
    """The error of every output, by A's name for it."""
    a, b = asked.of_a, asked.of_b
    noise = b.derived(("noise", asked.standard), lambda: per_sample(b, a, noise_of))
    names = real_outputs(a)
    errors = [(name, float(noise[index, column] ** 0.5)) for column, name in enumerate(names)]
    partners = partner_names(b, a)
    others = (name for name in a.names if name not in names)
    return errors + [
        (name, _unlike(a.columns[name][index], b.columns[partners[name]][index])) for name in others
    ]


def number_words(asked: Asked, index: int) -> tuple[str, str]:
    """The first numbers of both first outputs: “0.12, 3.4, −1 …”."""
    first, second = (
        _words(outputs.columns[outputs.names[0]][index]) for outputs in (asked.of_a, asked.of_b)
    )
    return first, second


def _unlike(a: "np.ndarray", b: "np.ndarray") -> float:
    if a.shape != b.shape:
        return 1.0
    return float((a != b).mean()) if a.size else 0.0


def _words(values: "np.ndarray") -> str:
    flat = values.reshape(-1)
    shown = ", ".join(f"{value:.4g}" for value in flat[:_SHOWN].tolist())
    return f"{shown} …" if flat.size > _SHOWN else shown
