"""Reads the lines of `tegrastats`, which every JetPack writes a little differently.

From TX1 (“cpu [17%,13%]@408”) over JetPack 4 to 6 (“GR3D_FREQ 3%@[305]”, “VDD_IN 5251mW/8535mW”)
to Thor, whose GR3D has clocks but no utilisation, and JetPack 7.2, whose temperatures carry their
limit. What a line does not have is not measured.
"""

import re
from collections.abc import Iterator

from core.devices.power.rails import rail_facts
from core.devices.power.reading import PowerReading

LONGEST_LINE = 8192
"""Characters; what comes from a board is not trusted to end."""
_MEGA = 1 << 20
# Figures of no more digits than these are plausible; longer ones are no figures.
_MEMORY = re.compile(r"\bRAM (\d{1,8})/(\d{1,8})MB")
_CORES = re.compile(r"\bcpu \[([^\]]{0,2000})\](?:@(\d{1,5}))?", re.IGNORECASE)
_CORE = re.compile(r"(\d{1,3})%(?:@(\d{1,5}))?")
_ENGINE = re.compile(
    r"\b(?P<name>[A-Z][A-Z0-9]{1,15})(?:_FREQ)? "
    r"(?:(?P<load>\d{1,3})%)?(?:@\[?(?P<clocks>\d{1,5}(?:,\d{1,5}){0,15})\]?)?(?=\s|$)"
)
_SENSOR = re.compile(r"\b(\w{1,32})@(-?\d{1,4}(?:\.\d{1,6})?)C")
_RAIL = re.compile(r"\b([A-Z]\w{1,31}) (\d{1,7})(?:mW)?/(\d{1,7})(?:mW)?(?=\s|$)")


def read_tegrastats(line: str, at: float) -> PowerReading | None:
    """What a line says; `at` is when it arrived. None for what is no line of tegrastats."""
    if len(line) > LONGEST_LINE:
        return None
    memory, cores = _MEMORY.search(line), _CORES.search(line)
    if memory is None or cores is None:
        return None
    facts = rail_facts()
    rails = facts.meaningful_rails(dict(_rails(line)))
    total = facts.total_of(rails)
    celsius = dict(_temperatures(line))
    loads, clocks = _cores(cores)
    gpu_load, gpu_mhz = _engine(line, "GR3D")
    return PowerReading(
        at=at,
        watts=None if total is None else total.watts(rails),
        rails=rails,
        celsius=celsius,
        hottest_celsius=facts.hottest(celsius),
        gpu_load=gpu_load,
        gpu_mhz=gpu_mhz,
        memory_mhz=_engine(line, "EMC")[1],
        cpu_load=sum(loads) / len(loads) if loads else None,
        cpu_mhz=max(clocks, default=None),
        cores_on=len(loads),
        memory_used_bytes=int(memory[1]) * _MEGA,
    )


def _rails(line: str) -> Iterator[tuple[str, float]]:
    """Present power in watts; the figure after the slash is an average since the start."""
    for name, present, _ in _RAIL.findall(line):
        if name not in ("RAM", "SWAP", "IRAM"):
            yield name, int(present) / 1000


def _temperatures(line: str) -> Iterator[tuple[str, float]]:
    facts = rail_facts()
    for name, value in _SENSOR.findall(line):
        if facts.lowest_celsius < float(value) < facts.highest_celsius:
            yield name, float(value)


def _cores(found: re.Match[str]) -> tuple[list[float], list[float]]:
    """Loads, 0 to 1, and clocks in MHz of the cores that are on."""
    cores = _CORE.findall(found[1])
    clocks = [*(clock for _, clock in cores), found[2] or ""]
    return [int(load) / 100 for load, _ in cores], [float(one) for one in clocks if one]


def _engine(line: str, name: str) -> tuple[float | None, float | None]:
    """Load, 0 to 1, and clock in MHz of its fastest part; None for what is not told."""
    for found in _ENGINE.finditer(line):
        if found["name"] == name:
            clocks = [int(text) for text in (found["clocks"] or "").split(",") if text]
            load = None if found["load"] is None else int(found["load"]) / 100
            return load, float(max(clocks)) if clocks else None
    return None, None
