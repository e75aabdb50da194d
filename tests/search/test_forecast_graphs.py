"""From a model's graph to what it asks of a device, and probe models that ask for what they say."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.devices.profile import find_profile
from core.formats import read_graph
from core.model.graph import ModelGraph
from core.search.forecast import forecast, workload_of
from core.search.forecast.probes import PROBES, Probe, write_probe


def _graph(folder: Path, nodes: Sequence[onnx.NodeProto], *weights: tuple[int, ...]) -> ModelGraph:
    stored = [
        numpy_helper.from_array(np.zeros(shape, np.float32), f"w{index}")
        for index, shape in enumerate(weights)
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, (1, 8, 16, 16))
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "model", [image], [answer], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    file = folder / "model.onnx"
    onnx.save(model, str(file))
    return read_graph(file)


def _node(operator: str, inputs: str, output: str, **options: object) -> onnx.NodeProto:
    return helper.make_node(operator, inputs.split(), [output], name=output, **options)


def test_that_activation_and_shortcut_run_in_the_convolutions_kernel(tmp_path: Path) -> None:
    nodes = [
        _node("Conv", "image w0", "a", pads=[1] * 4),
        _node("Relu", "a", "b"),
        _node("Conv", "b w1", "c", pads=[1] * 4),
        _node("Add", "c image", "d"),
        _node("Relu", "d", "answer"),
    ]
    work = workload_of(_graph(tmp_path, nodes, (8, 8, 3, 3), (8, 8, 3, 3)))
    values = 8 * 16 * 16
    assert [kernel.layers for kernel in work.kernels] == [("a", "b"), ("c", "d", "answer")]
    assert [kernel.kind for kernel in work.kernels] == ["dense", "dense"]
    assert [kernel.values for kernel in work.kernels] == [2 * values, 3 * values]
    assert work.kernels[0].weights == 8 * 8 * 9


def test_that_a_value_that_others_take_as_well_is_written(tmp_path: Path) -> None:
    """The activation cannot replace what a second layer reads."""
    nodes = [
        _node("Conv", "image w0", "a", pads=[1] * 4),
        _node("Relu", "a", "b"),
        _node("Add", "a b", "answer"),
    ]
    work = workload_of(_graph(tmp_path, nodes, (8, 8, 3, 3)))
    assert work.kernels[0].layers == ("a",)


def test_that_depthwise_matrix_and_moving_layers_are_told_apart(tmp_path: Path) -> None:
    nodes = [
        _node("Conv", "image w0", "a", pads=[1] * 4, group=8),
        _node("GlobalAveragePool", "a", "b"),
        _node("Flatten", "b", "c"),
        _node("MatMul", "c w1", "answer"),
    ]
    work = workload_of(_graph(tmp_path, nodes, (8, 1, 3, 3), (8, 10)))
    assert [kernel.kind for kernel in work.kernels] == ["depthwise", "movement", "matrix"]
    assert work.peak_bytes == 2 * 8 * 16 * 16 * 4
    assert work.peak_values == 2 * 8 * 16 * 16


def test_that_quantize_nodes_cost_no_kernel(tmp_path: Path) -> None:
    probe = next(one for one in PROBES if one.precision == "i8" and one.kind == "dense")
    file = tmp_path / "probe.onnx"
    write_probe(probe, file)
    assert len(workload_of(read_graph(file)).kernels) == probe.repeats


@pytest.mark.parametrize("probe", PROBES, ids=lambda one: f"{one.name} {one.precision}")
def test_that_a_probe_is_a_sound_model_that_asks_for_what_it_says(
    probe: Probe, tmp_path: Path
) -> None:
    file = tmp_path / "probe.onnx"
    write_probe(probe, file)
    onnx.checker.check_model(str(file), full_check=True)
    read, said = workload_of(read_graph(file)), probe.workload
    assert len(read.kernels) == len(said.kernels)
    assert {kernel.kind for kernel in read.kernels} == {probe.kind}
    assert sum(k.operations for k in read.kernels if k.kind == probe.kind) == pytest.approx(
        said.operations, rel=0.02
    )
    assert read.parameters == pytest.approx(said.parameters, rel=0.02)
    assert read.values == pytest.approx(said.values)


def test_that_the_first_layer_of_a_kernel_has_its_time(sample_model: Path) -> None:
    graph = read_graph(sample_model)
    work = workload_of(graph)
    found = forecast(work, find_profile("jetson-nano-4gb"), precision="f16")
    assert set(found.per_layer_ms) <= {layer.id for layer in graph.layers}
    fused = next(kernel for kernel in work.kernels if len(kernel.layers) > 1)
    times = [found.per_layer_ms[layer] for layer in fused.layers]
    assert times[0] > 0
    assert set(times[1:]) == {0.0}
    assert sum(found.per_layer_ms.values()) < found.latency_ms.value
