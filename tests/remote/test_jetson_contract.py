"""What holds on every Jetson: the scripted ones, and with --jetson USER@HOST a real one as well."""

from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

from core.benchmark.statistics import latency
from core.remote.board import Board
from core.remote.connection import Connection, connect, first_contact
from core.remote.jetson_checks import check_jetson
from core.remote.jetson_identity import look_at
from core.remote.jetson_layers import layers_on_board
from core.remote.jetson_watch import first_reading
from core.tensorrt.ledger import usable_on
from tests.fake_tools.jetson import BOARDS, fake_jetson
from tests.remote.jetson_work import F16, built, timed


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        real = metafunc.config.getoption("--jetson")
        asked = [pytest.param(real, marks=pytest.mark.hardware)] if real else []
        metafunc.parametrize("kind", [*BOARDS, *asked])


@pytest.fixture
def connection(kind: str, tmp_path: Path, tiny_model: Path) -> Iterator[Connection]:
    """A real board is logged in to with the person's own keys; its host key is taken as it is."""
    if kind not in BOARDS:
        user, _, host = kind.rpartition("@")
        key = first_contact(host).key
        board = Board(name=host, kind="jetson", host=host, user=user, host_key=key)
        with connect(board, users_keys=True) as opened:
            yield opened
        return
    with fake_jetson(tmp_path, kind) as fake, connect(fake.board) as opened:
        conv, relu = (node.name for node in onnx.load(tiny_model).graph.node[:2])
        time = {"timeMs": 7, "averageMs": 0.01, "medianMs": 0.01, "percentage": 100}
        fake.change(
            inferences=50, layer_times=[{"count": 50}, {"name": f"{conv} + {relu}", **time}]
        )
        yield opened


def test_that_a_jetson_is_ready_measured_and_its_layers_are_found(
    connection: Connection, tiny_model: Path
) -> None:
    jetson = look_at(connection)
    checks = {check.id: check.state for check in check_jetson(connection)}
    (engine,) = built(connection, tiny_model, {"f16": F16})
    times = timed(connection, [engine])
    layers = layers_on_board(connection, jetson, engine)

    assert jetson.ready()[0].major >= 8
    assert jetson.jetpack
    assert "failed" not in checks.values()
    assert usable_on(engine.record, jetson.engine_host(connection.board)).usable
    figure = latency(times.samples.of("f16"))
    assert 0 < figure.low <= figure.value <= figure.high
    assert times.trace.readings
    assert times.trace.covers or times.trace.missing
    assert {layer for kernel in layers for layer in kernel.layers}


def test_that_the_sensors_of_a_jetson_are_read(connection: Connection) -> None:
    reading = first_reading(connection)

    assert reading is not None
    assert reading.hottest_celsius is not None
    assert 0 < reading.hottest_celsius < 120
    assert reading.cores_on > 0
