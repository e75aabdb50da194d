"""What is believed of each kind of device before any row is read, and which rows belong to it.

Beliefs are [value, spread of its natural logarithm]: what rooflines of this kind of hardware
usually reach, wide enough that a handful of devices decides.
"""

from dataclasses import dataclass, field, replace

from core.devices.profile import DeviceProfile
from core.search.forecast.constants import Figure, MemoryNeeds, Serves
from core.search.forecast.machine import Engine
from core.search.forecast.roofline import BANDWIDTH, DENSE, KERNEL, MATRIX, VECTOR


@dataclass(frozen=True)
class Belief:
    """One kind of device with its runtimes, before the fit."""

    name: str
    title: str
    serves: tuple[Serves, ...]
    engine: Engine
    harness: str
    dense: tuple[float, float]
    vector: tuple[float, float]
    matrix: tuple[float, float]
    bandwidth: tuple[float, float]
    kernel: tuple[float, float]
    overhead: tuple[float, float]
    """Milliseconds at a host core of 1 GHz; see `overheads` for harnesses that are known better."""
    unseen: dict[str, float]
    memory: MemoryNeeds
    overheads: dict[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )
    fixed: tuple[str, ...] = ()
    """Levels that the others are measured against."""
    computes: dict[str, str] = field(default_factory=dict[str, str])

    def serve(self, profile: DeviceProfile, runtime: str) -> bool:
        return any(one.match(profile, runtime) for one in self.serves)

    @property
    def factors(self) -> tuple[str, ...]:
        return tuple(name for name in self.unseen if name != "overhead")

    def figures(self, overheads: set[str], factors: set[str]) -> dict[str, Figure]:
        """The beliefs by name: the shares, then what occurs in the rows."""
        shares = {
            DENSE: self.dense,
            VECTOR: self.vector,
            MATRIX: self.matrix,
            BANDWIDTH: self.bandwidth,
            KERNEL: self.kernel,
        }
        found = {name: Figure(value=one, spread=by) for name, (one, by) in shares.items()}
        for name in sorted(overheads):
            value, spread = self.overheads.get(name.split(":")[1], self.overhead)
            found[name] = Figure(value=value, spread=spread)
        for name in sorted(factors):
            spread = 0.01 if name in self.fixed else self.unseen[name.split(":")[0]]
            found[name] = Figure(value=1.0, spread=spread)
        return found


def _memory(runtime_mb: float, system_mb: float, spread: float = 0.4) -> MemoryNeeds:
    """Recalled, not published: no table of memory footprints was found."""
    return MemoryNeeds(
        runtime_mb=Figure(value=runtime_mb, spread=spread),
        weights=Figure(value=1.4, spread=0.3),
        values=Figure(value=1.2, spread=0.3),
        system_mb=system_mb,
    )


_PROCESSOR_RUNTIMES = ("openvino", "onnxruntime", "tflite")
_ON_ARM = ("ncnn", "mnn", "openvino", "onnxruntime", "pytorch")
_TFLITE_ON_ARM = ("tflite", "tflite-ruy", "tflite-xnnpack", "armnn", "armnn-neon")

_INTEL_CLIENT = Belief(
    name="intel-client",
    title="Intel Core and Atom processors with OpenVINO",
    serves=(Serves(families=("intel-cpu",), runtimes=_PROCESSOR_RUNTIMES, cores=(0, 15)),),
    engine="processor",
    harness="benchmark-app",
    dense=(0.6, 0.5),
    vector=(0.3, 0.7),
    matrix=(0.3, 0.5),
    bandwidth=(0.6, 0.3),
    kernel=(10.0, 0.7),
    overhead=(0.5, 1.0),
    memory=_memory(130, 1500),
    unseen={"instructions": 0.2, "harness": 0.2, "runtime": 0.35, "overhead": 1.0},
    fixed=("runtime:openvino",),
)

_ARM_NCNN = Belief(
    name="arm-ncnn",
    title="Arm processors with ncnn, OpenVINO, ONNX Runtime and the like",
    serves=(Serves(families=("arm-board", "apple", "jetson"), runtimes=_ON_ARM),),
    engine="processor",
    harness="benchncnn",
    dense=(0.35, 0.5),
    vector=(0.2, 0.7),
    matrix=(0.2, 0.5),
    bandwidth=(0.5, 0.4),
    kernel=(20.0, 0.7),
    overhead=(1.0, 0.7),
    memory=_memory(60, 300),
    unseen={
        "runtime": 0.3,
        "arithmetic": 0.3,
        "core": 0.3,
        "core-i8": 0.4,
        "harness": 0.2,
        "overhead": 0.7,
    },
)

