"""OpenVINO on Intel's graphics processors and NPUs."""

from abc import abstractmethod
from typing import ClassVar

from core.devices.device_nodes import gpu_shown, npu_shown
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Availability
from core.runtimes.openvino_session import OpenVinoRuntime
from core.runtimes.openvino_survey import OpenVinoProcessor, openvino_processors

_ORDER = ("f16", "bf16", "f32")


class _Accelerator(OpenVinoRuntime):
    """What OpenVINO's survey of this computer tells about a processor that is not the CPU."""

    engine: ClassVar[str] = "openvino"
    kind: ClassVar[str]
    """OpenVINO's name without the number: GPU, NPU."""
    missing: ClassVar[str]
    """What it means that there is none, and what to do."""

    @property
    def processor(self) -> OpenVinoProcessor | None:
        """As OpenVINO describes it; None where there is none. Takes a second the first time."""
        return openvino_processors().find(self.kind, self.device_number) if self.shown() else None

    @abstractmethod
    def shown(self) -> bool:
        """Whether the operating system shows anything that could be one."""

    def load_library(self) -> None:
        openvino_processors()
        super().load_library()

    def availability(self) -> Availability:
        library = super().availability()
        if not library.ok:
            return library
        found = self.processor
        if found is None:
            said = openvino_processors().problems.get(self.kind, "") if self.shown() else ""
            return Availability(reason=self.missing + (f" OpenVINO says: {said}." if said else ""))
        if not found.of_intel:
            return Availability(
                reason=f"OpenVINO lists {found.name} as its {found.device}, but it is not of Intel."
                " Use a runtime of its maker."
            )
        return library

    def precisions(self) -> tuple[str, ...]:
        """What it lists as its capabilities, its own default first."""
        found = self.processor
        if found is None:
            return ("f16",)
        told = {word.lower().replace("fp", "f") for word in found.capabilities}
        listed = [name for name in _ORDER if name in told]
        listed.sort(key=lambda name: name != found.default_precision)
        return tuple(listed) or ("f16",)

    def settable(self) -> frozenset[str]:
        found = self.processor
        return found.settable if found and found.settable else super().settable()

    def words(self, choice: RuntimeChoice) -> tuple[str, ...]:
        default = self.precisions()[0]
        said: list[str] = []
        if choice.precision == "auto" and default != "f32":
            said.append(f"{self.label} computes float32 models in {default} unless told otherwise.")
        if choice.threads:
            said.append(f"Threads are those of the CPU: {self.label} has no use for the number.")
        return tuple(said)


class OpenVinoGpu(_Accelerator):
    """The first Intel GPU: the one in the processor, where there is one."""

    name: ClassVar[str] = "openvino-gpu"
    label: ClassVar[str] = "OpenVINO on the GPU"
    device: ClassVar[str] = "GPU"
    device_kind: ClassVar[str] = "intel-gpu"
    kind: ClassVar[str] = "GPU"
    missing: ClassVar[str] = (
        "No Intel GPU was found. Where there is one, install Intel's driver for computing (OpenCL, "
        "package intel-opencl-icd) and let this user open /dev/dri."
    )

    def shown(self) -> bool:
        return gpu_shown()


class OpenVinoSecondGpu(OpenVinoGpu):
    """The second Intel GPU: a card beside the one in the processor."""

    name: ClassVar[str] = "openvino-gpu-1"
    label: ClassVar[str] = "OpenVINO on the second GPU"
    device: ClassVar[str] = "GPU.1"
    device_number: ClassVar[int] = 1
    missing: ClassVar[str] = "No second GPU was found."


class OpenVinoNpu(_Accelerator):
    """Intel's NPU, from Core Ultra on. It takes no free size."""

    name: ClassVar[str] = "openvino-npu"
    label: ClassVar[str] = "OpenVINO on the NPU"
    device: ClassVar[str] = "NPU"
    device_kind: ClassVar[str] = "intel-npu"
    static_shapes_only: ClassVar[bool] = True
    counts_all: ClassVar[bool] = False
    kind: ClassVar[str] = "NPU"
    missing: ClassVar[str] = (
        "No Intel NPU was found. Core Ultra processors have one; it needs Intel's NPU driver."
    )

    def shown(self) -> bool:
        return npu_shown()
