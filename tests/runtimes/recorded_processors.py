"""What OpenVINO told about GPUs and NPUs on three real computers: properties and their values.

Published outputs of OpenVINO's query sample and of its Python interface: a Core Ultra 7 155H
(OpenVINO 2025), a Core i9-11900K with an Arc A770 (OpenVINO 2024.3), and a Core Ultra 7 270K Plus
beside an NVIDIA card (OpenVINO 2026.3). Values are facts about those computers, not a text under a
licence. Which properties may be set is told alike for all, by OpenVINO's documentation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

SETTABLE = {"FULL_DEVICE_NAME": "RO", "PERFORMANCE_HINT": "RW", "INFERENCE_PRECISION_HINT": "RW"}
SETTABLE |= {"PERF_COUNT": "RW", "NUM_STREAMS": "RW", "WEIGHTS_PATH": "RW", "CACHE_DIR": "RW"}


def _gpu(name: str, architecture: str, units: int, memory: int, *extra: str) -> dict[str, Any]:
    return {
        "FULL_DEVICE_NAME": name,
        "DEVICE_ARCHITECTURE": f"GPU: vendor=0x8086 arch=v{architecture}",
        "DEVICE_TYPE": "Type.INTEGRATED" if "iGPU" in name else "Type.DISCRETE",
        "OPTIMIZATION_CAPABILITIES": ["FP32", "BIN", "FP16", "INT8", *extra, "EXPORT_IMPORT"],
        "GPU_DEVICE_TOTAL_MEM_SIZE": memory,
        "GPU_EXECUTION_UNITS_COUNT": units,
        "INFERENCE_PRECISION_HINT": "f16",
        "SUPPORTED_PROPERTIES": SETTABLE,
    }


def _npu(memory: int, driver: int) -> dict[str, Any]:
    return {
        "FULL_DEVICE_NAME": "Intel(R) AI Boost",
        "DEVICE_ARCHITECTURE": "3720",
        "DEVICE_TYPE": "Type.INTEGRATED",
        "OPTIMIZATION_CAPABILITIES": ["FP16", "INT8", "EXPORT_IMPORT"],
        "NPU_DEVICE_TOTAL_MEM_SIZE": memory,
        "NPU_DRIVER_VERSION": driver,
        "NPU_MAX_TILES": 2,
        "INFERENCE_PRECISION_HINT": "f16",
        "SUPPORTED_PROPERTIES": SETTABLE,
    }


METEOR_LAKE: dict[str, dict[str, Any]] = {
    "CPU": {"FULL_DEVICE_NAME": "Intel(R) Core(TM) Ultra 7 155H"},
    "GPU": _gpu("Intel(R) Arc(TM) Graphics (iGPU)", "12.71.4", 128, 30477434880),
    "NPU": _npu(32924782592, 1738334590),
}
TWO_GPUS: dict[str, dict[str, Any]] = {
    "CPU": {"FULL_DEVICE_NAME": "11th Gen Intel(R) Core(TM) i9-11900K @ 3.50GHz"},
    "GPU.0": _gpu("Intel(R) UHD Graphics 750 (iGPU)", "12.1.0", 32, 26265014272),
    "GPU.1": _gpu(
        "Intel(R) Arc(TM) A770 Graphics (dGPU)", "12.55.8", 512, 16225243136, "GPU_HW_MATMUL"
    ),
}
BESIDE_NVIDIA: dict[str, dict[str, Any]] = {
    "CPU": {"FULL_DEVICE_NAME": "Intel(R) Core(TM) Ultra 7 270K Plus"},
    "GPU.0": _gpu("Intel(R) Graphics (iGPU)", "12.70.4", 64, 36037804032, "GPU_USM_MEMORY"),
    "GPU.1": {
        "FULL_DEVICE_NAME": "NVIDIA GeForce RTX 5090 D (dGPU)",
        "DEVICE_TYPE": "Type.DISCRETE",
        "DEVICE_ARCHITECTURE": "GPU: vendor=0x10de arch=v12.0.0",
        "GPU_DEVICE_TOTAL_MEM_SIZE": 34190458880,
    },
    "NPU": _npu(34359738368, 1004778),
}


class RecordedCore:
    """Answers like `openvino.Core` on the computer whose properties it is given."""

    def __init__(self, properties: Mapping[str, Mapping[str, Any]]) -> None:
        self._properties = properties

    @property
    def available_devices(self) -> Sequence[str]:
        return tuple(self._properties)

    def get_property(self, device_name: str, property: str) -> object:
        if device_name in self._properties and property in self._properties[device_name]:
            return self._properties[device_name][property]
        if device_name not in self._properties:
            raise RuntimeError(
                "Exception from src/inference/src/cpp/core.cpp:268:\n"
                'Cannot load library "libopenvino_intel_gpu_plugin.so": libOpenCL.so.1: cannot '
                "open shared object file: No such file or directory\n"
            )
        raise RuntimeError(f"Unsupported configuration key: {property}")
