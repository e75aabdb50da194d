"""Structural codes: numbers that are equal where groups hold the same things in the same way."""

import os
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.uint64]

_PLACE = np.uint64(0x9E3779B97F4A7C15)
_SECRET = np.uint64(int.from_bytes(os.urandom(8), "little"))
"""Differs from run to run, so that no file can aim at two structures with one code."""
_STEPS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


def hashed(values: Ints | Codes) -> Codes:
    """64 well-mixed bits per number: splitmix64 (Steele, Lea, Flood 2014)."""
    mixed = values.astype(np.uint64) + _SECRET
    for shift, factor in _STEPS:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def sums(values: Codes, bounds: Ints) -> Codes:
    """Sum of each slice of `values` between neighbouring bounds; empty slices give 0."""
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values)])
    return total[bounds[1:]] - total[bounds[:-1]]


def ranges(starts: Ints, stops: Ints) -> Ints:
    """All numbers from each start up to its stop, one range after the other."""
    counts = stops - starts
    before = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) + np.repeat(starts - before, counts)


def places_in(bounds: Ints) -> Ints:
    """For each slice between neighbouring bounds: 0, 1, 2 …"""
    return np.arange(int(bounds[-1])) - np.repeat(bounds[:-1], np.diff(bounds))


@dataclass(frozen=True)
class Nesting:
    """What lies in what. Groups are the last items; those of group k begin at `bounds[k]`."""

    depth: Ints
    """Of every item."""
    members: Ints
    bounds: Ints


def coded_upwards(
    leaves: Codes,
    nesting: Nesting,
    *,
    season: Codes | None = None,
    own: Codes,
    counted: NDArray[np.bool_] | None = None,
) -> Codes:
    """Codes of groups from those of their members, the deepest groups first.

    `leaves` holds one number per item, of which those that are no groups count. `season` is what
    else counts about each entry of `members`, `own` what else counts about each group. Groups that
    are not `counted` keep the number they have.
    """
    codes = leaves.copy()
    depth, members, bounds = nesting.depth, nesting.members, nesting.bounds
    first = len(codes) - (len(bounds) - 1)
    group_depth = depth[first:]
    for level in range(int(group_depth.max(initial=0)), -1, -1):
        here = group_depth == level
        groups = np.flatnonzero(here if counted is None else here & counted)
        entries = ranges(bounds[groups], bounds[groups + 1])
        edges = np.concatenate([[0], np.cumsum(bounds[groups + 1] - bounds[groups])])
        place = hashed(places_in(edges))
        if season is not None:
            place += season[entries]
        inner = hashed(codes[members[entries]] * _PLACE + place)
        codes[first + groups] = hashed(sums(inner, edges) + own[groups])
    return codes
