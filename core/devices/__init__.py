"""Where models run; one file per kind of device."""

from functools import cache

import core.devices as package
from core.devices.base import Device, DeviceFacts
from core.discovery import Catalogue, discover
from core.errors import InputError


@cache
def devices() -> Catalogue[Device]:
    """Every kind of device that Edgewright knows."""
    return discover(package, Device, "kind of device")


def find_device(id: str) -> DeviceFacts:
    """A device that can be reached now, by its id; boards also by their name.

    Raises InputError that lists those there are, and BoardError for a board that is away.
    """
    for device in devices():
        if facts := device.find(id):
            return facts
    reachable = ", ".join(facts.id for device in devices() for facts in device.scan())
    raise InputError(
        f"There is no device called “{id}”.",
        f"Reachable now: {reachable or 'none'}.",
        "Choose one of these, or connect the device.",
    )
