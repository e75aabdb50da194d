"""The models that can be compared: what the session holds, and files."""

from dataclasses import dataclass
from pathlib import Path

from gui.session import Session


@dataclass(frozen=True)
class Subject:
    """A model file with its name for people."""

    label: str
    model: Path


def subjects_of(session: Session) -> list[Subject]:
    """The open model first, then the candidates of the results that are shown."""
    found: list[Subject] = []
    if session.model is not None:
        found.append(Subject(session.model.title, session.model.path))
    results = session.results
    for candidate in results.report.candidates if results.report else ():
        model = results.model_of(candidate)
        made = bool(candidate.plan.steps) and candidate.standing != "failed"
        if made and model is not None and all(each.model != model for each in found):
            found.append(Subject(candidate.label, model))
    return found


def start_of(session: Session, subjects: list[Subject]) -> tuple[int, int]:
    """What to begin with: the open model, and the candidate that is looked at."""
    candidate = session.results.candidate
    model = session.results.model_of(candidate) if candidate else None
    places = [place for place, each in enumerate(subjects) if each.model == model and place]
    return 0, places[0] if places else min(1, len(subjects) - 1)
