"""What is read back from runtimes that execute a Q/DQ model."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.base import ExecutedLayer


@pytest.fixture(scope="module")
def quantized_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with 8-bit activations and weights between Q and DQ nodes."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Noise(CalibrationDataReader):
        def __init__(self) -> None:
            random = np.random.default_rng(0)
            self._left = [random.random((1, 3, 16, 16), np.float32) for _ in range(4)]

        def get_next(self) -> Mapping[str, np.ndarray] | None:
            return {"image": self._left.pop()} if self._left else None

    target = tmp_path_factory.mktemp("quantized") / "quantized.onnx"
    logging.disable(logging.WARNING)
    try:
        quantize_static(
            tiny_model,
            target,
            Noise(),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"QuantizeBias": False},
        )
    finally:
        logging.disable(logging.NOTSET)
    return target


def executed(runtime: str, model: Path) -> tuple[ExecutedLayer, ...]:
    session = runtimes()[runtime].compile(model, RuntimeChoice(runtime=runtime))
    try:
        return session.executed_layers()
    finally:
        session.close()


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_that_quantized_layers_are_found_to_run_in_8_bits(
    runtime: str, quantized_model: Path
) -> None:
    precisions = {
        layer: kernel.precision
        for kernel in executed(runtime, quantized_model)
        for layer in kernel.layers
    }

    assert precisions["stem/Conv"] in ("u8", "i8")
    assert precisions["body/Conv"] in ("u8", "i8")


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_that_quantize_and_dequantize_nodes_are_never_named_as_layers(
    runtime: str, quantized_model: Path
) -> None:
    named = {layer for kernel in executed(runtime, quantized_model) for layer in kernel.layers}

    assert named
    assert not [layer for layer in named if "quantize" in layer.lower()]
