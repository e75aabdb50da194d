"""Under which conditions a block was timed, and which conditions make its round void.

A round is voided as a whole, for every contender in it: leaving out the bad blocks of one
contender alone would flatter it. What is looked at are other programs' and other virtual machines'
load, the contender's own share of the processors, the processors' clock where the system tells it,
and heat. The clock is not guessed where it cannot be read: hashing timed as a stand-in for it moved
by 4 % from one reading to the next in a virtual machine.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

DISTURBING_LOAD = 0.1
"""Share of the processors that other programs, or other virtual machines, may use."""
LEAST_SHARE = 0.9
"""Of the processor time that a contender gets in a second when all is quiet."""
_NEGLIGIBLE_CORES = 0.05
"""Processor seconds a second; who merely waits uses so few that they say nothing."""
CLOCK_CHANGE = 0.02
_TEMPERATURE_CHANGE = 10.0
"""Kelvin."""

Disturbance = Literal["load", "stolen", "share", "clock", "heat"]

IN_WORDS: Mapping[Disturbance, str] = {
    "load": "the machine was busy",
    "stolen": "the machine was busy with other virtual machines",
    "share": "the machine was busy",
    "clock": "the processor’s clock changed",
    "heat": "the processor’s temperature changed",
}
"""For “cannot tell: …”."""


class Conditions(BaseModel):
    """What was observed while a block ran, or the round that it belongs to."""

    model_config = ConfigDict(frozen=True)

    cores: float | None = None
    """Processor seconds that the contender used in a second of the block."""
    clock_mhz: float | None = None
    """Of the fastest processor at the end of the block."""
    other_load: float = 0.0
    """Share of the processors that others used during the round, 0 to 1; with `stolen`."""
    stolen: float = 0.0
    """Share that the hypervisor took away."""
    temperature_celsius: float | None = None
    throttled: bool = False
    """A processor was slowed down for its heat during the round."""


class Observed(Protocol):
    """A timed block, as far as it matters here."""

    @property
    def contender(self) -> str: ...
    @property
    def turn(self) -> tuple[int, int]: ...
    @property
    def conditions(self) -> Conditions: ...


def disturbances(
    blocks: Sequence[Observed],
) -> Mapping[tuple[int, int], tuple[Disturbance, ...]]:
    """What was wrong in each round that is void; sound rounds are not in it.

    Judged by all blocks together: what is usual for a contender shows only there.
    """
    found: dict[tuple[int, int], dict[Disturbance, None]] = {}
    for turn, what in [*_in_rounds(blocks), *_in_contenders(blocks)]:
        found.setdefault(turn, {})[what] = None
    return {turn: tuple(reasons) for turn, reasons in found.items()}


def _in_rounds(blocks: Sequence[Observed]) -> Iterator[tuple[tuple[int, int], Disturbance]]:
    usual = _median(block.conditions.temperature_celsius for block in blocks)
    for block in blocks:
        seen = block.conditions
        if seen.stolen > DISTURBING_LOAD:
            yield block.turn, "stolen"
        elif seen.other_load > DISTURBING_LOAD:
            yield block.turn, "load"
        warmer = 0.0
        if seen.temperature_celsius is not None and usual is not None:
            warmer = abs(seen.temperature_celsius - usual)
        if seen.throttled or warmer > _TEMPERATURE_CHANGE:
            yield block.turn, "heat"


def _in_contenders(blocks: Sequence[Observed]) -> Iterator[tuple[tuple[int, int], Disturbance]]:
    by_contender: dict[str, list[Observed]] = {}
    for block in blocks:
        by_contender.setdefault(block.contender, []).append(block)
    for own in by_contender.values():
        share = _usual_cores(own)
        clock = _median(block.conditions.clock_mhz for block in own)
        for block in own:
            seen = block.conditions
            if share is not None and _fell_short(seen.cores, share):
                yield block.turn, "share"
            if clock and seen.clock_mhz and abs(seen.clock_mhz / clock - 1) > CLOCK_CHANGE:
                yield block.turn, "clock"


def _usual_cores(own: Sequence[Observed]) -> float | None:
    """What a contender gets in quiet rounds: the upper quartile, over quiet rounds if any."""
    quiet = [block for block in own if block.conditions.other_load <= DISTURBING_LOAD]
    known = sorted(
        block.conditions.cores for block in quiet or own if block.conditions.cores is not None
    )
    return known[len(known) * 3 // 4] if known else None


def _fell_short(cores: float | None, usual: float) -> bool:
    return cores is not None and cores < LEAST_SHARE * usual and usual - cores > _NEGLIGIBLE_CORES


def _median(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
