"""Takes apart what every Linux says: its memory, its load, the room on its disks."""

import re

_KIBI = 1024
_ROOM = re.compile(r"\s(\d{1,15})\s+(?:\d{1,3}%|-)\s")
"""Blocks that are available, before the share that is taken."""


def memory_in(text: str) -> dict[str, int]:
    """Bytes by the names of /proc/meminfo."""
    rows = re.findall(r"(\w+): +(\d{1,12}) kB", text)
    return {name: int(kibibytes) * _KIBI for name, kibibytes in rows}


def load_in(text: str) -> float | None:
    """From /proc/loadavg: processes that ran or waited, on the average of the last minute."""
    found = re.match(r"\d{1,6}\.\d{1,3}", text)
    return float(found[0]) if found else None


def room_in(text: str) -> int | None:
    """Free bytes from the last line of `df -Pk`; None where it does not tell."""
    found = _ROOM.search(next(reversed(text.splitlines()), ""))
    return int(found[1]) * _KIBI if found else None
