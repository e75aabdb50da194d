"""How hot the processor is, and how often it was slowed down for that."""

from pathlib import Path

import psutil

_CPU = Path("/sys/devices/system/cpu")
_TEMPERATURE_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "acpitz")


def temperature() -> float | None:
    """The hottest reading of the processor's sensor; virtual machines have none."""
    if not hasattr(psutil, "sensors_temperatures"):
        return None
    sensors = psutil.sensors_temperatures()
    name = next((name for name in _TEMPERATURE_SENSORS if name in sensors), None)
    return max(reading.current for reading in sensors[name]) if name else None


def throttle_count() -> int | None:
    """How often any core was slowed down for its heat since the computer started; Intel only."""
    files = _CPU.glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
    counts = [int(file.read_text()) for file in files]
    return sum(counts) if counts else None
