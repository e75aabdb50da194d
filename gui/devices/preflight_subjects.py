"""Which files a pre-flight can look at: the open model with its edits, and every candidate."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.plan.plan import CompressionPlan
from gui.session import Session

_FORMAT = "onnx"


@dataclass(frozen=True)
class Subject:
    """A file that TensorRT could be given."""

    label: str
    file: Path
    plan: CompressionPlan | None = None
    """By which it was compressed; None for the model as it came."""
    edits: tuple[dict[str, Any], ...] = ()
    """Not saved yet."""


def subjects_of(session: Session) -> list[Subject]:
    """The open model first, then what was made of it."""
    model = session.model
    if model is None or model.graph.format != _FORMAT:
        return []
    found = [Subject("The open model", model.path, edits=session.edits.data)]
    report = session.results.report
    for candidate in report.candidates if report else ():
        file = session.results.model_of(candidate)
        if file is not None and candidate.plan.steps and candidate.standing != "failed":
            found.append(Subject(candidate.label, file, candidate.plan))
    return found
