"""Small generated models that tell how a device works: each asks for one thing in one size.

Each repeats one layer so often that starting an inference hardly counts; what they need is known
beforehand. Weights are drawn with a fixed seed; their values do not matter for time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.search.forecast.workload import LayerWork, WorkKind, Workload

if TYPE_CHECKING:
    import onnx

_OPSET, _IR = 17, 8
_SCALE = 0.05
"""Of every quantized value and weight."""
_MIDDLE = 128
"""What stands for zero in values of eight bits without a sign."""


@dataclass(frozen=True)
class Probe:
    """One generated model."""

    name: str
    channels: int
    size: int
    """Height and width; 1 for matrix products."""
    kernel: int
    repeats: int
    kind: WorkKind
    precision: str = "f32"
    """f32, or i8 with quantize and dequantize nodes around every layer."""

    @property
    def workload(self) -> Workload:
        weights = self.channels * (1 if self.kind == "depthwise" else self.channels)
        weights *= self.kernel**2
        values = self.channels * self.size**2
        layer = LayerWork(self.kind, 2.0 * weights * self.size**2, float(weights), 2.0 * values)
        return Workload(self.name, (layer,) * self.repeats, float(weights * self.repeats), values)


_FLOAT = (
    Probe("dense 3×3, large", 32, 112, 3, 4, "dense"),
    Probe("dense 3×3, middle", 128, 28, 3, 4, "dense"),
    Probe("dense 3×3, small", 256, 7, 3, 4, "dense"),
    Probe("dense 1×1, large", 96, 56, 1, 6, "dense"),
    Probe("dense 1×1, small", 512, 7, 1, 6, "dense"),
    Probe("depthwise, large", 96, 112, 3, 6, "depthwise"),
    Probe("depthwise, middle", 240, 28, 3, 8, "depthwise"),
    Probe("depthwise, small", 576, 7, 3, 8, "depthwise"),
    Probe("matrix", 1024, 1, 1, 4, "matrix"),
    Probe("many small kernels", 8, 4, 3, 60, "dense"),
)
_INTEGER = tuple(
    Probe(one.name, one.channels, one.size, one.kernel, one.repeats, one.kind, "i8")
    for one in _FLOAT
    if one.kind != "matrix" and one.repeats < 60
)
PROBES: Sequence[Probe] = (*_FLOAT, *_INTEGER)


def write_probe(probe: Probe, file: Path) -> None:
    """As ONNX; takes milliseconds."""
    from core.techniques.editing import save_model

    save_model(_Builder(probe).model(), file)


class _Builder:
    """Collects nodes and weights of one probe."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._random = np.random.default_rng(0)

    def model(self) -> "onnx.ModelProto":
        from onnx import TensorProto, helper

        probe = self._probe
        shape = [1, probe.channels] + ([] if probe.kind == "matrix" else [probe.size] * 2)
        flowing = "input"
        for index in range(probe.repeats):
            flowing = self._layer(index, flowing)
        graph = helper.make_graph(
            self._nodes,
            "probe",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(flowing, TensorProto.FLOAT, shape)],
            self._weights,
        )
        opsets = [helper.make_opsetid("", _OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR)

    def _layer(self, index: int, flowing: str) -> str:
        probe = self._probe
        single = 1 if probe.kind == "depthwise" else probe.channels
        size = [probe.channels, single]
        size += [] if probe.kind == "matrix" else [probe.kernel] * 2
        weight = f"weight-{index}"
        quantized = probe.precision == "i8"
        (self._integers if quantized else self._floats)(weight, size)
        if quantized:
            flowing, weight = self._around(flowing, index), self._dequantized(weight)
        operator = "MatMul" if probe.kind == "matrix" else "Conv"
        options: dict[str, object] = {}
        if operator == "Conv":
            pads = [probe.kernel // 2] * 4
            options = {"pads": pads, "group": probe.channels // single}
        return self._node(operator, [flowing, weight], f"value-{index}", **options)

    def _around(self, flowing: str, index: int) -> str:
        """Quantize and dequantize, as in every quantized model."""
        self._store_scales()
        scale = ["scale", "zero-u8"]
        small = self._node("QuantizeLinear", [flowing, *scale], f"quantized-{index}")
        return self._node("DequantizeLinear", [small, *scale], f"restored-{index}")

    def _dequantized(self, weight: str) -> str:
        return self._node("DequantizeLinear", [weight, "scale", "zero-i8"], f"{weight}-restored")

    def _store_scales(self) -> None:
        from onnx import numpy_helper

        if any(each.name == "scale" for each in self._weights):
            return
        self._weights += [
            numpy_helper.from_array(np.array(_SCALE, np.float32), "scale"),
            numpy_helper.from_array(np.array(_MIDDLE, np.uint8), "zero-u8"),
            numpy_helper.from_array(np.array(0, np.int8), "zero-i8"),
        ]

    def _floats(self, name: str, size: Sequence[int]) -> None:
        spread = 1 / np.sqrt(np.prod(size[1:]))
        self._store(name, (self._random.normal(size=size) * spread).astype(np.float32))

    def _integers(self, name: str, size: Sequence[int]) -> None:
        """Seven bits: processors without VNNI saturate with eight."""
        self._store(name, self._random.integers(-63, 64, size=size).astype(np.int8))

    def _store(
        self, name: str, numbers: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]"
    ) -> None:
        from onnx import numpy_helper

        self._weights.append(numpy_helper.from_array(numbers, name))

    def _node(self, operator: str, inputs: Sequence[str], output: str, **options: object) -> str:
        from onnx import helper

        make: Callable[..., onnx.NodeProto] = helper.make_node
        self._nodes.append(make(operator, list(inputs), [output], name=output, **options))
        return output
