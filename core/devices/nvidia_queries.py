"""What NVIDIA's driver tells about its GPUs: through NVML where its bindings are installed, else
through `nvidia-smi`, which comes with the driver.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false
# pynvml is an optional component and has no stubs.

import shutil
import subprocess
from collections.abc import Iterator
from importlib import util
from typing import NamedTuple

_SECONDS = 20
_FIELDS = (
    "name",
    "memory.total",
    "driver_version",
    "clocks.sm",
    "temperature.gpu",
    "utilization.gpu",
    "clocks_throttle_reasons.active",
    "compute_cap",
)
"""The last is not known to drivers before 510."""
_SLOWED = 0x08 | 0x20 | 0x40 | 0x80
"""Slowed by hardware, by heat (software, hardware) or by the power supply (nvml.h)."""
_MEBIBYTE = 1 << 20


class NvidiaGpuReading(NamedTuple):
    """One GPU as its driver tells; what it does not tell is None or empty."""

    name: str
    memory_bytes: int | None
    driver: str
    clock_mhz: float | None
    temperature_celsius: float | None
    load: float | None
    """0 to 1."""
    throttled: bool | None
    compute_capability: str


def nvidia_gpus() -> tuple[NvidiaGpuReading, ...]:
    """All of them, in the driver's order; none where the driver does not answer."""
    return _through_nvml() or _through_nvidia_smi()


def _through_nvml() -> tuple[NvidiaGpuReading, ...]:
    if util.find_spec("pynvml") is None:
        return ()
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        return tuple(_nvml_reading(number) for number in range(pynvml.nvmlDeviceGetCount()))
    except pynvml.NVMLError:  # a device that does not answer all: nvidia-smi tells what it can
        return ()
    finally:
        pynvml.nvmlShutdown()


def _nvml_reading(number: int) -> NvidiaGpuReading:
    import pynvml

    gpu = pynvml.nvmlDeviceGetHandleByIndex(number)
    major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(gpu)
    reasons = pynvml.nvmlDeviceGetCurrentClocksThrottleReasons(gpu)
    return NvidiaGpuReading(
        name=pynvml.nvmlDeviceGetName(gpu),
        memory_bytes=int(pynvml.nvmlDeviceGetMemoryInfo(gpu).total),
        driver=pynvml.nvmlSystemGetDriverVersion(),
        clock_mhz=pynvml.nvmlDeviceGetClockInfo(gpu, pynvml.NVML_CLOCK_SM),
        temperature_celsius=pynvml.nvmlDeviceGetTemperature(gpu, pynvml.NVML_TEMPERATURE_GPU),
        load=pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu / 100,
        throttled=bool(reasons & _SLOWED),
        compute_capability=f"{major}.{minor}",
    )


def _through_nvidia_smi() -> tuple[NvidiaGpuReading, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    for fields in (_FIELDS, _FIELDS[:-1]):
        lines = _asked(program, fields)
        if lines is not None:
            return tuple(_readings(lines))
    return ()


def _asked(program: str, fields: tuple[str, ...]) -> list[str] | None:
    command = [program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ended.stdout.splitlines()


def _readings(lines: list[str]) -> Iterator[NvidiaGpuReading]:
    """Of lines such as “NVIDIA GeForce RTX 3060, 12288, 535.54, 210, 41, 0, 0x0…01, 8.6”."""
    for line in lines:
        cells = [cell.strip() for cell in line.split(", ")]
        if len(cells) < len(_FIELDS) - 1:
            continue  # a sentence, such as “No devices were found”
        name, memory, driver, clock, temperature, load, reasons, *capability = cells
        mebibytes, percent, mask = _number(memory), _number(load), _mask(reasons)
        yield NvidiaGpuReading(
            name=name,
            memory_bytes=None if mebibytes is None else int(mebibytes) * _MEBIBYTE,
            driver=driver,
            clock_mhz=_number(clock),
            temperature_celsius=_number(temperature),
            load=None if percent is None else percent / 100,
            throttled=None if mask is None else bool(mask & _SLOWED),
            compute_capability=capability[0] if capability and _number(capability[0]) else "",
        )


def _number(cell: str) -> float | None:
    """None for “[N/A]” and “[Not Supported]”."""
    try:
        return float(cell)
    except ValueError:
        return None


def _mask(cell: str) -> int | None:
    try:
        return int(cell, 16)
    except ValueError:
        return None
