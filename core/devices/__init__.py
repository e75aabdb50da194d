"""Where models run; one file per kind of device."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

import core.devices as package
from core.devices.base import Device, DeviceFacts
from core.discovery import Catalogue, discover
from core.errors import InputError

if TYPE_CHECKING:
    from core.benchmark.ground import Ground


@cache
def devices() -> Catalogue[Device]:
    """Every kind of device that Edgewright knows."""
    return discover(package, Device, "kind of device")


def open_ground(
    id: str, check_cancelled: Callable[[], None] = lambda: None
) -> AbstractContextManager["Ground"]:
    """Where contenders run on a device; to be used as a context manager. Raises like find_device.

    `check_cancelled` may raise to stop whatever waits for a board.
    """
    for device in devices():
        if ground := device.ground(id, check_cancelled):
            return ground
    raise _unknown(id)


def find_device(id: str) -> DeviceFacts:
    """A device that can be reached now, by its id; boards also by their name.

    Raises InputError that lists those there are, and BoardError for a board that is away.
    """
    for device in devices():
        if facts := device.find(id):
            return facts
    raise _unknown(id)


def _unknown(id: str) -> InputError:
    reachable = ", ".join(facts.id for device in devices() for facts in device.scan())
    return InputError(
        f"There is no device called “{id}”.",
        f"Reachable now: {reachable or 'none'}.",
        "Choose one of these, or connect the device.",
    )
