"""What is read back from runtimes that execute a Q/DQ model."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

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


def _with_stored_weights(model: Path, target: Path) -> Path:
    """Every convolution takes its weight through a DequantizeLinear; nothing else is quantized."""
    changed = onnx.load(model)
    weights = {weight.name: weight for weight in changed.graph.initializer}
    for node in [node for node in changed.graph.node if node.op_type == "Conv"]:
        name = node.input[1]
        values = numpy_helper.to_array(weights[name])
        scale = np.float32(np.abs(values).max() / 127)
        integers = np.rint(values / scale).astype(np.int8)
        weights[name].CopyFrom(numpy_helper.from_array(integers, name))
        changed.graph.initializer.append(numpy_helper.from_array(scale, f"{name}/scale"))
        real = f"{name}/real"
        changed.graph.node.insert(
            0, helper.make_node("DequantizeLinear", [name, f"{name}/scale"], [real], f"{name}/DQ")
        )
        node.input[1] = real
    onnx.save(changed, target)
    return target


def test_that_stored_weights_of_convolutions_are_not_converted_in_every_inference(
    tiny_model: Path, tmp_path: Path
) -> None:
    model = _with_stored_weights(tiny_model, tmp_path / "stored.onnx")
    session = runtimes()["onnxruntime"].compile(model, RuntimeChoice(runtime="onnxruntime"))
    ran, notes = session.executed_layers(), session.notes
    session.close()

    assert not [kernel.kind for kernel in ran if "Dequantize" in kernel.kind]
    assert "converted once" in notes[0]


def test_that_quantized_activations_keep_their_pairs(quantized_model: Path) -> None:
    session = runtimes()["onnxruntime"].compile(
        quantized_model, RuntimeChoice(runtime="onnxruntime")
    )
    notes = session.notes
    session.close()

    assert notes == ()
