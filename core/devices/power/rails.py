"""Which supply rails of a Jetson add up to what, and which sensors mean something."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict


class Total(BaseModel):
    """Rails that together feed something worth naming."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rails: tuple[str, ...]
    covers: str

    def watts(self, rails: Mapping[str, float]) -> float | None:
        """None where one of the rails is not told."""
        known = [rails[name] for name in self.rails if name in rails]
        return sum(known) if len(known) == len(self.rails) else None


class RailFacts(BaseModel):
    """What resources/jetson/rails.toml says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ignored_rails: frozenset[str]
    ignored_sensors: frozenset[str]
    lowest_celsius: float
    highest_celsius: float
    highest_watts: float
    total: tuple[Total, ...]

    def total_of(self, rails: Mapping[str, float]) -> Total | None:
        """The first, widest total that these rails give."""
        return next((one for one in self.total if one.watts(rails) is not None), None)

    def meaningful_rails(self, rails: Mapping[str, float]) -> dict[str, float]:
        """Rails in watts without those that are not connected or claim what no board takes."""
        return {
            name: watts
            for name, watts in rails.items()
            if name not in self.ignored_rails and 0 <= watts <= self.highest_watts
        }

    def hottest(self, celsius: Mapping[str, float]) -> float | None:
        known = [value for name, value in celsius.items() if name not in self.ignored_sensors]
        return max(known, default=None)


@cache
def rail_facts() -> RailFacts:
    text = (resources.files("resources") / "jetson" / "rails.toml").read_text(encoding="utf-8")
    return RailFacts.model_validate(tomllib.loads(text))
