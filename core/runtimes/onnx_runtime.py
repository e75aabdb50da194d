"""ONNX Runtime on the CPU."""

from typing import ClassVar

from core.runtimes.base import Availability
from core.runtimes.onnx_runtime_build import onnx_runtime_build
from core.runtimes.onnx_runtime_session import OnnxRuntimeBase


class OnnxRuntime(OnnxRuntimeBase):
    """Its own kernels for the processor, in the library's true defaults."""

    name: ClassVar[str] = "onnxruntime"
    label: ClassVar[str] = "ONNX Runtime"

    def availability(self) -> Availability:
        return onnx_runtime_build().availability

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)
