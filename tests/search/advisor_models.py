"""Small files of models that ask for real work: plain convolutions, depthwise ones, a detector, a
transformer; and a forecast that can be worked out by hand.

Weights are zeros: the advisor looks at structure and costs only.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from core.benchmark.results import Estimate
from core.devices.profile import DeviceProfile, Precision
from core.search.forecast import Forecast, Parts, Workload

Shape = Sequence[int | str]


_BYTES = {"f32": 4, "tf32": 4, "f16": 2, "bf16": 2}


def by_peak(
    workload: Workload, profile: DeviceProfile, precision: Precision, mode: str | None
) -> Forecast | None:
    """1 ms and the operations at 40 % of the peak, at best half and at worst twice as long; 100 MB
    and the weights."""
    peak = profile.in_mode(mode).peaks.get(precision)
    if peak is None:
        return None
    value = 1 + workload.operations / (0.4e6 * peak)
    octets = 1e8 + workload.parameters * _BYTES.get(precision, 1)
    memory = profile.memory_gb
    return Forecast(
        profile=profile.id,
        mode=mode,
        runtime="",
        precision=precision,
        harness="tests",
        latency_ms=Estimate(value=value, low=value / 2, high=value * 2),
        parts=Parts(compute_ms=value - 1, memory_ms=0, overhead_ms=1),
        per_layer_ms={},
        memory_bytes=Estimate(value=octets, low=octets, high=octets),
        fits=None if memory is None else octets < memory * 1e9,
        basis="A forecast of the tests: 40 % of the peak.",
    )


class Builder:
    """Adds layers one behind the other."""

    def __init__(self, shape: Shape) -> None:
        self.input = helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.last = "image"

    def add(self, operator: str, *weights: tuple[int, ...], **attributes: object) -> None:
        number = len(self.nodes)
        names = [f"w{number}_{place}" for place in range(len(weights))]
        self.weights += [
            numpy_helper.from_array(np.zeros(shape, np.float32), name)
            for name, shape in zip(names, weights, strict=True)
        ]
        output = f"t{number}"
        self.nodes.append(
            helper.make_node(
                operator, [self.last, *names], [output], f"{operator}_{number}", **attributes
            )
        )
        self.last = output

    def convolution(self, inputs: int, outputs: int, side: int = 3, **attributes: object) -> None:
        pads = [side // 2] * 4
        groups = attributes.get("group", 1)
        assert isinstance(groups, int)
        self.add("Conv", (outputs, inputs // groups, side, side), pads=pads, **attributes)
        self.add("Relu")

    def save(self, path: Path, output: Shape) -> Path:
        answer = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, output)
        graph = helper.make_graph(self.nodes, path.stem, [self.input], [answer], self.weights)
        opset = [helper.make_opsetid("", 18)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
        return path


def save_residual(path: Path, batch: int | str = 1) -> Path:
    """Plain convolutions, 4.9 billion operations and 1.3 million weights; 224 × 224."""
    build = Builder([batch, 3, 224, 224])
    build.convolution(3, 64, 7, strides=[4, 4])
    for _ in range(4):
        build.convolution(64, 128)
        build.convolution(128, 64)
    build.convolution(64, 256, strides=[2, 2])
    build.convolution(256, 256)
    _classify(build, 256)
    return build.save(path, [batch, 10])


def save_depthwise(path: Path) -> Path:
    """Thirteen pairs of depthwise and pointwise convolutions; 3.1 billion operations."""
    build = Builder([1, 3, 224, 224])
    build.convolution(3, 32, strides=[4, 4])
    channels = 32
    for pair in range(13):
        build.convolution(channels, channels, group=channels)
        wider = min(2 * channels, 256) if pair % 3 == 0 else channels
        build.convolution(channels, wider, 1)
        channels = wider
    _classify(build, channels)
    return build.save(path, [1, 10])


def save_detector(path: Path, side: int = 640) -> Path:
    """Convolutions at a high resolution, 61 billion operations at 640 × 640."""
    build = Builder([1, 3, side, side])
    build.convolution(3, 32, strides=[4, 4])
    for _ in range(8):
        build.convolution(32, 256)
        build.convolution(256, 32)
    build.convolution(32, 85, 1)
    return build.save(path, [1, 85, side // 4, side // 4])


def save_heavy_weights(path: Path) -> Path:
    """A fully connected end with more than 8 million weights."""
    build = Builder([1, 3, 32, 32])
    build.convolution(3, 16)
    build.add("Flatten")
    build.add("Gemm", (16 * 32 * 32, 512), (512,))
    return build.save(path, [1, 512])


def save_transformer(path: Path) -> Path:
    """Two blocks with attention over 16 words of 64 numbers."""
    build = Builder([1, 16, 64])
    for _ in range(2):
        block = build.last
        products: list[str] = []
        for _name in ("query", "key"):
            build.last = block
            build.add("MatMul", (64, 64))
            products.append(build.last)
        build.add("Transpose", perm=[0, 2, 1])
        number = len(build.nodes)
        build.nodes.append(
            helper.make_node(
                "MatMul", [products[0], build.last], [f"s{number}"], f"scores_{number}"
            )
        )
        build.last = f"s{number}"
        build.add("Softmax", axis=-1)
        build.nodes.append(
            helper.make_node("MatMul", [build.last, block], [f"m{number}"], f"mixed_{number}")
        )
        build.last = f"m{number}"
        build.add("LayerNormalization", (64,), axis=-1)
        build.add("MatMul", (64, 64))
    return build.save(path, [1, 16, 64])


def _classify(build: Builder, channels: int) -> None:
    build.add("GlobalAveragePool")
    build.add("Flatten")
    build.add("Gemm", (channels, 10), (10,))
