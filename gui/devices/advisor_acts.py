"""What one click on a suggestion does; everything can be taken back."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.devices.profile_choice import ProfileChoice
from core.jobs.events import Failed
from core.search.advisor.advice import Action
from gui.devices.advisor_target import TargetChange
from gui.session import Session


class AdvisorActs(QObject):
    """Carries out actions in the session."""

    sizes_wanted = Signal()
    """A person shall be asked for the sizes of the inputs."""
    refused = Signal(object)
    """A Failed event: the model cannot take the edit."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._acts: Mapping[str, Callable[[Any], None]] = {
            "plan": lambda action: session.editor.use(action.plan, f"Use “{action.plan.name}”"),
            "target": self._aim,
            "edit": self._edit,
            "sizes": lambda action: self.sizes_wanted.emit(),
        }

    def do(self, action: Action) -> None:
        self._acts[action.kind](action)

    def is_done(self, action: Action) -> bool:
        """Whether the session is as the action would leave it."""
        checks: Mapping[str, Callable[[Any], bool]] = {
            "plan": self._uses_plan,
            "target": lambda it: self._session.target.is_at(it.profile, it.mode),
        }
        check = checks.get(action.kind)
        return check is not None and check(action)

    def _uses_plan(self, action: Any) -> bool:
        plan = self._session.editor.plan
        return (plan.steps, plan.runtime) == (action.plan.steps, action.plan.runtime)

    def _aim(self, action: Any) -> None:
        self._session.editor.undo_stack.push(TargetChange(self._session, _choice(action)))

    def _edit(self, action: Any) -> None:
        from core.edit.edits_file import edits_from

        (edit,) = edits_from([action.edit])
        self._session.edits.make(edit, lambda: None, self._refuse)

    def _refuse(self, failed: Failed) -> None:
        self.refused.emit(failed)


def _choice(action: Any) -> ProfileChoice:
    return ProfileChoice(profile=action.profile, mode=action.mode)
