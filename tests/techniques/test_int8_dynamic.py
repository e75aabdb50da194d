"""INT8 with ranges found at run time."""

import numpy as np
import onnx
import pytest
from onnx import helper

from core.model.identity import stamp_of
from core.techniques import techniques


@pytest.fixture
def dense(bench, build):
    """Builds x·W with a given operator and attributes."""

    def made(operator, *, bias=True, **attributes):
        random = np.random.default_rng(0)
        weights = {
            "w": random.normal(0, 1, (12, 12)).astype(np.float32),
            "b": random.normal(0, 1, 12).astype(np.float32),
        }
        inputs = ["x", "w", "b"] if bias else ["x", "w"]
        node = helper.make_node(operator, inputs, ["y"], "layer", **attributes)
        return bench(build([node], weights, x=(3, 12)))

    return made


@pytest.mark.parametrize("engine", ["literally", "onnxruntime"])
@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("MatMul", {"bias": False}),
        ("Gemm", {}),
        ("Gemm", {"bias": False}),
        ("Gemm", {"transB": 1, "alpha": 0.5, "beta": 2.0}),
    ],
)
def test_that_fully_connected_layers_stay_close(dense, engine, per_channel, operator, attributes):
    bench = dense(operator, **attributes)
    model, outcome = bench.treat("int8-dynamic", per_channel=per_channel, calibrated=False)
    assert outcome.treated == ("layer",)
    assert 0 < bench.difference(model, engine) < 0.03


def test_that_convolutions_are_refused_with_a_reason(tiny):
    refusals = {
        layer.id: techniques()["int8-dynamic"].refusal(layer, tiny.graph)
        for layer in tiny.graph.layers
    }
    assert refusals["head/Gemm"] is None
    assert "fully connected" in refusals["stem/Conv"]


def test_that_a_transposed_input_is_refused(dense):
    layer = dense("Gemm", bias=False, transA=1, transB=1).graph.layers[0]
    if layer.output_shape is not None:
        assert "transposes" in techniques()["int8-dynamic"].refusal(layer, None)


def test_that_every_part_is_known_by_the_layers_id(tiny):
    model, _ = tiny.treat("int8-dynamic")
    parts = [node for node in onnx.load(model).graph.node if node.name.startswith("head/Gemm/")]
    assert len(parts) == 6
    assert {stamp_of(part) for part in parts} == {"head/Gemm"}
