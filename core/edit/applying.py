"""Makes edits on a model's structure, one after the other; all that stands in the way is told."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.edit.draft import Draft
from core.edit.kinds.base import Edit
from core.edit.problem import EditRefused, Problem
from core.edit.shapes import inconsistency
from core.model.collector import collector_paused
from core.model.faults import faults_of
from core.model.wiring import ordered

_MOST_FAULTS = 3
_LONGEST = 300


@collector_paused()
def edited_draft(
    path: Path, edits: Sequence[Edit], told: Callable[[int, str], None] = lambda done, text: None
) -> Draft:
    """The draft of the model at `path` after all edits; `told` hears how many are done.

    Raises EditRefused with every problem: an edit that does not fit is left out while the others
    are still tried. Raises InputError for a file that cannot be read.
    """
    draft = Draft.open(path)
    problems: list[Problem] = []
    for index, edit in enumerate(edits):
        told(index, edit.sentence)
        found = list(edit.problems(draft))
        problems += [problem.model_copy(update={"edit": index}) for problem in found]
        if not found:
            edit.apply(draft)
    if not problems and edits:
        problems = _new_faults(path, draft)
    if problems:
        raise EditRefused(path.name, problems)
    return draft


def _new_faults(path: Path, draft: Draft) -> list[Problem]:
    """What is wrong with the edited model and was not before."""
    found = _faults(draft)
    if not found:
        return []
    before = _faults(Draft.open(path))
    fresh = [sentence for cause, sentence in found.items() if cause not in before]
    remedy = "Undo or change the edit that does this."
    return [Problem(what=sentence, remedy=remedy) for sentence in fresh[:_MOST_FAULTS]]


def _faults(draft: Draft) -> dict[str, str]:
    """Cause to sentence; a model's shapes contradict each other or not, however onnx words it."""
    faults = faults_of(draft.model, ordered(draft.rows))
    found = {fault.sentence: fault.sentence for fault in faults if fault.blocking}
    if (said := inconsistency(draft.model)) is not None:
        found["shapes"] = f"The shapes no longer fit together: {said[:_LONGEST]}"
    return found
