"""What is known about power, heat and clocks at one moment, and over a stretch of time."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from pydantic import BaseModel, ConfigDict, Field

_LONGEST_GAP = 2.0
"""Seconds; what lies between readings that are further apart is not known."""


class PowerReading(BaseModel):
    """One look at a device. What it does not tell is None or absent, never guessed."""

    model_config = ConfigDict(frozen=True)

    at: float
    """Seconds on a monotonic clock, the same for all readings of a trace."""
    watts: float | None = None
    """Of all that the trace says it covers."""
    rails: dict[str, float] = Field(default_factory=dict)
    """Supply rail to watts."""
    celsius: dict[str, float] = Field(default_factory=dict)
    """Sensor to temperature."""
    hottest_celsius: float | None = None
    gpu_load: float | None = None
    """0 to 1."""
    gpu_mhz: float | None = None
    memory_mhz: float | None = None
    cpu_load: float | None = None
    """Mean over the cores that are switched on, 0 to 1."""
    cpu_mhz: float | None = None
    """Of the fastest core."""
    cores_on: int = 0
    memory_used_bytes: int | None = None


class PowerTrace(BaseModel):
    """Readings in the order of time."""

    model_config = ConfigDict(frozen=True)

    source: str
    """What was read: “tegrastats”."""
    covers: str = ""
    """What the watts belong to: “the whole board (VDD_IN)”; empty where none were read."""
    missing: str = ""
    """Why there are no watts, and what to do; empty where there are."""
    readings: tuple[PowerReading, ...] = ()

    def between(self, start: float, end: float) -> "PowerTrace":
        """The readings from `start` to `end`, both included."""
        times = [reading.at for reading in self.readings]
        inside = self.readings[bisect_left(times, start) : bisect_right(times, end)]
        return self.model_copy(update={"readings": inside})

    def joules(self, start: float, end: float) -> float | None:
        """Energy by the trapezoidal rule, with readings interpolated at both ends.

        None unless readings with watts reach from before `start` to after `end` without a hole.
        """
        known = [(one.at, one.watts) for one in self.readings if one.watts is not None]
        if len(known) < 2 or start >= end or known[0][0] > start or known[-1][0] < end:
            return None
        around = [(a, b) for (a, _), (b, _) in pairwise(known) if b > start and a < end]
        if any(b - a > _LONGEST_GAP for a, b in around):
            return None
        inside = [point for point in known if start < point[0] < end]
        path = [(start, _at(known, start)), *inside, (end, _at(known, end))]
        return sum((b - a) * (p + q) / 2 for (a, p), (b, q) in pairwise(path))

    def typical(self, figure: Callable[[PowerReading], float | None]) -> float | None:
        """The median of a figure over the readings that have it; None where none has."""
        known = [value for one in self.readings if (value := figure(one)) is not None]
        return median(known) if known else None

    def highest(self, figure: Callable[[PowerReading], float | None]) -> float | None:
        """The largest of a figure; None where no reading has it."""
        known = [value for one in self.readings if (value := figure(one)) is not None]
        return max(known, default=None)

    def thinned(self, most: int) -> "PowerTrace":
        """No more than so many readings, evenly chosen, for a plot."""
        step = max(1, -(-len(self.readings) // most))
        return self.model_copy(update={"readings": self.readings[::step]})

    @property
    def unread(self) -> tuple[str, ...]:
        """What this device does not tell, in words; empty without readings."""
        figures: dict[str, Callable[[PowerReading], float | None]] = {
            "the power": lambda one: one.watts,
            "the temperature": lambda one: one.hottest_celsius,
            "how busy the GPU is": lambda one: one.gpu_load,
            "the GPU’s clock": lambda one: one.gpu_mhz,
        }
        return tuple(
            words
            for words, figure in figures.items()
            if self.readings and all(figure(one) is None for one in self.readings)
        )


def _at(known: Sequence[tuple[float, float]], time: float) -> float:
    """The watts at a time between two readings, on a straight line."""
    after = min(bisect_left(known, (time, 0.0)), len(known) - 1)
    (a, p), (b, q) = known[max(after - 1, 0)], known[after]
    return q if a == b or time >= b else p + (q - p) * (time - a) / (b - a)
