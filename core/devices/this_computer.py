"""The computer that Edgewright runs on."""

import platform
import sys
from pathlib import Path
from typing import ClassVar

import psutil

from core.devices.base import Device, DeviceFacts, DeviceState
from core.devices.heat import temperature, throttle_count
from core.devices.instructions import boost_in_words, cpuinfo, instructions
from core.devices.limits import memory_limit, usable_processors
from core.runtimes import runtimes

_CPU = Path("/sys/devices/system/cpu")
_LOAD_SECONDS = 0.2


class ThisComputer(Device):
    """This computer's processor, with what a container leaves of it."""

    name: ClassVar[str] = "local"
    label: ClassVar[str] = "This computer"

    def __init__(self) -> None:
        self._throttles = throttle_count()

    def scan(self) -> tuple[DeviceFacts, ...]:
        found = instructions()
        boost = boost_in_words(cpuinfo()["vendor_id"], found)
        usable = {runtime.name: runtime.availability() for runtime in runtimes()}
        missing = {name: state.reason for name, state in usable.items() if not state.ok}
        threads = usable_processors()
        facts = DeviceFacts(
            id=self.name,
            name=self.label,
            kind=self.name,
            processor=cpuinfo()["model name"] or platform.processor() or platform.machine(),
            architecture=platform.machine(),
            cores=min(threads, _physical_cores()),
            threads=threads,
            memory_bytes=min(psutil.virtual_memory().total, memory_limit() or sys.maxsize),
            instructions=found,
            boost=boost.words,
            boost_detail=boost.detail,
            runtimes={name: state.version for name, state in usable.items() if state.ok},
            missing_runtimes={**missing, **runtimes().failed},
            operating_system=operating_system(),
        )
        return (facts,)

    def state(self, device: DeviceFacts) -> DeviceState:
        """Takes a fifth of a second, to see what else is going on."""
        before, count = self._throttles, throttle_count()
        self._throttles = count
        return DeviceState(
            clock_mhz=_clock_mhz(),
            temperature_celsius=temperature(),
            load=psutil.cpu_percent(_LOAD_SECONDS) / 100,
            governor=_text(_CPU / "cpu0/cpufreq/scaling_governor") or None,
            throttled=None if count is None or before is None else count > before,
        )


def _physical_cores() -> int:
    """Cores behind the logical processors that this process may use."""
    try:
        processors = psutil.Process().cpu_affinity()
    except AttributeError:  # macOS has no affinity
        return psutil.cpu_count(logical=False) or 1
    siblings = {_text(_CPU / f"cpu{index}/topology/thread_siblings") for index in processors}
    return len(siblings - {""}) or len(processors)


def _clock_mhz() -> float | None:
    frequency = psutil.cpu_freq()
    return frequency.current if frequency else None


def operating_system() -> str:
    """Name and version, as the system calls itself."""
    if sys.platform != "linux":
        return f"{platform.system()} {platform.release()}"
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"Linux {platform.release()}"


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
