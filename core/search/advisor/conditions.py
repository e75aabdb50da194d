"""When a rule holds: conditions over a device profile, a model and a goal, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from core.devices.profile import DeviceProfile, Family, PowerMode, Precision
from core.search.advisor.model_facts import ModelFacts
from core.search.advisor.question import DeviceAim

CapabilityRange = Annotated[str, StringConstraints(pattern=r"^(>=|<)?\d+\.\d$")]
"""“5.3” alone, “>=8.0” and later, “<7.2” and earlier."""

Glob = Annotated[str, StringConstraints(min_length=1, to_lower=True)]
"""With * and ?, in small letters; what it is compared with is made small as well."""


class Condition(BaseModel):
    """Everything that is told has to hold; lists hold when one of their entries does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: tuple[Family, ...] | None = None
    profile: tuple[Glob, ...] | None = None
    chip: tuple[Glob, ...] | None = None
    processor: tuple[Glob, ...] | None = None
    compute_capability: tuple[CapabilityRange, ...] | None = None
    instructions_any: tuple[str, ...] | None = None
    computes: tuple[Precision, ...] | None = None
    runtime: tuple[str, ...] | None = None
    memory_up_to_gb: float | None = None
    power_up_to_watts: float | None = None
    dla: bool | None = None
    power_modes: bool | None = None
    starts_below_best: bool | None = None
    """Whether a new board starts in a power mode with a lower peak than it could have."""
    static_shapes_only: bool | None = None
    exceeds_cache: bool | None = None
    """Whether the model's weights in INT8 are more than the accelerator holds."""
    depthwise: bool | None = None
    transformer: bool | None = None
    convolutions: bool | None = None
    quantized: bool | None = None
    free_sizes: bool | None = None
    aim: tuple[DeviceAim, ...] | None = None

    @cached_property
    def told(self) -> dict[str, Any]:
        """Field name to what it has to be."""
        return self.model_dump(exclude_none=True)


@dataclass(frozen=True)
class Case:
    """What conditions are looked up in."""

    profile: DeviceProfile
    model: ModelFacts
    aim: DeviceAim


def holds(condition: Condition, case: Case) -> bool:
    return all(_CHECKS[field](wanted, case) for field, wanted in condition.told.items())


def capability(text: str) -> tuple[int, int]:
    """“8.7” as (8, 7)."""
    major, minor = text.split(".")
    return int(major), int(minor)


def _in_range(wanted: str, own: tuple[int, int]) -> bool:
    if wanted.startswith(">="):
        return own >= capability(wanted[2:])
    if wanted.startswith("<"):
        return own < capability(wanted[1:])
    return own == capability(wanted)


def _capable(wanted: tuple[str, ...], case: Case) -> bool:
    own = case.profile.compute_capability
    return own is not None and any(_in_range(each, capability(own)) for each in wanted)


def _like(of: Callable[[DeviceProfile], str]) -> Callable[[tuple[str, ...], Case], bool]:
    def check(wanted: tuple[str, ...], case: Case) -> bool:
        own = of(case.profile).casefold()
        return any(fnmatchcase(own, each) for each in wanted)

    return check


def _at_most(of: Callable[[DeviceProfile], float | None]) -> Callable[[float, Case], bool]:
    """What is not known is not small."""

    def check(wanted: float, case: Case) -> bool:
        own = of(case.profile)
        return own is not None and own <= wanted

    return check


def _same(of: Callable[[Case], bool]) -> Callable[[bool, Case], bool]:
    return lambda wanted, case: of(case) == wanted


def exceeds_cache(case: Case) -> bool:
    cache = case.profile.cache_mb
    return cache is not None and case.model.int8_bytes > cache * 1e6


def default_mode(profile: DeviceProfile) -> PowerMode | None:
    """The power mode that a new board starts in."""
    return profile.mode(profile.default_mode) if profile.default_mode else None


def best_mode(profile: DeviceProfile) -> PowerMode | None:
    """The power mode with the highest FP16 peak, as far as peaks are known."""
    known = [mode for mode in profile.power_modes if mode.peaks.get("f16")]
    return max(known, key=lambda mode: mode.peaks["f16"], default=None)


def starts_below_best(profile: DeviceProfile) -> bool:
    default, best = default_mode(profile), best_mode(profile)
    if default is None or best is None or not default.peaks.get("f16"):
        return False
    return default.peaks["f16"] < best.peaks["f16"]


_CHECKS: Mapping[str, Callable[[Any, Case], bool]] = {
    "family": lambda wanted, case: case.profile.family in wanted,
    "profile": _like(lambda profile: profile.id),
    "chip": _like(lambda profile: profile.chip),
    "processor": _like(lambda profile: profile.processor),
    "compute_capability": _capable,
    "instructions_any": lambda wanted, case: bool({*wanted} & {*case.profile.instructions}),
    "computes": lambda wanted, case: bool({*wanted} & {*case.profile.precisions}),
    "runtime": lambda wanted, case: bool({*wanted} & {*case.profile.runtimes}),
    "memory_up_to_gb": _at_most(lambda profile: profile.memory_gb),
    "power_up_to_watts": _at_most(lambda profile: profile.power_watts and profile.power_watts[1]),
    "dla": _same(lambda case: case.profile.dla > 0),
    "power_modes": _same(lambda case: len(case.profile.power_modes) > 1),
    "starts_below_best": _same(lambda case: starts_below_best(case.profile)),
    "static_shapes_only": _same(lambda case: case.profile.static_shapes_only),
    "exceeds_cache": _same(exceeds_cache),
    "depthwise": _same(lambda case: case.model.depthwise),
    "transformer": _same(lambda case: case.model.transformer),
    "convolutions": _same(lambda case: case.model.convolutions),
    "quantized": _same(lambda case: case.model.quantized),
    "free_sizes": _same(lambda case: bool(case.model.free_inputs)),
    "aim": lambda wanted, case: case.aim in wanted,
}
assert set(_CHECKS) == set(Condition.model_fields)
