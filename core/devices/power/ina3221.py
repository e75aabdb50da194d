"""Reads the INA3221 power monitors of a Jetson from sysfs, where tegrastats shows no rails.

Kernels from 5.10 on show them under hwmon (millivolts and milliamperes, Documentation/hwmon/
ina3221.rst), kernel 4.9 of JetPack 4 under iio (milliwatts).
"""

import re
from collections.abc import Iterator, Mapping

from core.devices.power.rails import rail_facts
from core.devices.power.reading import PowerReading

PATTERNS = (
    "bus/i2c/drivers/ina3221/*/hwmon/hwmon*/in[123]_label",
    "bus/i2c/drivers/ina3221/*/hwmon/hwmon*/in[123]_input",
    "bus/i2c/drivers/ina3221/*/hwmon/hwmon*/curr[123]_input",
    "bus/i2c/drivers/ina3221x/*/iio:device*/rail_name_[012]",
    "bus/i2c/drivers/ina3221x/*/iio:device*/in_power[012]_input",
)
"""Below /sys."""
_HWMON = re.compile(r"(.*)/in([123])_label")
_IIO = re.compile(r"(.*)/rail_name_([012])")


def read_ina3221(files: Mapping[str, str], at: float) -> PowerReading | None:
    """What the monitors say. None where there are none or they cannot be read.

    `files` gives the content of every file, here or on a board, by its path.
    """
    facts = rail_facts()
    rails = facts.meaningful_rails(dict(_watts(files)))
    total = facts.total_of(rails)
    if not rails:
        return None
    watts = None if total is None else total.watts(rails)
    return PowerReading(at=at, watts=watts, rails=rails)


def _watts(files: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for path, name in files.items():
        if found := _HWMON.fullmatch(path):
            folder, channel = found.groups()
            volts = _milli(files.get(f"{folder}/in{channel}_input"))
            amperes = _milli(files.get(f"{folder}/curr{channel}_input"))
            if volts is not None and amperes is not None:
                yield name, volts * amperes
        elif found := _IIO.fullmatch(path):
            folder, channel = found.groups()
            watts = _milli(files.get(f"{folder}/in_power{channel}_input"))
            if watts is not None:
                yield name, watts


def _milli(text: str | None) -> float | None:
    return int(text) / 1000 if text and re.fullmatch(r"\d{1,9}", text) else None
