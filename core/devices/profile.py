"""Device profiles: those that come with Edgewright, the user's own, and whom they describe."""

from core.devices.profile_facts import (
    FAMILIES,
    PRECISIONS,
    Confidence,
    DeviceProfile,
    Family,
    PowerMode,
    Precision,
    SoftwareFacts,
)
from core.devices.profile_files import Profiles, find_profile, profiles, save_copy
from core.devices.profile_matching import profile_for

__all__ = [
    "FAMILIES",
    "PRECISIONS",
    "Confidence",
    "DeviceProfile",
    "Family",
    "PowerMode",
    "Precision",
    "Profiles",
    "SoftwareFacts",
    "find_profile",
    "profile_for",
    "profiles",
    "save_copy",
]
