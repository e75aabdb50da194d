"""What is wrong with a profile: every problem at once, each with its field."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.devices.profile_facts import DeviceProfile, PowerMode, Precision


class ProfileProblem(NamedTuple):
    """Something that cannot be so. `field` as in the file, e.g. “power_modes.2.gpu_mhz”."""

    field: str
    text: str


@dataclass(frozen=True)
class Bounds:
    """What a number can be without being a slip of the pen, in its unit; both included."""

    lowest: float
    highest: float
    unit: str

    def problem(self, value: float) -> str | None:
        if self.lowest <= value <= self.highest:
            return None
        return f"must lie between {self.lowest:g} and {self.highest:g} {self.unit}, not {value:g}."


BOUNDS = {
    "units": Bounds(1, 1024, "units"),
    "clock_mhz": Bounds(50, 6000, "MHz"),
    "cores": Bounds(1, 1024, "cores"),
    "core_ghz": Bounds(0.1, 8, "GHz"),
    "memory_gb": Bounds(0.01, 4096, "GB"),
    "cache_mb": Bounds(0.1, 4096, "MB"),
    "bandwidth_gbs": Bounds(0.05, 20000, "GB/s"),
}
"""Fields of a profile."""
_MODE_BOUNDS = {
    "cpu_cores": BOUNDS["cores"],
    "gpu_units": BOUNDS["units"],
    "cpu_mhz": BOUNDS["clock_mhz"],
    "gpu_mhz": BOUNDS["clock_mhz"],
    "bandwidth_gbs": BOUNDS["bandwidth_gbs"],
}
PEAK_BOUNDS = Bounds(0.1, 1e8, "GOPS")
WATT_BOUNDS = Bounds(0.1, 2000, "W")
_WRONG_FACTOR = 1.5
"""How far a peak may lie from units × clock × operations per cycle: makers round and count
boosts, but a slip of the pen is further off."""
_TABLES = ("ops_per_cycle", "peaks", "sparse_peaks", "cpu_peaks", "dla_peaks")


def problems_of(profile: DeviceProfile) -> tuple[ProfileProblem, ...]:
    """Everything that is wrong, beyond what the fields' types say already."""
    return tuple(problem for check in _CHECKS for problem in check(profile))


def derived_peak(profile: DeviceProfile, precision: Precision) -> float | None:
    """GOPS by units (or cores) × clock × operations per cycle; None where one is not known."""
    operations = profile.ops_per_cycle.get(precision)
    if profile.units and profile.clock_mhz:
        lanes: float | None = profile.units * profile.clock_mhz / 1000
    else:
        lanes = profile.cores and profile.core_ghz and profile.cores * profile.core_ghz
    return lanes * operations if lanes and operations else None


def _numbers(profile: DeviceProfile) -> Iterator[ProfileProblem]:
    yield from _out_of_bounds(profile, BOUNDS, "")
    for index, mode in enumerate(profile.power_modes):
        yield from _out_of_bounds(mode, _MODE_BOUNDS, f"power_modes.{index}.")
        if mode.watts and (text := WATT_BOUNDS.problem(mode.watts)):
            yield ProfileProblem(f"power_modes.{index}.watts", text)
    for table in _TABLES[1:]:
        for precision, peak in getattr(profile, table).items():
            if text := PEAK_BOUNDS.problem(peak):
                yield ProfileProblem(f"{table}.{precision}", text)


def _out_of_bounds(
    facts: DeviceProfile | PowerMode, bounds: dict[str, Bounds], where: str
) -> Iterator[ProfileProblem]:
    for field, one in bounds.items():
        value = getattr(facts, field)
        if value is not None and (text := one.problem(value)):
            yield ProfileProblem(where + field, text)


def _power(profile: DeviceProfile) -> Iterator[ProfileProblem]:
    if profile.power_watts is None:
        return
    least, most = profile.power_watts
    if text := WATT_BOUNDS.problem(least) or WATT_BOUNDS.problem(most):
        yield ProfileProblem("power_watts", text)
    if least > most:
        yield ProfileProblem("power_watts", f"must not begin with the larger: {least:g} W.")


def _precisions(profile: DeviceProfile) -> Iterator[ProfileProblem]:
    if not profile.precisions:
        yield ProfileProblem("precisions", "must name at least one.")
    for field in ("peaks", "sparse_peaks", "preferred"):
        for precision in getattr(profile, field):
            if precision not in profile.precisions:
                yield ProfileProblem(field, f"{precision} is not among the precisions.")
    if profile.sparse_peaks and not profile.sparsity:
        yield ProfileProblem("sparse_peaks", "needs sparsity = true.")
    if bool(profile.dla) < bool(profile.dla_peaks):
        yield ProfileProblem("dla_peaks", "needs the number of DLAs.")


def _peaks_follow(profile: DeviceProfile) -> Iterator[ProfileProblem]:
    for precision, peak in profile.peaks.items():
        derived = derived_peak(profile, precision)
        if derived and not 1 / _WRONG_FACTOR <= peak / derived <= _WRONG_FACTOR:
            yield ProfileProblem(
                f"peaks.{precision}",
                f"{peak:g} GOPS does not go with the units, the clock and the operations per "
                f"cycle, which give {derived:g}.",
            )


def _modes(profile: DeviceProfile) -> Iterator[ProfileProblem]:
    modes = profile.power_modes
    for field in ("id", "name"):
        counts = Counter(getattr(mode, field) for mode in modes)
        for value in (value for value, count in counts.items() if count > 1):
            yield ProfileProblem("power_modes", f"two have the {field} “{value}”.")
    defaults = [mode.name for mode in modes if mode.default]
    if modes and defaults != [profile.default_mode]:
        told = ", ".join(defaults) or "none"
        yield ProfileProblem(
            "default_mode",
            f"must be the one power mode with default = true, not “{profile.default_mode}” "
            f"(default: {told}).",
        )
    if profile.default_mode and not modes:
        yield ProfileProblem("default_mode", "there are no power modes.")


def _confidences(profile: DeviceProfile) -> Iterator[ProfileProblem]:
    known = set(DeviceProfile.model_fields) | {""}
    for field in profile.confidence:
        if field not in known:
            yield ProfileProblem("confidence", f"there is no fact called “{field}”.")


_CHECKS: tuple[Callable[[DeviceProfile], Iterator[ProfileProblem]], ...] = (
    _numbers,
    _power,
    _precisions,
    _peaks_follow,
    _modes,
    _confidences,
)
