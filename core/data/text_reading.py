"""Text recognition: rows of character scores as text, by greedy CTC decoding.

Graves et al., Connectionist Temporal Classification, 2006, section 3.2: the best character of each
step, repeats joined, blanks dropped.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.data.standard import Standard
from core.data.tensors import Tensors

if TYPE_CHECKING:
    import numpy as np

FEWEST_STEPS = 4
CHARACTERS_KEYS = ("character", "characters", "alphabet", "charset", "dictionary")
"""Where model files keep their characters: one on each line, or one behind the other."""
_BLANK_SEEN = 16
"""Samples from which the place of the blank is told."""


def is_text(answer: "Mapping[str, np.ndarray]") -> bool:
    """Whether the first output is (1, steps, characters) or (steps, 1, characters)."""
    first = next(iter(answer.values()))
    if first.ndim != 3 or first.dtype.kind != "f" or 1 not in first.shape[:2]:
        return False
    steps, characters = max(first.shape[:2]), first.shape[2]
    return steps >= FEWEST_STEPS and characters >= 3


def alphabet_of(standard: Standard) -> tuple[str, ...]:
    """The characters without the blank: from the data set, or from the model's own metadata."""
    if standard.alphabet:
        return standard.alphabet
    for key in CHARACTERS_KEYS:
        if text := standard.metadata.get(key, ""):
            lines = text.split("\n")
            return tuple(lines) if len(lines) > 2 else tuple(text)
    return ()


def texts_of(outputs: Tensors, standard: Standard) -> tuple[str, ...]:
    """The text of every sample."""
    return outputs.derived(("texts", standard), lambda: _texts(outputs, standard))


def edit_distance(one: str, other: str) -> int:
    """Insertions, deletions and replacements that turn one text into the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(other, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def _texts(outputs: Tensors, standard: Standard) -> tuple[str, ...]:
    characters = _characters(standard)
    name = outputs.names[0]
    column = outputs.columns[name]
    return tuple(_decoded(_steps(column[index]), characters) for index in range(outputs.count))


def _characters(standard: Standard) -> tuple[str, ...]:
    """One for each score, the blank being empty."""
    steps = _steps(next(iter(standard.first_answer().values())))
    count, known = steps.shape[1], alphabet_of(standard)
    if not known:  # a stand-in for each score, so that texts can be compared
        known = tuple(chr(0xE000 + index) for index in range(count - 1))
    if len(known) == count - 2:
        known = (*known, " ")
    known = (known + ("\N{REPLACEMENT CHARACTER}",) * count)[: count - 1]
    return (*known, "") if _blank_is_last(standard, count) else ("", *known)


def _blank_is_last(standard: Standard, count: int) -> bool:
    """The blank is by far the most frequent answer; it comes first or last."""
    import numpy as np

    reference = standard.reference
    column = reference.columns[reference.names[0]]
    seen = [_steps(column[i]).argmax(axis=1) for i in range(min(_BLANK_SEEN, reference.count))]
    counts = np.bincount(np.concatenate(seen), minlength=count)
    return bool(counts[count - 1] > counts[0])


def _steps(output: "np.ndarray") -> "np.ndarray":
    """(steps, characters)."""
    return output[0] if output.shape[0] == 1 else output[:, 0]


def _decoded(steps: "np.ndarray", characters: tuple[str, ...]) -> str:
    best = steps.argmax(axis=1)
    changed = [index for index in range(len(best)) if index == 0 or best[index] != best[index - 1]]
    return "".join(characters[int(best[index])] for index in changed)
