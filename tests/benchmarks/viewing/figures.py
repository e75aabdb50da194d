"""What is measured of each program with each file."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One thing that a program was asked to do, until it was seen on the screen."""

    seconds: float
    cpu: float
    """Seconds of all its processes."""


@dataclass(frozen=True)
class Frames:
    """Times of single frames in milliseconds, while panning or zooming."""

    median: float
    p95: float
    worst: float
    count: int

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> "Frames | None":
        if not milliseconds:
            return None
        ordered = sorted(milliseconds)
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        return cls(statistics.median(ordered), p95, ordered[-1], len(ordered))


@dataclass
class Figures:
    """All of one program with one file; None was not measured or did not end in time."""

    program: str
    file: str
    opened: Step | None = None
    cold: Step | None = None
    """Opened by a worker that had to be started first."""
    expanded: Step | None = None
    fold: Step | None = None
    """The first run of identical blocks opened; None where there is none."""
    one_block: Step | None = None
    peak_mb: float = 0.0
    crossings: int | None = None
    """Of lines, with everything open; counted for small models."""
    frames: dict[str, Frames] = field(default_factory=dict)
    """“pan” and “zoom”."""
    note: str = ""
