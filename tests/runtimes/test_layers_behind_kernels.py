"""Every kernel that a runtime timed is traced to the layers that it executed."""

from pathlib import Path

import pytest

from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.base import WARM_INFERENCES, ExecutedLayer
from core.runtimes.feeds import made_up_feeds

BOTH = pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
MODELS = pytest.mark.parametrize("model", ["silu_model", "gelu_model", "residual_model"])


def timed(runtime: str, model: Path, inferences: int = WARM_INFERENCES + 5) -> list[ExecutedLayer]:
    choice = RuntimeChoice(runtime=runtime, threads=1)
    session = runtimes()[runtime].compile(model, choice, profile=True)
    try:
        feeds = made_up_feeds(session.inputs)
        for _ in range(inferences):
            session.infer(feeds)
        return list(session.executed_layers())
    finally:
        session.close()


def kernel_of(ran: list[ExecutedLayer], layer: str) -> ExecutedLayer:
    (found,) = (kernel for kernel in ran if layer in kernel.layers)
    return found


@BOTH
@MODELS
def test_that_all_time_belongs_to_layers_or_to_conversions(
    runtime: str, model: str, request: pytest.FixtureRequest
) -> None:
    ran = timed(runtime, request.getfixturevalue(model))

    astray = [k.name for k in ran if k.milliseconds and not k.converts and not k.layers]
    assert astray == []
    assert all(kernel.serves for kernel in ran if kernel.converts)


@BOTH
@MODELS
def test_that_every_layer_is_found_in_exactly_one_kernel(
    runtime: str, model: str, request: pytest.FixtureRequest
) -> None:
    import onnx

    path: Path = request.getfixturevalue(model)
    found = sorted(layer for kernel in timed(runtime, path) for layer in kernel.layers)

    assert found == sorted(node.name for node in onnx.load(path).graph.node)


@BOTH
def test_that_an_activation_is_never_told_with_the_convolution_after_it(
    runtime: str, silu_model: Path, gelu_model: Path
) -> None:
    after_silu = kernel_of(timed(runtime, silu_model), "b/Conv")
    after_gelu = kernel_of(timed(runtime, gelu_model), "b/Conv")

    assert not [layer for layer in after_silu.layers if layer.startswith("a/")]
    assert not [layer for layer in after_gelu.layers if layer.startswith(("a/", "gelu/"))]


def test_that_onnx_runtimes_blocked_activations_are_found_by_the_flow_of_data(
    silu_model: Path, gelu_model: Path
) -> None:
    silu, gelu = timed("onnxruntime", silu_model), timed("onnxruntime", gelu_model)

    assert set(kernel_of(silu, "a/Sigmoid").layers) == {"a/Sigmoid", "a/Mul"}
    assert set(kernel_of(gelu, "gelu/Erf").layers) == {
        *("gelu/Div", "gelu/Erf", "gelu/Add", "gelu/Mul", "gelu/Half")
    }


def test_that_what_was_fused_after_onnx_runtime_named_a_kernel_is_told_with_it(
    residual_model: Path,
) -> None:
    fused = kernel_of(timed("onnxruntime", residual_model), "b/Conv")

    assert {"b/Conv", "b/Add", "b/Relu"} <= set(fused.layers)
    assert "a/Conv" not in fused.layers


@BOTH
def test_that_a_conversion_says_from_what_to_what(runtime: str, quantized_model: Path) -> None:
    converted = {
        (kernel.source_precision, kernel.precision)
        for kernel in timed(runtime, quantized_model)
        if kernel.converts
    }

    assert ("f32", "u8") in converted


def test_that_the_body_of_a_loop_is_counted_once(loop_model: Path) -> None:
    ran = timed("onnxruntime", loop_model)

    assert [kernel.kind for kernel in ran] == ["Loop", "Relu"]
