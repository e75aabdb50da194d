"""The paths to other processors than the CPU, taken for real with what every computer has.

OpenVINO's batching device over its CPU is compiled, asked and run like a GPU, by its own name. ONNX
Runtime's provider for services in the cloud is in every build and takes no ordinary node: a session
with it is made like one with a GPU's provider, and its nodes are left to the CPU.
"""

from pathlib import Path
from typing import ClassVar

from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.base import Availability
from core.runtimes.onnx_runtime_session import OnnxRuntimeBase, Provider
from core.runtimes.openvino_session import OpenVinoRuntime


class OpenVinoElsewhere(OpenVinoRuntime):
    name: ClassVar[str] = "openvino-elsewhere"
    label: ClassVar[str] = "OpenVINO elsewhere"
    device: ClassVar[str] = "BATCH:CPU(1)"

    def precisions(self) -> tuple[str, ...]:
        return runtimes()["openvino"].precisions()

    def settable(self) -> frozenset[str]:
        cpu = runtimes()["openvino"]
        assert isinstance(cpu, OpenVinoRuntime)
        return cpu.settable()


class OnnxRuntimeElsewhere(OnnxRuntimeBase):
    name: ClassVar[str] = "onnxruntime-elsewhere"
    label: ClassVar[str] = "ONNX Runtime elsewhere"
    makes_own_kernels: ClassVar[bool] = False

    def availability(self) -> Availability:
        return runtimes()["onnxruntime"].availability()

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        return Provider("AzureExecutionProvider", makes_own_kernels=self.makes_own_kernels)


ELSEWHERE = (OpenVinoElsewhere(), OnnxRuntimeElsewhere())
