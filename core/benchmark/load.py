"""How much of the processor other programs use while something is measured."""

import time
from collections.abc import Callable

import psutil


class OtherLoad:
    """Watches the processors that this process may use, from one reading to the next.

    `own_seconds` gives the processor time that the measurement's own processes have used. What a
    hypervisor takes away counts as other load too.
    """

    def __init__(self, own_seconds: Callable[[], float]) -> None:
        self._own_seconds = own_seconds
        self._processors = _usable_processors()
        self.start()

    def start(self) -> None:
        """Begin a new stretch."""
        self._wall = time.monotonic()
        self._busy = self._busy_seconds()
        self._own = self._own_seconds()

    def share(self) -> float:
        """Share of the processors, 0 to 1, that others used since the stretch began."""
        wall = time.monotonic() - self._wall
        others = self._busy_seconds() - self._busy - (self._own_seconds() - self._own)
        return min(1.0, max(0.0, others / (wall * len(self._processors))))

    def _busy_seconds(self) -> float:
        times = psutil.cpu_times(percpu=True)
        # The kernel counts guests' time among that of users as well.
        return sum(
            sum(times[index])
            - times[index].idle
            - getattr(times[index], "iowait", 0.0)
            - getattr(times[index], "guest", 0.0)
            - getattr(times[index], "guest_nice", 0.0)
            for index in self._processors
        )


def _usable_processors() -> tuple[int, ...]:
    try:
        return tuple(psutil.Process().cpu_affinity())
    except AttributeError:  # macOS has no affinity
        return tuple(range(psutil.cpu_count() or 1))
