"""What is asked of the advisor: a goal, the device's mode, and the network to a cloud."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

DeviceAim = Literal["frames", "latency", "accuracy", "memory", "energy", "size"]

AIMS: Mapping[DeviceAim, str] = {
    "frames": "Frames a second",
    "latency": "Latency",
    "accuracy": "Accuracy",
    "memory": "Memory",
    "energy": "Energy",
    "size": "File size",
}
"""For people."""

FRAMES_OF_REAL_TIME = (20.0, 30.0, 60.0)
"""What is meant by real time where nobody says it: the frames a second of cameras."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeviceGoal(_Part):
    """What counts most, and the limit that has to be kept."""

    aim: DeviceAim = "frames"
    frames_per_second: float | None = Field(default=None, gt=0)
    latency_ms: float | None = Field(default=None, gt=0)
    """The longest time of one inference."""

    @property
    def limit_ms(self) -> float | None:
        """The longest time that both limits leave for one inference; None without a limit."""
        told = [] if self.latency_ms is None else [self.latency_ms]
        if self.frames_per_second is not None:
            told.append(1000 / self.frames_per_second)
        return min(told, default=None)


class Network(_Part):
    """The way to a cloud."""

    round_trip_ms: float = Field(gt=0)
    mbit: float = Field(gt=0)
    """Million bits a second that can be sent."""
    payload_bytes: int | None = Field(default=None, gt=0)
    """What is sent for one inference; None takes the input as it is, one byte for each value."""


class Question(_Part):
    """How a model shall run on a device."""

    goal: DeviceGoal = DeviceGoal()
    mode: str | None = None
    """Name of a power mode; None takes the one that a new board starts in."""
    network: Network | None = None
    """None asks nothing about a cloud."""
