"""What can be compared: candidates of the report that is shown, then those of every other run."""

from dataclasses import dataclass
from pathlib import Path

from core.plan.plan import RuntimeChoice
from gui.measurable import measurable
from gui.project_keeper import RunEntry
from gui.session import Session


@dataclass(frozen=True)
class Side:
    """A model file and how to run it."""

    label: str
    model: Path
    choice: RuntimeChoice | None
    """None leaves the runtime open."""
    origin: tuple[str, str] | None = None
    """Names of the run and of its candidate; None for other files."""


def sides_of(session: Session) -> list[Side]:
    """At least the open model."""
    shown = session.results.run
    own = [entry for entry in session.runs.entries if entry.name == shown]
    found = [side for entry in own for side in _sides(entry, "")]
    if not found:
        found = [Side(each.label, each.model, each.choice) for each in measurable(session)]
    for entry in session.runs.entries:
        if entry.name != shown:
            found += _sides(entry, f" · {entry.detail.split(' · ')[0]}")
    return found


def _sides(entry: RunEntry, when: str) -> list[Side]:
    candidates = entry.found.report.candidates if entry.found else ()
    return [
        Side(
            f"{candidate.label}{when}",
            entry.folder / candidate.model,
            candidate.plan.runtime,
            (entry.name, candidate.id),
        )
        for candidate in candidates
        if candidate.model is not None and candidate.standing != "failed"
    ]
