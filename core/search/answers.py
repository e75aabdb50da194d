"""What a model's first output says, and how far another model's answer diverges from it.

A divergence is a Kullback-Leibler divergence in nats, so that small ones of several layers add up.

| form | an answer is | its divergence |
| --- | --- | --- |
| probabilities | rows that add up to 1 | of each row, their mean |
| scores | what a softmax would follow | the same after it |
| chances | numbers from 0 to 1, each a yes or no | of all, for each yes to be expected |
| objects | places, each with a box and chances | of both, for each yes to be expected |
| other | anything else | none |
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from core.data.metrics.base import class_scores, is_class_scores

if TYPE_CHECKING:
    import numpy as np

Form = Literal["probabilities", "scores", "chances", "objects", "other"]
"""Class scores that are no probabilities are taken for what a softmax would follow."""

LARGEST_DIVERGENCE = 1000.0
"""Nats; stands for answers that are no numbers at all."""
COORDINATES = 4
"""A box comes before its chances, as centre, width and height."""
_SUM_OF_PROBABILITIES = 1e-3
"""So close to 1 a row of probabilities adds up."""
_SURE = 1e-6
"""No chance is taken to be nearer to 0 or 1: what rounds to 0 is no certainty."""
_NEXT_TO_IMPOSSIBLE = 1e-9
"""What is less probable adds nothing that can be seen, and most of many classes are."""
_LOOKED_AT = 16_384
"""Chances of one input, about."""
_BOX_SPREAD = 0.1
"""Of a box's size: a shift by so much counts as one standard deviation."""


def form_of(answers: "Sequence[np.ndarray]") -> Form:
    """What a model's first output holds, from what the original answers to some inputs.

    Class scores are (rows, classes), further axes of length 1 left out. They are probabilities
    where they add up to 1 each time; so are rows on the last axis, one per position. Objects are
    (rows, 4 + classes, places) or turned round, as detectors of the YOLO family give them.
    """
    if any(answer.dtype.kind != "f" or answer.ndim < 2 for answer in answers):
        return "other"
    if all(is_class_scores(answer.shape) for answer in answers):
        alike = all(_add_up_to_one(class_scores(answer)) for answer in answers)
        return "probabilities" if alike else "scores"
    if all(answer.shape[-1] > 1 and _add_up_to_one(answer) for answer in answers):
        return "probabilities"
    if all(answer.ndim > 2 and _are_chances(answer) for answer in answers):
        return "chances"
    return "objects" if all(_holds_objects(answer) for answer in answers) else "other"


class Yardstick:
    """What the original answers to some inputs; others' answers are held against it.

    `form` is not “other”. `rows` inputs were given; for a single one the answers need no batch
    axis.
    """

    def __init__(self, form: Form, wanted: "np.ndarray", rows: int = 1) -> None:
        self._form = form
        self._wanted = wanted
        self._rows = rows

    def divergences(self, got: "np.ndarray") -> "np.ndarray":
        """Of each input's answer, float64 (rows,). Answers that are no numbers count as lost."""
        import numpy as np

        with np.errstate(all="ignore"):
            found = self._divergences(got)
        finite = np.isfinite(found)
        return np.where(finite, np.clip(found, 0, LARGEST_DIVERGENCE), LARGEST_DIVERGENCE)

    def flipped(self, got: "np.ndarray") -> list[bool]:
        """Whether the best class is another one, of any position; empty where there are none."""
        import numpy as np

        if self._form not in ("probabilities", "scores"):
            return []
        scores = _rows_of_classes(got)
        lost = ~np.isfinite(scores.sum(axis=-1))
        return (
            (lost | (scores.argmax(axis=-1) != self._best)).reshape(self._rows, -1).any(1).tolist()
        )

    def _divergences(self, got: "np.ndarray") -> "np.ndarray":
        if self._form == "chances":
            return _of_chances(self._chances, _sampled(got, self._rows))
        if self._form == "objects":
            return _of_objects(_places(self._wanted), _places(got))
        scores = _rows_of_classes(got)
        if self._form == "scores":
            log_q = _after_softmax(scores)
            each = _of_classes(self._log_p, log_q)
        else:
            each = self._probable.divergences(scores)
        # Several positions, as in a text that is read, count by their mean.
        return each.reshape(self._rows, -1).mean(axis=1)

    @cached_property
    def _best(self) -> "np.ndarray":
        return _rows_of_classes(self._wanted).argmax(axis=-1)

    @cached_property
    def _log_p(self) -> "np.ndarray":
        return _after_softmax(_rows_of_classes(self._wanted))

    @cached_property
    def _probable(self) -> "_Probable":
        return _Probable(_rows_of_classes(self._wanted))

    @cached_property
    def _chances(self) -> "np.ndarray":
        return _sampled(self._wanted, self._rows)


