"""The device that a project is made for: a profile, and one of its power modes."""

from pydantic import BaseModel, ConfigDict

from core.devices.profile_facts import DeviceProfile
from core.devices.profile_files import find_profile


class ProfileChoice(BaseModel):
    """Kept by id, so that a profile which is changed or gone is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str
    mode: str | None = None
    """Name of the power mode; None takes the profile as it is, at its most."""

    def resolve(self) -> DeviceProfile:
        """The profile in that mode. Raises InputError when one of them is not there."""
        return find_profile(self.profile).in_mode(self.mode)
