"""Intel's graphics processors and NPUs in this computer, as OpenVINO's properties describe them."""

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from core.devices.base import Device, DeviceFacts, DeviceState
from core.devices.device_nodes import ROOT, gpu_shown, npu_shown
from core.devices.runtimes_of import device_id, runtimes_on
from core.devices.this_computer import operating_system
from core.runtimes.openvino_survey import OpenVinoProcessor, openvino_processors

_MATRIX_UNITS = "GPU_HW_MATMUL"
"""What OpenVINO calls XMX, the matrix units of Intel's GPUs."""
_NUMBERS = frozenset({"FP32", "BF16", "FP16", "FP8", "INT8", "INT4"})
"""Of the capabilities those that are number formats; others are about caching and memory."""


class _Accelerator(Device):
    """A processor that OpenVINO's survey finds."""

    openvino_kind: ClassVar[str]

    def scan(self) -> tuple[DeviceFacts, ...]:
        if not self.shown():
            return ()
        found = [one for one in openvino_processors().processors if self._is_ours(one)]
        return tuple(self._facts(one) for one in found)

    def find(self, id: str) -> DeviceFacts | None:
        """Only ids of this kind are worth asking a driver about."""
        return super().find(id) if id.startswith(self.name) else None

    @abstractmethod
    def shown(self) -> bool:
        """Whether the operating system shows anything that could be one."""

    @abstractmethod
    def in_words(self, found: OpenVinoProcessor) -> tuple[str, str]:
        """What it does for low precision: a chip's few words, and a sentence or two."""

    def state(self, device: DeviceFacts) -> DeviceState:
        """Nothing is known but what the subclass can read."""
        return DeviceState()

    def _is_ours(self, found: OpenVinoProcessor) -> bool:
        return found.kind == self.openvino_kind and found.of_intel

    def _facts(self, found: OpenVinoProcessor) -> DeviceFacts:
        boost, detail = self.in_words(found)
        usable, missing = runtimes_on(self.name, found.index)
        return DeviceFacts(
            id=device_id(self.name, found.index),
            name=found.name,
            kind=self.name,
            processor=found.name,
            architecture=found.architecture.rpartition("arch=")[2],
            cores=found.units or 0,
            threads=0,
            memory_bytes=found.memory_bytes or 0,
            instructions=(),
            boost=boost,
            boost_detail=detail,
            runtimes=usable,
            missing_runtimes=missing,
            operating_system=operating_system(),
            driver=found.driver,
            capabilities=found.capabilities,
        )


class IntelGpu(_Accelerator):
    name: ClassVar[str] = "intel-gpu"
    label: ClassVar[str] = "Intel GPU"
    openvino_kind: ClassVar[str] = "GPU"

    def shown(self) -> bool:
        return gpu_shown()

    def in_words(self, found: OpenVinoProcessor) -> tuple[str, str]:
        place = "In the processor" if found.integrated else "A card of its own"
        numbers = ", ".join(_numbers_of(found))
        xmx = (
            "It has matrix units (XMX), which FP16 and INT8 use."
            if _MATRIX_UNITS in found.capabilities
            else "It has no matrix units (XMX): INT8 gains less here, and only a measurement tells."
        )
        default = found.default_precision
        said = f" OpenVINO computes in {default} here unless told otherwise." if default else ""
        return f"{place}: {numbers}", f"{xmx}{said} FP16 is the first thing to try on a GPU."

    def state(self, device: DeviceFacts) -> DeviceState:
        """The clock of the GPU in the processor, where the driver shows it."""
        return DeviceState(clock_mhz=intel_gpu_clock())


class IntelNpu(_Accelerator):
    name: ClassVar[str] = "intel-npu"
    label: ClassVar[str] = "Intel NPU"
    openvino_kind: ClassVar[str] = "NPU"

    def shown(self) -> bool:
        return npu_shown()

    def in_words(self, found: OpenVinoProcessor) -> tuple[str, str]:
        return (
            f"NPU {found.architecture}: {', '.join(_numbers_of(found))}",
            "It computes in FP16 and INT8 and takes fixed sizes only. It is made for little power, "
            "not for the shortest latency.",
        )


def intel_gpu_clock(root: Path = ROOT) -> float | None:
    """MHz at this moment, from i915 or xe; None where neither tells."""
    cards = root / "sys/class/drm"
    files = [
        *cards.glob("card*/gt_cur_freq_mhz"),
        *cards.glob("card*/device/tile0/gt0/freq0/cur_freq"),
    ]
    clocks = [int(text) for file in files if (text := _text_of(file)).isdecimal()]
    return max(clocks, default=None)


def _text_of(file: Path) -> str:
    """Empty where the driver does not tell, as while the GPU sleeps."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _numbers_of(found: OpenVinoProcessor) -> list[str]:
    return [word for word in found.capabilities if word in _NUMBERS]
