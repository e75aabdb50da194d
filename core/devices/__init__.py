"""Where models run; one file per kind of device."""

from functools import cache

import core.devices as package
from core.devices.base import Device
from core.discovery import Catalogue, discover


@cache
def devices() -> Catalogue[Device]:
    """Every kind of device that Edgewright knows."""
    return discover(package, Device, "kind of device")