class _Probable:
    """Rows of probabilities; logarithms are taken only of what is not next to impossible.

    The divergence is Σ p ln(p/q) − p + q in float64, which is that of Kullback and Leibler where p
    and q add up to 1, and has no error of first order where rounding keeps them from doing so.
    """

    def __init__(self, p: "np.ndarray") -> None:
        import numpy as np

        self._count = len(p)
        self._rows, self._columns = np.nonzero(p > _NEXT_TO_IMPOSSIBLE)
        self._p = p[self._rows, self._columns].astype(np.float64)
        self._log_p = np.log(self._p)
        self._sums = p.sum(axis=1, dtype=np.float64)

    def divergences(self, q: "np.ndarray") -> "np.ndarray":
        """Of each row, float64."""
        import numpy as np

        seen = q[self._rows, self._columns].astype(np.float64)
        farther = self._p * (self._log_p - np.log(np.maximum(seen, np.finfo(np.float64).tiny)))
        each = np.bincount(self._rows, farther, self._count)
        return each - self._sums + q.sum(axis=1, dtype=np.float64)


def _rows_of_classes(output: "np.ndarray") -> "np.ndarray":
    """(rows or positions, classes)."""
    scores = class_scores(output) if is_class_scores(output.shape) else output
    return scores.reshape(-1, scores.shape[-1])


def _after_softmax(scores: "np.ndarray") -> "np.ndarray":
    """ln p in float64, classes on the last axis."""
    import numpy as np

    shifted = scores.astype(np.float64)
    shifted -= shifted.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _of_classes(log_p: "np.ndarray", log_q: "np.ndarray") -> "np.ndarray":
    """Of each row, float64."""
    import numpy as np

    p = np.exp(log_p)
    farther = np.einsum("...j,...j->...", p, log_p - log_q)
    return farther - p.sum(axis=-1) + np.exp(log_q).sum(axis=-1)


def _of_chances(p: "np.ndarray", q: "np.ndarray") -> "np.ndarray":
    """For each yes that `p` expects, at least one; (rows, chances) both."""
    import numpy as np

    expected = np.maximum(p.sum(axis=1), 1.0)
    p, q = (np.clip(values, _SURE, 1 - _SURE) for values in (p, q))
    each = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    return each.sum(axis=1) / expected


def _of_objects(wanted: "np.ndarray", got: "np.ndarray") -> "np.ndarray":
    """Of chances, and of boxes as far as anything is seen there; (rows, places, numbers) both.

    A box is taken for a normal distribution around its numbers, whose spread goes with its size.
    """
    import numpy as np

    p, q = wanted[..., COORDINATES:], got[..., COORDINATES:]
    rows = len(wanted)
    chances = _of_chances(p.reshape(rows, -1), q.reshape(rows, -1))
    size = np.maximum(np.abs(wanted[..., 2:COORDINATES]), 1.0)
    moved = (got - wanted)[..., :COORDINATES] / (_BOX_SPREAD * np.concatenate([size, size], -1))
    seen = p.max(axis=-1)
    shifts = (seen * np.square(moved).sum(axis=-1) / 2).sum(axis=1)
    return chances + shifts / np.maximum(seen.sum(axis=1), 1.0)


def _sampled(output: "np.ndarray", rows: int) -> "np.ndarray":
    """(rows, chances), float64; of large maps a share that is spread evenly."""
    flat = output.reshape(rows, -1)
    return flat[:, :: -(-flat.shape[1] // _LOOKED_AT)].astype("float64")


def _places(output: "np.ndarray") -> "np.ndarray":
    """(rows, places, numbers), float64: there are more places than numbers for each."""
    turned = output if output.shape[1] > output.shape[2] else output.swapaxes(1, 2)
    return turned.astype("float64")


def _holds_objects(answer: "np.ndarray") -> bool:
    if answer.ndim != 3 or min(answer.shape[1:]) <= COORDINATES:
        return False
    places = _places(answer)
    return _are_chances(places[..., COORDINATES:]) and not _are_chances(places[..., :COORDINATES])


def _are_chances(values: "np.ndarray") -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def _add_up_to_one(rows: "np.ndarray") -> bool:
    sums = rows.astype("float64").sum(axis=-1)
    return bool((rows >= 0).all() and (abs(sums - 1) < _SUM_OF_PROBABILITIES).all())
