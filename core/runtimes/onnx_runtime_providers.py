"""ONNX Runtime's execution providers for other processors, each a choice of its own.

What they are told follows their documentation (onnxruntime.ai, Execution Providers) for ONNX
Runtime 1.20 and newer; what is not said here stays at their own defaults.
"""

import sys
from pathlib import Path
from typing import ClassVar

from core.devices.device_nodes import nvidia_driver
from core.devices.limits import usable_processors
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Availability
from core.runtimes.onnx_runtime_build import OnnxRuntimeBuild, onnx_runtime_build
from core.runtimes.onnx_runtime_session import OnnxRuntimeBase, Provider
from core.runtimes.stored_integers import stored_integers

_CUDA = "CUDAExecutionProvider"
_TF32 = "On GPUs from Ampere on, float32 is multiplied in TF32 unless told f32."
_OFFICIAL = "onnxruntime"
"""Packages of this name and of names that begin with it are Microsoft's own builds."""


class _OtherProvider(OnnxRuntimeBase):
    """Declares a provider, and what must be there for it."""

    engine: ClassVar[str] = "onnxruntime"
    provider_name: ClassVar[str]
    short: ClassVar[str]
    """The provider's name for people: “CUDA”."""
    library: ClassVar[str]
    """Part of the name of the file that holds it, in builds that have it."""

    def availability(self) -> Availability:
        build = onnx_runtime_build()
        if not build.package:
            return build.availability
        reason = self.hardware_reason()
        if not reason and not self.held_by(build):
            reason = (
                f"The installed build, {build.package}, holds no {self.short}. Take {self.package} "
                f"in its place: pip uninstall {build.package}, then pip install {self.package}"
            )
        return Availability(reason=reason) if reason else build.availability

    def hardware_reason(self) -> str:
        """Why this computer cannot have it, whatever is installed; empty where it can."""
        return ""

    def held_by(self, build: OnnxRuntimeBuild) -> bool:
        """Whether a build holds the provider."""
        return build.has_library(self.library)


class _OnNvidia(_OtherProvider):
    device_kind: ClassVar[str] = "nvidia-gpu"
    package: ClassVar[str] = "onnxruntime-gpu"

    def hardware_reason(self) -> str:
        return "" if nvidia_driver() else "No NVIDIA driver was found."


class OnnxRuntimeCuda(_OnNvidia):
    """NVIDIA's GPUs through CUDA and cuDNN. TF32 is its default on GPUs from Ampere on."""

    name: ClassVar[str] = "onnxruntime-cuda"
    label: ClassVar[str] = "ONNX Runtime with CUDA"
    provider_name: ClassVar[str] = _CUDA
    short: ClassVar[str] = "CUDA"
    library: ClassVar[str] = "onnxruntime_providers_cuda"

    def precisions(self) -> tuple[str, ...]:
        return ("tf32", "f32")

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        if choice.precision == "f32":
            return Provider(self.provider_name, {"use_tf32": "0"})
        return Provider(self.provider_name, notes=(_TF32,))


class OnnxRuntimeTensorRt(_OnNvidia):
    """TensorRT behind ONNX Runtime: what it does not take is left to CUDA."""

    name: ClassVar[str] = "onnxruntime-tensorrt"
    label: ClassVar[str] = "ONNX Runtime with TensorRT"
    provider_name: ClassVar[str] = "TensorrtExecutionProvider"
    short: ClassVar[str] = "TensorRT"
    library: ClassVar[str] = "onnxruntime_providers_tensorrt"

    def precisions(self) -> tuple[str, ...]:
        return ("tf32", "f16")

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        options = {"trt_fp16_enable": "1"} if choice.precision == "f16" else {}
        if stored_integers(model):
            # Without it the builder does not take the model's Q/DQ nodes as INT8.
            options["trt_int8_enable"] = "1"
        return Provider(self.provider_name, options, before_cpu=(_CUDA,), makes_own_kernels=True)


class OnnxRuntimeOpenVino(_OtherProvider):
    """OpenVINO behind ONNX Runtime, on the CPU."""

    name: ClassVar[str] = "onnxruntime-openvino"
    label: ClassVar[str] = "ONNX Runtime with OpenVINO"
    provider_name: ClassVar[str] = "OpenVINOExecutionProvider"
    short: ClassVar[str] = "OpenVINO"
    library: ClassVar[str] = "onnxruntime_providers_openvino"
    package: ClassVar[str] = "onnxruntime-openvino"

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        options = {"device_type": "CPU"}
        if choice.threads:
            options["num_of_threads"] = str(choice.threads)
        return Provider(self.provider_name, options, makes_own_kernels=True)


class OnnxRuntimeDirectMl(_OtherProvider):
    """Any GPU on Windows that speaks DirectX 12."""

    name: ClassVar[str] = "onnxruntime-directml"
    label: ClassVar[str] = "ONNX Runtime with DirectML"
    provider_name: ClassVar[str] = "DmlExecutionProvider"
    short: ClassVar[str] = "DirectML"
    library: ClassVar[str] = "directml"
    package: ClassVar[str] = "onnxruntime-directml"

    def hardware_reason(self) -> str:
        return "" if sys.platform == "win32" else "DirectML is part of Windows."

    def held_by(self, build: OnnxRuntimeBuild) -> bool:
        return super().held_by(build) or build.package == self.package

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        return Provider(self.provider_name, plans_memory=False)


class OnnxRuntimeCoreMl(_OtherProvider):
    """Apple's GPU and Neural Engine, which compute in float16 by default."""

    name: ClassVar[str] = "onnxruntime-coreml"
    label: ClassVar[str] = "ONNX Runtime with Core ML"
    provider_name: ClassVar[str] = "CoreMLExecutionProvider"
    short: ClassVar[str] = "Core ML"
    package: ClassVar[str] = "onnxruntime"

    def hardware_reason(self) -> str:
        return "" if sys.platform == "darwin" else "Core ML is part of macOS."

    def held_by(self, build: OnnxRuntimeBuild) -> bool:
        return build.package == self.package

    def precisions(self) -> tuple[str, ...]:
        return ("f16", "f32")

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        exact = {"MLComputeUnits": "CPUOnly"} if choice.precision == "f32" else {}
        return Provider(self.provider_name, exact, makes_own_kernels=True)


class OnnxRuntimeXnnpack(_OtherProvider):
    """XNNPACK's kernels for ARM and x86 processors, with threads of their own."""

    name: ClassVar[str] = "onnxruntime-xnnpack"
    label: ClassVar[str] = "ONNX Runtime with XNNPACK"
    provider_name: ClassVar[str] = "XnnpackExecutionProvider"
    short: ClassVar[str] = "XNNPACK"

    def availability(self) -> Availability:
        build = onnx_runtime_build()
        if not build.package or self.held_by(build):
            return build.availability
        return Availability(
            reason="None of Microsoft's packages for Python holds XNNPACK; it takes a build of "
            "your own with --use_xnnpack"
        )

    def held_by(self, build: OnnxRuntimeBuild) -> bool:
        return not build.package.startswith(_OFFICIAL)

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)

    def provider(self, model: Path, choice: RuntimeChoice) -> Provider:
        threads = choice.threads or usable_processors()
        return Provider(
            self.provider_name,
            {"intra_op_num_threads": str(threads)},
            makes_own_kernels=True,
            own_threads=True,
        )
