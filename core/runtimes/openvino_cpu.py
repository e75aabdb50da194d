"""OpenVINO on the CPU."""

from typing import ClassVar

from core.devices.instructions import instructions
from core.runtimes.openvino_session import OpenVinoRuntime


class OpenVino(OpenVinoRuntime):
    """Intel's runtime; computes in bfloat16 by default where the processor has it."""

    name: ClassVar[str] = "openvino"
    label: ClassVar[str] = "OpenVINO"
    device: ClassVar[str] = "CPU"

    def precisions(self) -> tuple[str, ...]:
        # f16 is never listed: on AVX512-FP16 processors it ran slower than f32, because the
        # plugin computes it without AMX.
        native_bf16 = {"amx_bf16", "avx512_bf16"} & set(instructions())
        return ("bf16", "f32") if native_bf16 else ("f32",)