_ANDROID_GRAPHICS = Belief(
    name="android-graphics",
    title="Adreno and Mali GPUs with ncnn (Vulkan) or Arm NN (OpenCL)",
    serves=(Serves(families=("android-gpu",)),),
    engine="accelerator",
    harness="benchncnn",
    dense=(0.2, 0.6),
    vector=(0.1, 0.8),
    matrix=(0.1, 0.6),
    bandwidth=(0.5, 0.4),
    kernel=(60.0, 0.8),
    overhead=(5.0, 1.0),
    memory=_memory(120, 1500),
    unseen={"runtime": 0.4, "architecture": 0.4, "arithmetic": 0.3, "overhead": 1.0},
)

BELIEFS = (
    Belief(
        name="nvidia",
        title="NVIDIA GPUs with TensorRT",
        serves=(Serves(families=("jetson", "cloud-gpu"), runtimes=("tensorrt",)),),
        engine="accelerator",
        harness="mlperf",
        dense=(0.6, 0.5),
        vector=(0.2, 0.7),
        matrix=(0.3, 0.5),
        bandwidth=(0.9, 0.3),
        kernel=(10.0, 0.7),
        overhead=(1.7, 0.7),
        overheads={"mlperf": (0.17, 1.0), "python-app": (17.0, 0.7), "ultralytics": (3.4, 0.7)},
        memory=_memory(700, 800),
        unseen={"architecture": 0.1, "harness": 0.25, "overhead": 1.0},
        computes={"f32": "tf32"},
    ),
    _INTEL_CLIENT,
    replace(
        _INTEL_CLIENT,
        name="intel-server",
        title="Intel Xeon servers with OpenVINO",
        serves=(
            Serves(families=("intel-cpu",), runtimes=_PROCESSOR_RUNTIMES, cores=(16, 1 << 30)),
        ),
        memory=_memory(200, 2000),
    ),
    _ARM_NCNN,
    replace(
        _ARM_NCNN,
        name="arm-tflite",
        title="Arm processors with TensorFlow Lite and Arm NN",
        serves=(Serves(families=("arm-board", "apple", "jetson"), runtimes=_TFLITE_ON_ARM),),
        harness="mlperf",
    ),
    Belief(
        name="intel-graphics",
        title="Intel GPUs with OpenVINO",
        serves=(Serves(families=("intel-gpu",), runtimes=("openvino",)),),
        engine="accelerator",
        harness="ultralytics",
        dense=(0.4, 0.5),
        vector=(0.3, 0.7),
        matrix=(0.2, 0.5),
        bandwidth=(0.7, 0.3),
        kernel=(10.0, 0.7),
        overhead=(1.0, 1.0),
        memory=_memory(350, 1500),
        unseen={"architecture": 0.25, "arithmetic": 0.2, "harness": 0.25, "overhead": 1.0},
        computes={"f32": "f16"},
    ),
    Belief(
        name="intel-npu",
        title="Intel NPUs with OpenVINO",
        serves=(Serves(families=("intel-npu",), runtimes=("openvino",)),),
        engine="accelerator",
        harness="ultralytics",
        dense=(0.3, 0.7),
        vector=(0.02, 1.0),
        matrix=(0.1, 0.7),
        bandwidth=(0.6, 0.5),
        kernel=(10.0, 1.0),
        overhead=(1.0, 1.0),
        memory=_memory(250, 1500),
        unseen={"architecture": 0.3, "arithmetic": 0.3, "overhead": 1.0},
        computes={"f32": "f16"},
    ),
    _ANDROID_GRAPHICS,
    replace(
        _ANDROID_GRAPHICS,
        name="jetson-vulkan",
        title="Jetson GPUs with ncnn (Vulkan)",
        serves=(Serves(families=("jetson",), runtimes=("ncnn-vulkan",)),),
    ),
    Belief(
        name="edge-tpu",
        title="Coral Edge TPU",
        serves=(Serves(families=("edge-tpu",)),),
        engine="accelerator",
        harness="mlperf",
        dense=(0.2, 0.7),
        vector=(0.02, 0.7),
        matrix=(0.1, 0.7),
        bandwidth=(1.0, 0.2),
        kernel=(10.0, 1.0),
        overhead=(1.0, 1.0),
        memory=_memory(40, 300),
        unseen={"overhead": 1.0},
    ),
)
