"""The device that the open project is made for; read and kept without holding up the window."""

from PySide6.QtCore import QObject, Signal

from core.devices.base import DeviceFacts
from core.devices.profile import DeviceProfile, Profiles, profiles
from core.devices.profile_choice import ProfileChoice
from gui.jobs import Errand
from gui.project_keeper import ProjectKeeper


class TargetDevice(QObject):
    """A profile and a power mode. What a person chooses goes into the project."""

    changed = Signal()
    """Another choice, or its profile is known now."""
    failed = Signal(object)
    """A Failed event: the profiles could not be read."""

    def __init__(self, keeper: ProjectKeeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._choice: ProfileChoice | None = None
        self._known: Profiles | None = None

    @property
    def choice(self) -> ProfileChoice | None:
        return self._choice

    @property
    def known(self) -> Profiles | None:
        """Every profile; None until they are read."""
        return self._known

    @property
    def mode(self) -> str | None:
        """Name of the power mode; None takes the profile at its most."""
        return self._choice.mode if self._choice else None

    @property
    def profile(self) -> DeviceProfile | None:
        """As it is at its most; None without a choice, or where it is not known here."""
        return self._known.get(self._choice.profile) if self._choice and self._known else None

    @property
    def is_missing(self) -> bool:
        """Whether a profile is chosen that is not on this computer."""
        return self._choice is not None and self._known is not None and self.profile is None

    def is_at(self, profile: str, mode: str | None = None) -> bool:
        """Whether it is this profile in this mode."""
        choice = self._choice
        return choice is not None and (choice.profile, choice.mode) == (profile, mode)

    def choose(self, profile: str, mode: str | None = None) -> None:
        """A profile by id, and one of its power modes by name."""
        self.restore(ProfileChoice(profile=profile, mode=mode))
        self._keeper.save(target=self._choice)

    def restore(self, choice: ProfileChoice | None) -> None:
        """Take what a project says."""
        self._choice = choice
        self.changed.emit()
        if choice is not None and self.profile is None:
            self.read()

    def read(self) -> None:
        """Read the profiles again; quick where no file changed."""
        errand = Errand(profiles)
        errand.done.connect(self._take)
        errand.failed.connect(self.failed)
        errand.start()

    def _take(self, known: Profiles) -> None:
        self._known = known
        self.changed.emit()


def profile_of(device: DeviceFacts | None) -> str | None:
    """Id of the profile that describes a device which is there. Reads profiles: an errand."""
    from core.devices.profile import profile_for

    found = profile_for(device) if device else None
    return found.id if found else None
