"""The constants of forecasts, one file of resources/forecast for each kind of device."""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.devices.profile import DeviceProfile
from core.devices.profile_words import runtime_words
from core.errors import InputError
from core.search.forecast.machine import Engine

_OVERHEAD = "overhead"
_Pairs = Mapping[str, object]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Data):
    """A constant and how far its natural logarithm may be off."""

    value: float = Field(gt=0)
    spread: float = Field(gt=0)


class Serves(_Data):
    """Which devices and runtimes the constants are for."""

    families: tuple[str, ...]
    runtimes: tuple[str, ...] = ()
    """Empty means all."""
    cores: tuple[int, int] = (0, 1 << 30)
    """Least and most cores."""

    def match(self, profile: DeviceProfile, runtime: str) -> bool:
        return (
            profile.family in self.families
            and (not self.runtimes or runtime in self.runtimes)
            and self.cores[0] <= (profile.cores or 0) <= self.cores[1]
        )


class Band(_Data):
    """What errors on left-out devices were like; makes the bands."""

    base: float = Field(gt=0)
    """Spread of ln(measured / forecast) that remains where all constants are well known."""
    stretch: float = Field(gt=0)
    """How many spreads reach over nine in ten left-out rows."""
    rows: int
    devices: int
    median_error: float
    """Of the left-out rows: |forecast / measured − 1|."""
    within_twice: float
    """Share of the left-out rows that were within a factor of 2."""


class MemoryNeeds(_Data):
    """What an inference takes; figures of the runtimes' own needs, which no published row tells."""

    runtime_mb: Figure
    """The runtime with its libraries and contexts."""
    weights: Figure
    """Times the weights' bytes: some are kept twice, in another order."""
    values: Figure
    """Times the values that are alive at the same time."""
    system_mb: float
    """What the operating system leaves to nobody."""

    @field_validator("runtime_mb", "weights", "values", mode="before")
    @classmethod
    def _pair(cls, value: object) -> object:
        return _as_figure(value)


class EngineConstants(_Data):
    """One file: a kind of device with its runtimes."""

    name: str
    title: str
    """In words: “Intel processors with OpenVINO”."""
    serves: tuple[Serves, ...]
    engine: Engine
    reuse: float = Field(ge=0, le=1)
    """How far caches rather than memory feed the kernels; see roofline.demand."""
    computes: dict[str, str] = {}
    """What the runtime makes of a precision by default, such as TF32 of FP32."""
    harness: str
    """Whose overhead is taken where none is asked for."""
    factors: tuple[str, ...] = ()
    """What makes devices and runtimes of this kind differ; see `levels`."""
    unseen: dict[str, float]
    """For each factor and for “overhead”: the spread of a level that no published row has."""
    figures: dict[str, Figure]
    """By name, such as “dense”, “architecture:Volta”, “overhead:mlperf”."""
    band: Band
    memory: MemoryNeeds

    @field_validator("figures", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """A file writes `name = [value, spread]`."""
        if not isinstance(value, Mapping):
            return value
        return {name: _as_figure(pair) for name, pair in cast("_Pairs", value).items()}

    def serve(self, profile: DeviceProfile, runtime: str) -> bool:
        return any(one.match(profile, runtime) for one in self.serves)

    def overhead(self, harness: str) -> str:
        return f"{_OVERHEAD}:{harness}"

    @property
    def harnesses(self) -> tuple[str, ...]:
        start = f"{_OVERHEAD}:"
        return tuple(name.removeprefix(start) for name in self.figures if name.startswith(start))

    def with_unseen(self, overhead: str, factors: tuple[str, ...]) -> dict[str, Figure]:
        """The figures, and for levels that no published row has: no effect, with its spread."""
        found = dict(self.figures)
        for name in factors:
            found.setdefault(name, Figure(value=1.0, spread=self.unseen[name.split(":")[0]]))
        found.setdefault(overhead, Figure(value=self._usual_overhead(), spread=self._unsure()))
        return found

    def _usual_overhead(self) -> float:
        known = [self.figures[self.overhead(one)].value for one in self.harnesses]
        return math.exp(sum(map(math.log, known)) / len(known)) if known else 1.0

    def _unsure(self) -> float:
        return self.unseen[_OVERHEAD]


def _as_figure(pair: object) -> object:
    if not isinstance(pair, list):
        return pair
    numbers = cast("list[object]", pair)
    return dict(zip(("value", "spread"), numbers, strict=True)) if len(numbers) == 2 else numbers


@cache
def engines() -> tuple[EngineConstants, ...]:
    """All of resources/forecast, by name."""
    folder = files("resources") / "forecast"
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]
    found = [EngineConstants.model_validate(tomllib.loads(text)) for text in texts]
    return tuple(sorted(found, key=lambda one: one.name))


def engine_for(profile: DeviceProfile, runtime: str) -> EngineConstants:
    """Raises InputError where no published figures tell about this pair."""
    for one in engines():
        if one.serve(profile, runtime):
            return one
    known = sorted({name for one in engines() for name in _runtimes(one, profile)})
    raise InputError(
        f"There can be no forecast for {profile.name} with {runtime_words(runtime)}.",
        "No published measurements of that pair are known that constants could be fitted to.",
        f"Choose {' or '.join(known)}." if known else "Measure on the device itself.",
    )


def _runtimes(one: EngineConstants, profile: DeviceProfile) -> tuple[str, ...]:
    """Runtimes that the constants know for this profile."""
    serving = [each for each in one.serves if profile.family in each.families]
    named = tuple(name for each in serving for name in each.runtimes)
    return named if named or not serving else profile.runtimes
