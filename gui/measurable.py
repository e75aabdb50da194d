"""What the session holds that can be measured: the candidates of its report, else its model."""

from dataclasses import dataclass
from pathlib import Path

from core.plan.plan import RuntimeChoice
from gui.session import Session


@dataclass(frozen=True)
class Measurable:
    """A model file and how to run it."""

    label: str
    model: Path
    choice: RuntimeChoice | None
    """None leaves the runtime open."""


def measurable(session: Session) -> list[Measurable]:
    """Candidates that could be made, in the report's order; without any the open model."""
    results = session.results
    found: list[Measurable] = []
    for candidate in results.report.candidates if results.report else ():
        model = results.model_of(candidate)
        if model is not None and candidate.standing != "failed":
            found.append(Measurable(candidate.label, model, candidate.plan.runtime))
    if not found and session.model is not None:
        found.append(Measurable(session.model.title, session.model.path, None))
    return found
