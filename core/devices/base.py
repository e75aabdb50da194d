"""What a device is: a place where models run, with the facts that matter for compression."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from core.benchmark.ground import Ground


class DeviceFacts(BaseModel):
    """What is known about one device. Unknown numbers are None, never guessed."""

    model_config = ConfigDict(frozen=True)

    id: str
    """Stable name for commands and projects, e.g. “local”."""
    name: str
    """For people: “This computer”."""
    kind: str
    """Name of the Device subclass that found it."""
    processor: str
    architecture: str
    cores: int
    """Physical cores available to this process; of a GPU or NPU its units, 0 where not told."""
    threads: int
    """0 for a GPU or NPU."""
    memory_bytes: int
    instructions: tuple[str, ...]
    """Of avx2, avx512, vnni, avx_vnni, avx512_bf16, avx512_fp16, amx_int8, amx_bf16."""
    boost: str
    """Intel DL Boost in plain words, for a chip: “DL Boost: AMX”, “No DL Boost (AVX2)”."""
    boost_detail: str
    """One or two sentences on what that means for INT8, BF16 and FP32 here."""
    runtimes: dict[str, str]
    """Usable runtimes: name to version."""
    missing_runtimes: dict[str, str]
    """Runtimes that cannot be used: name to reason."""
    operating_system: str
    driver: str = ""
    """Version of the driver of a GPU or NPU; empty where it is not told."""
    capabilities: tuple[str, ...] = ()
    """What a GPU or NPU says that it computes in, in its maker's words: FP16, INT8 …"""
    compute_capability: str = ""
    """Of an NVIDIA GPU: “8.6”."""
    board: str = ""
    """What a board calls itself, with its part number: “NVIDIA Jetson Orin Nano … p3767-0005”."""


class DeviceState(BaseModel):
    """What changes while a device works; recorded before and after a benchmark."""

    model_config = ConfigDict(frozen=True)

    clock_mhz: float | None = None
    temperature_celsius: float | None = None
    load: float | None = None
    """Share of all cores busy with other work, 0 to 1."""
    governor: str | None = None
    throttled: bool | None = None


class Device(ABC):
    """One kind of device. A new kind is one new file in this folder with one subclass."""

    name: ClassVar[str]
    label: ClassVar[str]

    @abstractmethod
    def scan(self) -> tuple[DeviceFacts, ...]:
        """The devices of this kind that can be reached now. May take seconds; runs in a worker."""

    @abstractmethod
    def state(self, device: DeviceFacts) -> DeviceState:
        """Clocks, temperature and load at this moment."""

    def find(self, id: str) -> DeviceFacts | None:
        """The device that this id, or name, means; None when it is none of this kind."""
        return next((facts for facts in self.scan() if id == facts.id), None)

    def ground(
        self, id: str, check_cancelled: Callable[[], None]
    ) -> "AbstractContextManager[Ground] | None":
        """Where contenders run on the device that `find` finds; None when it is not of this kind.

        Of a kind that does not say otherwise they run in processes of this computer.
        """
        from core.benchmark.ground import HomeGround

        facts = self.find(id)
        return None if facts is None else nullcontext(HomeGround(tuple(facts.runtimes)))
