"""What the session holds that can be measured, the candidates or the model, and what on."""

from dataclasses import dataclass
from pathlib import Path

from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.base import Runtime
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


def usable_runtimes(session: Session) -> tuple[Runtime, ...]:
    """Those that this computer was found to have; until it has answered, those of the CPU.

    Looking anew would ask the drivers of GPUs, which takes seconds.
    """
    here = next((device for device in session.devices if device.kind == "local"), None)
    if here is not None:
        return tuple(one for one in runtimes() if one.name in here.runtimes)
    on_cpu = (one for one in runtimes() if one.device_kind == "local")
    return tuple(one for one in on_cpu if one.availability().ok)
