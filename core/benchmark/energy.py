"""What an inference costs in energy, from the power while blocks ran."""

from collections.abc import Iterator, Sequence
from statistics import median

from core.benchmark.results import Energy
from core.benchmark.samples import TimedBlock
from core.benchmark.statistics import positive_interval


def energy_of(
    blocks: Sequence[TimedBlock],
    batch: int,
    *,
    covers: str,
    missing: str,
    celsius_before: float | None,
    throttled: bool | None,
) -> Energy:
    """Joules for one input are mean power over inputs a second, block by block.

    `missing` says why blocks have no watts; `batch` is how many inputs an inference takes;
    `throttled` whether the device slowed down meanwhile, None where it does not tell.
    """
    groups = [block.process for block in blocks]
    watts = [block.watts for block in blocks if block.watts]
    joules = [block.watts / (block.rate * batch) for block in blocks if block.watts and block.rate]
    measured = len(watts) == len(joules) == len(blocks)
    seen = [block.conditions for block in blocks]
    celsius = [one.temperature_celsius for one in seen if one.temperature_celsius is not None]
    clocks = [one.clock_mhz for one in seen if one.clock_mhz is not None]
    return Energy(
        joules=positive_interval(joules, groups) if measured else None,
        watts=positive_interval(watts, groups) if measured else None,
        covers=covers if measured else "",
        missing="" if measured else missing or _STOPPED,
        celsius_before=celsius_before,
        celsius_highest=max(celsius, default=None),
        clock_mhz=median(clocks) if clocks else None,
        throttled=None if throttled is None else throttled or any(one.throttled for one in seen),
    )


def energy_in_words(energy: Energy) -> str:
    """What was and was not measured about power and heat, as one line for people."""
    return " ".join(_sentences(energy))


def _sentences(energy: Energy) -> Iterator[str]:
    if energy.watts is None:
        yield f"Energy: {energy.missing[:1].lower()}{energy.missing[1:]}"
    else:
        idle = "" if energy.idle_watts is None else f", {energy.idle_watts:.3g} W idle before"
        yield f"Energy: measured of {energy.covers}, {energy.watts.value:.3g} W at work{idle}."
    if energy.celsius_highest is not None:
        before = "" if energy.celsius_before is None else f"{energy.celsius_before:.0f} °C before, "
        yield f"Temperature: {before}{energy.celsius_highest:.0f} °C at most."
    if energy.throttled:
        yield "It was slowed down for its heat or power."
    if energy.power_mode:
        yield f"Power mode: {energy.power_mode}."
    if energy.unread:
        yield f"Not measured, because the device does not tell: {', '.join(energy.unread)}."


_STOPPED = "Not measured: the power could not be read in all blocks."
