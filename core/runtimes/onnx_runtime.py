"""ONNX Runtime on the CPU."""

from pathlib import Path
from typing import ClassVar

from core.plan.plan import RuntimeChoice
from core.runtimes.base import Availability
from core.runtimes.onnx_runtime_build import onnx_runtime_build
from core.runtimes.onnx_runtime_session import OnnxRuntimeBase, Provider
from core.runtimes.stored_integers import only_weights_of_convolutions

_NO_PAIRS = "session.disable_quant_qdq"


class OnnxRuntime(OnnxRuntimeBase):
    """Its own kernels for the processor, in the library's true defaults, with one exception.

    ONNX Runtime 1.31 keeps every DequantizeLinear for a kernel that might take it, also where only
    weights are stored as integers: before a convolution, where there is no such kernel, it runs in
    every inference. Twelve convolutions took 1.35 times as long as with the weights converted once.
    """

    name: ClassVar[str] = "onnxruntime"
    label: ClassVar[str] = "ONNX Runtime"

    def availability(self) -> Availability:
        return onnx_runtime_build().availability

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        if not only_weights_of_convolutions(model):
            return Provider()
        return Provider(
            settings={_NO_PAIRS: "1"},
            notes=(f"Stored INT8 weights are converted once, when the model loads ({_NO_PAIRS}).",),
        )
