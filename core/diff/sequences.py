"""Aligns two sequences that are alike for the most part, in nearly linear time."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

_REACH = 200
"""How far ahead a place is looked for where both go on alike."""
_RUNS = (8, 3, 1)
"""Equal elements in a row that make such a place; shorter ones where there is none so long."""


def increasing(values: Sequence[int]) -> list[int]:
    """Positions of a longest increasing subsequence (patience sorting, Fredman 1975)."""
    tops: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for position, value in enumerate(values):
        place = bisect_left(tops, value)
        before.append(last[place - 1] if place else -1)
        if place == len(tops):
            tops.append(value)
            last.append(position)
        else:
            tops[place] = value
            last[place] = position
    chain: list[int] = []
    position = last[-1] if last else -1
    while position >= 0:
        chain.append(position)
        position = before[position]
    return chain[::-1]


def aligned(one: Sequence[int], other: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of positions of equal elements, in order: the near ends first, then greedily.

    Where the two part, the nearest place is taken at which both go on alike; gives up where there
    is none within reach, so that the work stays proportional to the length.
    """
    end = 0
    shorter = min(len(one), len(other))
    while end < shorter and one[-1 - end] == other[-1 - end]:
        end += 1
    i = j = 0
    stop_i, stop_j = len(one) - end, len(other) - end
    while i < stop_i and j < stop_j:
        if one[i] == other[j]:
            yield i, j
            i, j = i + 1, j + 1
            continue
        step = _next_meeting(one[i:stop_i], other[j:stop_j])
        if step is None:
            break
        i, j = i + step[0], j + step[1]
    for back in range(end, 0, -1):
        yield len(one) - back, len(other) - back


def _next_meeting(one: Sequence[int], other: Sequence[int]) -> tuple[int, int] | None:
    """How far to go in each until both go on alike, with as few steps as possible."""
    one, other = one[:_REACH], other[:_REACH]
    for run in _RUNS:
        found = _meeting(one, other, min(run, len(one), len(other)))
        if found is not None:
            return found
    return None


def _meeting(one: Sequence[int], other: Sequence[int], run: int) -> tuple[int, int] | None:
    places: dict[tuple[int, ...], list[int]] = {}
    for place in range(len(other) - run + 1):
        places.setdefault(tuple(other[place : place + run]), []).append(place)
    best: tuple[int, int] | None = None
    for ahead in range(len(one) - run + 1):
        if best is not None and ahead >= sum(best):
            break
        found = places.get(tuple(one[ahead : ahead + run]))
        if found is not None and (best is None or ahead + found[0] < sum(best)):
            best = ahead, found[0]
    return best
