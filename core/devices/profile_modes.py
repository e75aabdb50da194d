"""A device in one of its power modes: fewer units, lower clocks, lower peaks."""

from typing import Any

from core.devices.profile_facts import DeviceProfile, PowerMode, Precision
from core.errors import InputError


def in_mode(profile: DeviceProfile, mode: PowerMode | str | None) -> DeviceProfile:
    """See DeviceProfile.in_mode."""
    if mode is None:
        return profile
    chosen = _found(profile, mode) if isinstance(mode, str) else mode
    told: dict[str, tuple[Any, str]] = {
        "cores": (chosen.cpu_cores, "cpu_cores"),
        "core_ghz": (chosen.cpu_mhz and chosen.cpu_mhz / 1000, "cpu_mhz"),
        "units": (chosen.gpu_units, "gpu_units"),
        "clock_mhz": (chosen.gpu_mhz, "gpu_mhz"),
        "bandwidth_gbs": (chosen.bandwidth_gbs, "bandwidth_gbs"),
        "peaks": (chosen.peaks, "peaks"),
        "sparse_peaks": (chosen.sparse_peaks, "sparse_peaks"),
        "power_watts": (chosen.watts and (chosen.watts, chosen.watts), "watts"),
    }
    known = {field: value for field, (value, _) in told.items() if value}
    known |= {"cpu_peaks": _cpu_peaks(profile, chosen), "dla_peaks": _dla_peaks(profile, chosen)}
    confidence = {
        field: chosen.confidence_of(source) for field, (value, source) in told.items() if value
    }
    return profile.model_copy(update={**known, "confidence": {**profile.confidence, **confidence}})


def _found(profile: DeviceProfile, name: str) -> PowerMode:
    if (found := profile.mode(name)) is not None:
        return found
    known = ", ".join(mode.name for mode in profile.power_modes) or "none"
    raise InputError(
        f"{profile.name} has no power mode called “{name}”.",
        f"Known modes: {known}.",
        "Choose one of these, or leave the mode out.",
    )


def _cpu_peaks(profile: DeviceProfile, mode: PowerMode) -> dict[Precision, float]:
    """As the cores that are on and their clock, in proportion."""
    if not (mode.cpu_cores and mode.cpu_mhz and profile.cores and profile.core_ghz):
        return profile.cpu_peaks
    share = mode.cpu_cores * mode.cpu_mhz / (profile.cores * profile.core_ghz * 1000)
    return {precision: round(peak * share, 1) for precision, peak in profile.cpu_peaks.items()}


def _dla_peaks(profile: DeviceProfile, mode: PowerMode) -> dict[Precision, float]:
    """As the DLAs' clock, in proportion to their highest."""
    highest = max((one.dla_mhz or 0 for one in profile.power_modes), default=0)
    if not (mode.dla_mhz and highest):
        return profile.dla_peaks
    share = mode.dla_mhz / highest
    return {precision: round(peak * share, 1) for precision, peak in profile.dla_peaks.items()}
