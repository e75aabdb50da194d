"""Batch × streams: true concurrency, the sweet spot, and models whose batch cannot be set."""

from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from core.benchmark.batches import with_batch
from core.benchmark.load import Watch
from core.benchmark.results import Estimate
from core.benchmark.sweep import AS_GOOD, SweepCell, SweepWork, sweep, sweet_spot
from core.errors import InputError, UserError
from core.plan.plan import RuntimeChoice


def cell(batch: int, streams: int, rate: float, milliseconds: float) -> SweepCell:
    return SweepCell(
        batch=batch,
        streams=streams,
        latency_ms=Estimate(value=milliseconds, low=milliseconds * 0.9, high=milliseconds * 1.1),
        throughput=Estimate(value=rate, low=rate * 0.9, high=rate * 1.1),
    )


def test_that_a_sweep_counts_concurrent_streams_and_keeps_to_the_limit(
    stubs, quiet: Watch, tiny_model: Path
) -> None:
    stub = stubs.add("any", sleep_ms=10)
    for name in ("1x1", "1x2", "4x1", "4x2"):
        stubs.add(name, sleep_ms=10)
    unable = InputError("It cannot take 8.", "Its batch is built in.", "Take fewer.")

    found = sweep(
        SweepWork(
            name="stub",
            models={1: tiny_model, 4: tiny_model, 8: unable},
            choice=stub.choice,
            streams=(1, 2),
            latency_limit_ms=1000,
        ),
        blocks=3,
        processes=1,
        block_seconds=0.06,
        launch=stubs.launch,
        watch=quiet,
    )

    rates = {
        (each.batch, each.streams): each.throughput.value
        for each in found.cells
        if each.throughput is not None
    }
    assert rates[1, 2] > 1.4 * rates[1, 1]
    assert rates[4, 1] > 2.5 * rates[1, 1]
    assert found.sweet_spot == (4, 2)
    assert "within 1000 ms: batch 4 on 2 streams" in found.words
    assert [each.failure for each in found.cells if each.batch == 8] == [str(unable)] * 2


def test_that_a_sweep_of_models_that_cannot_be_made_raises_why(tiny_model: Path) -> None:
    unable = InputError("It cannot take 8.", "Its batch is built in.", "Take fewer.")
    work = SweepWork("m", {8: unable}, RuntimeChoice(runtime="openvino"), (1,))

    with pytest.raises(InputError, match="cannot take 8"):
        sweep(work)


def test_that_the_sweet_spot_is_the_quickest_of_the_about_equally_good() -> None:
    cells = (cell(1, 1, 100, 10), cell(4, 2, 200, 40), cell(8, 2, 202, 80))

    assert sweet_spot(cells, None) == cells[1]
    assert sweet_spot(cells, 12) == cells[0]
    assert sweet_spot(cells, 10) is None


@given(
    st.lists(st.tuples(st.floats(1, 1e5), st.floats(0.01, 1e4)), max_size=8),
    st.none() | st.floats(0.01, 1e4),
)
def test_that_a_sweet_spot_lies_within_the_limit_and_gives_about_the_most(
    figures: list[tuple[float, float]], limit: float | None
) -> None:
    cells = [cell(1, index + 1, *pair) for index, pair in enumerate(figures)]
    able = [
        each.throughput.value
        for each in cells
        if each.throughput and each.latency_ms and each.latency_ms.high <= (limit or 1e9)
    ]

    best = sweet_spot(cells, limit)

    assert (best is None) == (not able)
    if best is not None:
        assert best.throughput is not None
        assert best.throughput.value >= AS_GOOD * max(able)


def test_that_a_copy_takes_so_many_inputs_at_once(tiny_model: Path, tmp_path: Path) -> None:
    copy = with_batch(tiny_model, 3, tmp_path)

    shape = onnx.load(copy).graph.input[0].type.tensor_type.shape
    assert [size.dim_value for size in shape.dim] == [3, 3, 16, 16]
    assert with_batch(tiny_model, 1, tmp_path) == tiny_model
    assert with_batch(tiny_model, 3, tmp_path) == copy


def test_that_a_model_without_a_batch_is_refused_in_sentences(tmp_path: Path) -> None:
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in "xy"]
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    graph = helper.make_graph(nodes, "flat", ports[:1], ports[1:])
    path = tmp_path / "flat.onnx"
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)

    with pytest.raises(UserError, match="batch"):
        with_batch(path, 2, tmp_path)
