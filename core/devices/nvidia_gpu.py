"""NVIDIA's graphics processors in this computer."""

from typing import ClassVar

from core.devices.base import Device, DeviceFacts, DeviceState
from core.devices.device_nodes import nvidia_driver
from core.devices.nvidia_queries import NvidiaGpuReading, nvidia_gpus
from core.devices.runtimes_of import device_id, runtimes_on
from core.devices.this_computer import operating_system

_FAST: dict[str, tuple[frozenset[str], float]] = {
    "FP16": (frozenset({"5.3", "6.0", "6.2"}), 7.0),
    "INT8": (frozenset({"6.1"}), 7.0),
    "TF32": (frozenset(), 8.0),
    "BF16": (frozenset(), 8.0),
    "FP8": (frozenset(), 8.9),
}
"""Which compute capabilities have fast instructions for a number format: single ones, and all from
a first one on (CUDA C++ Programming Guide, throughput of arithmetic instructions, tensor cores)."""
_ADVICE = {
    "FP32": "Stay in FP32.",
    "INT8": "Try INT8.",
    "FP16": "Try FP16 first, then INT8 where it is fast.",
}
"""The last one whose format is fast holds."""
_TENSOR_CORES = 7.0
_SPARSITY = 8.0


class NvidiaGpu(Device):
    name: ClassVar[str] = "nvidia-gpu"
    label: ClassVar[str] = "NVIDIA GPU"

    def scan(self) -> tuple[DeviceFacts, ...]:
        readings = nvidia_gpus() if nvidia_driver() else ()
        return tuple(self._facts(number, one) for number, one in enumerate(readings))

    def find(self, id: str) -> DeviceFacts | None:
        """Only ids of this kind are worth asking a driver about."""
        return super().find(id) if id.startswith(self.name) else None

    def state(self, device: DeviceFacts) -> DeviceState:
        """Clock, temperature, load and heat of this GPU at this moment."""
        number = int(device.id.removeprefix(self.name).removeprefix("-") or 0)
        readings = nvidia_gpus()
        if number >= len(readings):
            return DeviceState()
        now = readings[number]
        return DeviceState(
            clock_mhz=now.clock_mhz,
            temperature_celsius=now.temperature_celsius,
            load=now.load,
            throttled=now.throttled,
        )

    def _facts(self, number: int, found: NvidiaGpuReading) -> DeviceFacts:
        boost, detail = in_words(found.compute_capability)
        usable, missing = runtimes_on(self.name, number)
        return DeviceFacts(
            id=device_id(self.name, number),
            name=found.name,
            kind=self.name,
            processor=found.name,
            architecture=f"sm_{found.compute_capability.replace('.', '')}"
            if found.compute_capability
            else "",
            cores=0,
            threads=0,
            memory_bytes=found.memory_bytes or 0,
            instructions=(),
            boost=boost,
            boost_detail=detail,
            runtimes=usable,
            missing_runtimes=missing,
            operating_system=operating_system(),
            driver=found.driver,
            capabilities=formats_of(found.compute_capability),
            compute_capability=found.compute_capability,
        )


def formats_of(capability: str) -> tuple[str, ...]:
    """The number formats with fast instructions; FP32 alone where the capability is not told."""
    level = float(capability or 0)
    fast = (name for name, (own, first) in _FAST.items() if capability in own or level >= first)
    return ("FP32", *fast)


def in_words(capability: str) -> tuple[str, str]:
    """What a compute capability means for low precision: a few words, and a sentence or two."""
    if not capability:
        return "Compute capability not known", "What it gains from low precision is not known."
    level = float(capability)
    cores = "tensor cores" if level >= _TENSOR_CORES else "no tensor cores"
    *_, first = (words for name, words in _ADVICE.items() if name in formats_of(capability))
    sparse = " It skips zeros in the pattern 2:4." if level >= _SPARSITY else ""
    return (
        f"Compute capability {capability}, {cores}",
        f"Fast: {', '.join(formats_of(capability))}.{sparse} {first}",
    )
