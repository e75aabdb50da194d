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


def median_of(runs: Sequence[Figures]) -> Figures:
    """Of several runs with one file the median of each figure, and the most memory."""

    def step(name: str) -> Step | None:
        found = [each for run in runs if (each := getattr(run, name)) is not None]
        if not found:
            return None
        return Step(_median(found, "seconds"), _median(found, "cpu"))

    def frames(kind: str) -> Frames | None:
        found = [run.frames[kind] for run in runs if kind in run.frames]
        if not found:
            return None
        times = (_median(found, field) for field in ("median", "p95", "worst"))
        return Frames(*times, count=sum(each.count for each in found))

    steps = {name: step(name) for name in ("opened", "cold", "expanded", "fold", "one_block")}
    return Figures(
        runs[0].program,
        runs[0].file,
        **steps,
        peak_mb=max(run.peak_mb for run in runs),
        frames={kind: each for kind in ("pan", "zoom") if (each := frames(kind))},
        note="; ".join(dict.fromkeys(run.note for run in runs if run.note)),
    )


def _median(found: Sequence[object], field: str) -> float:
    return statistics.median(getattr(each, field) for each in found)
