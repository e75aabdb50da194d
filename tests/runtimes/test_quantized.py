"""What is read back from runtimes that execute a Q/DQ model."""

from pathlib import Path

import pytest

from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.base import ExecutedLayer


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
