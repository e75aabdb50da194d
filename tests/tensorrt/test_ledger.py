"""The ledger says what made each engine, and where it still runs."""

from typing import Any

import pytest

from core.remote.boards import configuration_folder
from core.tensorrt.ledger import (
    FOLDER,
    EngineHost,
    EngineRecord,
    add_engine,
    ledger,
    past_builds,
    usable_on,
)
from core.tensorrt.settings import BuildSettings
from core.tensorrt.timing_cache import cache_name
from core.tensorrt.version import TensorRtVersion

BOARD = EngineHost(
    serial="1421",
    board_name="bench",
    module="NVIDIA Jetson Orin Nano",
    compute_capability="8.7",
    jetpack="5.1.1",
    tensorrt="8.5.2",
    power_mode="15W",
)


def record(**changes: Any) -> EngineRecord:
    return EngineRecord(
        host=BOARD,
        model_name="resnet",
        model_sha256="ab" * 32,
        settings=BuildSettings(precision="i8"),
        command=("--int8", "--fp16"),
        built_at="2026-11-22T12:00:00+00:00",
        build_seconds=312.5,
        engine_bytes=1_000_000,
        file="/home/me/edgewright/e.engine",
    ).model_copy(update=changes)


def test_that_engines_are_remembered_the_newest_first() -> None:
    old, new = record(), record(id="0" * 12, built_at="2026-11-23T12:00:00+00:00")
    add_engine(old)
    add_engine(new)
    assert ledger().records == (new, old)
    assert ledger().of_model("ab" * 32) == (new, old)
    assert ledger().of_model("cd" * 32) == ()


def test_that_a_record_that_cannot_be_read_is_listed_and_hides_no_other() -> None:
    add_engine(record())
    (configuration_folder() / FOLDER / "broken.json").write_text("{")
    assert len(ledger().records) == 1
    assert list(ledger().failed) == ["broken.json"]


def test_that_an_engine_runs_where_it_was_built() -> None:
    found = usable_on(record(), BOARD, "ab" * 32)
    assert (found.usable, found.reason) == (True, "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"serial": "9"}, "another board, bench"),
        ({"module": "NVIDIA Jetson AGX Orin"}, "this is NVIDIA Jetson AGX Orin"),
        ({"compute_capability": "7.2"}, "It was built for"),
        ({"tensorrt": "10.3.0"}, "built by TensorRT 8.5.2; the board has 10.3.0"),
    ],
)
def test_that_an_engine_is_bound_to_its_board_and_version(
    change: dict[str, str], reason: str
) -> None:
    found = usable_on(record(), BOARD.model_copy(update=change))
    assert not found.usable
    assert reason in found.reason


def test_that_an_engine_of_an_older_model_is_told() -> None:
    found = usable_on(record(), BOARD, "cd" * 32)
    assert not found.usable
    assert "has changed" in found.reason


def test_that_another_power_mode_is_borne_in_mind() -> None:
    found = usable_on(record(), BOARD.model_copy(update={"power_mode": "7W"}))
    assert found.usable
    assert "15W" in found.reason


def test_that_a_timing_cache_holds_for_one_version_gpu_and_mode() -> None:
    version = TensorRtVersion(8, 5, 2)
    names = {
        cache_name(version, "Orin Nano", "15W"),
        cache_name(version, "Orin Nano", "7W"),
        cache_name(version, "../../etc/passwd", "15W"),
        cache_name(TensorRtVersion(8, 6, 1), "Orin Nano", "15W"),
    }
    assert len(names) == 4
    assert not any("/" in name for name in names)


def test_that_first_builds_of_each_model_scale_later_forecasts() -> None:
    later = record(id="1" * 12, built_at="2026-11-24T12:00:00+00:00", build_seconds=9.0)
    for built in (record(), later):
        add_engine(built.model_copy(update={"forecast_seconds": 100.0}))
    add_engine(record(id="2" * 12, model_sha256="cd" * 32))
    (past,) = past_builds("Jetson Orin Nano")
    assert (past.seconds, past.forecast_seconds) == (312.5, 100)
    assert past_builds("Jetson AGX Orin") == ()
