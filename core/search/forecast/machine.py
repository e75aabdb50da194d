"""What a device offers for one precision: arithmetic, memory, clocks; read off its profile."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.devices.profile import DeviceProfile, Precision
from core.devices.profile_words import precision_words
from core.errors import InputError

Engine = Literal["processor", "accelerator"]
"""What computes: the processor's cores, or a GPU, NPU or the like."""

NUMBER_BYTES: Mapping[Precision, float] = {
    "f32": 4.0,
    "tf32": 4.0,
    "f16": 2.0,
    "bf16": 2.0,
    "i8": 1.0,
    "fp8": 1.0,
    "fp4": 0.5,
    "i4": 0.5,
}

_STAND_INS: dict[str, tuple[Precision, ...]] = {
    "i8": ("i8", "f16", "f32"),
    "f16": ("f16", "f32"),
    "bf16": ("bf16", "f16", "f32"),
    "tf32": ("tf32", "f32", "f16"),
    "f32": ("f32", "f16", "i8"),
    "fp8": ("fp8", "f16"),
    "fp4": ("fp4", "fp8", "f16"),
    "i4": ("f16", "f32"),
}
"""What computes instead where a device does not know the precision, best first."""

USUAL_CLOCK_GHZ = 1.5
"""Of accelerators whose clock is not known: GPUs lie between 0.6 and 2.5."""
USUAL_HOST_GHZ = 3.0
"""Of the processor beside a card, which profiles of cards do not tell."""


@dataclass(frozen=True)
class Machine:
    """Rates at which a device could work if nothing held it up."""

    dense_gops: float
    """10^9 operations a second for convolutions and matrix products."""
    vector_gops: float
    """For depthwise convolutions and whatever is done value by value."""
    bandwidth_gbs: float
    clock_ghz: float
    """Of what computes."""
    host_ghz: float
    """Of the processor core that feeds it."""
    computes_in: str
    """The precision that is really computed in."""
    number_bytes: float
    """Of a value and of a weight."""
    cache_bytes: float | None = None
    """What the chip keeps of the weights between inferences; None where that is no matter."""


def machine_of(profile: DeviceProfile, engine: Engine, precision: str) -> Machine:
    """Raises InputError, all reasons together, where the profile lacks what a forecast needs."""
    peaks = _peaks(profile, engine)
    candidates: tuple[Precision, ...] = _STAND_INS.get(precision, ())
    computes_in: Precision | None = next((one for one in candidates if peaks.get(one)), None)
    if computes_in is None or not profile.bandwidth_gbs:
        raise _too_little(profile, precision, computes_in is None)
    dense = peaks[computes_in]
    cores_ghz = profile.core_ghz or USUAL_HOST_GHZ
    return Machine(
        dense_gops=dense,
        vector_gops=peaks.get("f32") or peaks.get("f16") or dense,
        bandwidth_gbs=profile.bandwidth_gbs,
        clock_ghz=cores_ghz if engine == "processor" else _clock_ghz(profile),
        host_ghz=cores_ghz,
        computes_in=computes_in,
        number_bytes=NUMBER_BYTES[computes_in],
        cache_bytes=profile.cache_mb and profile.cache_mb * 1e6,
    )


def _peaks(profile: DeviceProfile, engine: Engine) -> dict[Precision, float]:
    """Of the processor where it computes; half floats count double where cores know them."""
    if engine == "accelerator":
        return profile.peaks
    peaks = profile.cpu_peaks or profile.peaks
    if "f16" not in peaks and "f32" in peaks and "fp16" in profile.instructions:
        return {**peaks, "f16": 2 * peaks["f32"]}
    return peaks


def _clock_ghz(profile: DeviceProfile) -> float:
    if profile.clock_mhz:
        return profile.clock_mhz / 1000
    each, peak = profile.ops_per_cycle.get("f32"), profile.peaks.get("f32")
    if each and peak and profile.units:
        return peak / (each * profile.units)
    return USUAL_CLOCK_GHZ


def _too_little(profile: DeviceProfile, precision: str, peaks: bool) -> InputError:
    lacking = [f"how many operations it does in {precision_words(precision)}"] if peaks else []
    lacking += [] if profile.bandwidth_gbs else ["its memory's bandwidth"]
    return InputError(
        f"There can be no forecast for {profile.name}.",
        f"Its profile does not tell {' nor '.join(lacking)}.",
        "Choose another precision, or copy the profile and fill in what is missing.",
    )


_CORES = re.compile(r"Cortex-A\d+|Carmel|Denver|Firestorm|Oryon|Kryo|Neoverse")


def core_name(profile: DeviceProfile) -> str:
    """The kind of core that does the work, such as “Cortex-A76”; empty where it is not known."""
    found = _CORES.findall(f"{profile.processor} {profile.chip} {profile.architecture}")
    return found[-1] if found else ""
