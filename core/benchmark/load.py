"""What goes on in this computer besides the measurement: other programs, the host, heat, clocks."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil

from core.benchmark.conditions import Conditions
from core.devices.heat import temperature, throttle_count

_CPU = Path("/sys/devices/system/cpu")


class RoundWatch:
    """Watches the processors that this process may use, from when it is made.

    `own_seconds` gives the processor time that the measurement's own processes have used.
    """

    def __init__(self, own_seconds: Callable[[], float]) -> None:
        self._own_seconds = own_seconds
        self._processors = _usable_processors()
        self._throttled = throttle_count()
        self._wall = time.monotonic()
        self._busy, self._stolen = self._seconds()
        self._own = self._own_seconds()

    def conditions(self) -> Conditions:
        """What was observed since."""
        wall = (time.monotonic() - self._wall) * len(self._processors)
        busy, stolen = self._seconds()
        others = busy - self._busy - (self._own_seconds() - self._own)
        throttled = throttle_count()
        return Conditions(
            other_load=_share(others, wall),
            stolen=_share(stolen - self._stolen, wall),
            temperature_celsius=temperature(),
            throttled=(throttled or 0) > (self._throttled or 0),
        )

    def _seconds(self) -> tuple[float, float]:
        """Busy seconds of the processors so far, and those of them that were stolen."""
        times = psutil.cpu_times(percpu=True)
        mine = [times[index] for index in self._processors]
        # The kernel counts guests' time among that of users as well.
        idle = ("idle", "iowait", "guest", "guest_nice")
        busy = sum(sum(one) - sum(getattr(one, name, 0.0) for name in idle) for one in mine)
        return busy, sum(getattr(one, "steal", 0.0) for one in mine)


Watch = Callable[[Callable[[], float]], RoundWatch]
"""Makes one for a round, of what tells the own seconds; tests put a stand-in here."""


def fastest_clock_mhz() -> float | None:
    """The highest clock of all processors at this moment; None where the system does not tell.

    What virtual machines show in /proc/cpuinfo is a constant, and not used.
    """
    files = _CPU.glob("cpu[0-9]*/cpufreq/scaling_cur_freq")
    clocks = [int(text) for file in files if (text := _text(file)).isdecimal()]
    return max(clocks) / 1000 if clocks else None


def _share(seconds: float, wall: float) -> float:
    return min(1.0, max(0.0, seconds / wall))


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _usable_processors() -> tuple[int, ...]:
    try:
        return tuple(psutil.Process().cpu_affinity())
    except AttributeError:  # macOS has no affinity
        return tuple(range(psutil.cpu_count() or 1))
