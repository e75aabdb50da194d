"""The device that the advisor is asked about: the project's target, else the one that measures."""

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand
from typing_extensions import override

from core.devices.profile import DeviceProfile, PowerMode, find_profile, profile_for
from core.devices.profile_choice import ProfileChoice
from core.search.advisor.conditions import best_mode, default_mode
from gui.session import Session

Asked = tuple[DeviceProfile, str | None]
"""A profile, and the name of its power mode where it has any."""


def finding_device(session: Session) -> Callable[[], Asked | None]:
    """Work for another thread, for it reads profiles; None where nothing is chosen and nothing
    fits. Raises InputError where the project's profile is gone.
    """
    choice, device = session.target.choice, session.device

    def find() -> Asked | None:
        if choice is not None:
            profile = find_profile(choice.profile)
            return profile, choice.mode or _name(best_mode(profile) or default_mode(profile))
        found = profile_for(device) if device else None
        return found and (found, _name(default_mode(found)))

    return find


def _name(mode: PowerMode | None) -> str | None:
    return mode.name if mode else None


class TargetChange(QUndoCommand):
    """Aim at another device. Push it on the editor's undo stack, which does it."""

    def __init__(self, session: Session, after: ProfileChoice) -> None:
        super().__init__("Choose another target device")
        self._session, self._before, self._after = session, session.target.choice, after

    @override
    def redo(self) -> None:
        self._take(self._after)

    @override
    def undo(self) -> None:
        self._take(self._before)

    def _take(self, choice: ProfileChoice | None) -> None:
        self._session.target.restore(choice)
        self._session.keeper.save(target=choice)
