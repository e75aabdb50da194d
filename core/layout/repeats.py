"""Repeated stretches in a sequence of codes: runs of one, and patterns of several."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.layout.structure import Codes, Ints

LEAST_REPEATS = 4
"""Fewer blocks that are alike stay apart."""
LEAST_PATTERN = 3
"""A pattern of two says too little to be worth a group."""
LONGEST_PATTERN = 256


@dataclass(frozen=True)
class Repeat:
    """The stretch from `start` that is `count` times the same `period` codes."""

    start: int
    period: int
    count: int

    @property
    def stop(self) -> int:
        return self.start + self.period * self.count


def runs(codes: Codes, foldable: NDArray[np.bool_]) -> list[Repeat]:
    """Stretches of one and the same foldable code, in order."""
    if len(codes) < LEAST_REPEATS:
        return []
    fresh = np.flatnonzero((codes[1:] != codes[:-1]) | ~foldable[1:] | ~foldable[:-1]) + 1
    starts = np.concatenate([[0], fresh])
    lengths = np.diff(np.concatenate([starts, [len(codes)]]))
    long = np.flatnonzero(lengths >= LEAST_REPEATS)
    return [Repeat(int(starts[run]), 1, int(lengths[run])) for run in long]


def patterns(codes: Codes, cut: Ints) -> list[Repeat]:
    """Stretches of a repeated pattern, in order and apart from each other; the longest count first.

    `cut[i]` is what it costs to part the sequence after place i: a pattern starts where that is
    least.
    """
    found: list[Repeat] = []
    waiting = [(0, len(codes))]
    while waiting:
        start, stop = waiting.pop()
        best = _longest(codes[start:stop])
        if best is None:
            continue
        repeat = _aligned(best, cut[start:stop])
        found.append(Repeat(start + repeat.start, repeat.period, repeat.count))
        waiting += [(start, found[-1].start), (found[-1].stop, stop)]
    return sorted(found, key=lambda repeat: repeat.start)


def _longest(codes: Codes) -> Repeat | None:
    """The pattern that covers most; of several the shortest."""
    best: Repeat | None = None
    for period in range(LEAST_PATTERN, min(len(codes) // LEAST_REPEATS, LONGEST_PATTERN) + 1):
        same = np.concatenate([[False], codes[period:] == codes[:-period], [False]])
        turns = np.flatnonzero(same[1:] != same[:-1])
        starts, stops = turns[::2], turns[1::2]
        if not len(starts):
            continue
        place = int((stops - starts).argmax())
        count = int(stops[place] - starts[place]) // period + 1
        covered = int(stops[place] - starts[place]) + period
        if count >= LEAST_REPEATS and (best is None or covered > best.count * best.period * 1.05):
            best = Repeat(int(starts[place]), period, covered // period)
    return best


def _aligned(repeat: Repeat, cut: Ints) -> Repeat:
    """Start the pattern where it hangs together least with what is before it."""
    before = np.arange(repeat.start, repeat.start + repeat.period) - 1
    cost = np.where(before < 0, 0, cut[np.maximum(before, 0)])
    shift = int(cost.argmin())
    spare = len(cut) - repeat.stop
    count = repeat.count if shift == 0 or spare >= shift else repeat.count - 1
    if count < LEAST_REPEATS:
        return repeat
    return Repeat(repeat.start + shift, repeat.period, count)


def stretches(cut: Ints, length: int) -> list[tuple[int, int]]:
    """Part a sequence into stretches of about `length`, where that cuts least."""
    bounds = [0]
    while len(cut) - bounds[-1] > length + length // 2:
        least = bounds[-1] + max(length // 2, 2)
        window = np.arange(least, bounds[-1] + length + length // 2 + 1)
        far = np.abs(window - bounds[-1] - length)
        bounds.append(int(window[np.lexsort((far, cut[window - 1]))[0]]))
    bounds.append(len(cut))
    return list(pairwise(bounds))
