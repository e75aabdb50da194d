import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BoardError, JobCancelled, UserError
from core.remote.connection import Connection, connect
from core.remote.jetson_engine import build_engine, find_engine
from core.remote.jetson_identity import look_at
from core.tensorrt.commands import build_command
from core.tensorrt.dialects import dialects
from core.tensorrt.ledger import EngineRecord, ledger, usable_on
from core.tensorrt.log import verdict_of
from core.tensorrt.settings import BuildSettings
from core.tensorrt.version import TensorRtVersion
from tests.fake_tools.jetson import BOARDS, FakeJetson, fake_jetson
from tests.remote.jetson_work import F16


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeJetson]:
    with fake_jetson(tmp_path, "orin-nano-jetpack-6.2") as started:
        yield started


@pytest.fixture
def connection(fake: FakeJetson) -> Iterator[Connection]:
    with connect(fake.board) as opened:
        yield opened


def build(connection: Connection, model: Path) -> EngineRecord:
    return build_engine(connection, look_at(connection), model, F16, label="FP16")


@pytest.mark.parametrize("kind", ["nano-4gb-jetpack-4.6", "thor-jetpack-7.1"])
def test_that_an_engine_is_built_on_old_and_new_jetpacks_and_entered_in_the_ledger(
    kind: str, tiny_model: Path, tmp_path: Path
) -> None:
    heard: list[str] = []
    shares: list[float] = []
    with fake_jetson(tmp_path, kind) as fake, connect(fake.board) as connection:
        jetson = look_at(connection)
        record = build_engine(
            connection,
            jetson,
            tiny_model,
            F16,
            forecast_seconds=60,
            on_log=heard.append,
            progress=lambda done, total, text: shares.append(done / total),
        )
        host = jetson.engine_host(fake.board)
        made = json.loads(Path(record.file).read_text())

    assert made["number"] == fake.script["trtexec_number"]
    assert "--fp16" in made["flags"]
    assert any("Engine built in" in line for line in heard)
    assert all(0 <= share <= 1 for share in shares)
    assert ledger().records == (record,)
    assert (record.host.tensorrt, record.host.jetpack) == (str(jetson.tensorrt), jetson.jetpack)
    assert usable_on(record, host).usable


@pytest.mark.parametrize("kind", BOARDS)
def test_that_the_stand_in_refuses_what_another_version_takes(
    kind: str, tiny_model: Path, tmp_path: Path
) -> None:
    with fake_jetson(tmp_path, kind) as fake, connect(fake.board) as connection:
        own = look_at(connection).ready()[0]
        other = next(one.tensorrt for one in reversed(dialects()) if one.tensorrt[:2] != own[:2])
        settings = BuildSettings(precision="model" if other.major > 10 else "f16")
        command = build_command(other, str(tiny_model), str(tmp_path / "engine"), settings)
        ran = connection.run([*command, "--optionOfNobody=5"])

    verdict = verdict_of(ran.out, "build", ran.rc)
    assert not verdict.passed
    assert verdict.unknown_options


def test_that_a_built_engine_is_found_again_and_an_old_one_is_not(
    fake: FakeJetson, connection: Connection, tiny_model: Path
) -> None:
    record = build(connection, tiny_model)
    jetson = look_at(connection)

    assert find_engine(connection, jetson, record.model_sha256, F16) == record
    newer = jetson.model_copy(update={"tensorrt": TensorRtVersion(10, 16, 2)})
    assert find_engine(connection, newer, record.model_sha256, F16) is None
    other = BuildSettings(precision="best")
    assert find_engine(connection, jetson, record.model_sha256, other) is None
    Path(record.file).unlink()
    assert find_engine(connection, jetson, record.model_sha256, F16) is None


def test_that_the_timing_cache_is_kept_for_the_next_build(
    fake: FakeJetson, connection: Connection, tiny_model: Path
) -> None:
    build(connection, tiny_model)
    build(connection, tiny_model)

    (cache,) = (fake.home / ".edgewright/timing").iterdir()
    assert len(cache.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("disk_full", "disk is full"), ("no_memory", "ran out of memory")],
)
def test_that_what_goes_wrong_on_the_board_is_said_and_leaves_nothing_behind(
    trouble: str, words: str, fake: FakeJetson, connection: Connection, tiny_model: Path
) -> None:
    fake.change(**{trouble: True})

    with pytest.raises(BoardError, match=words):
        build(connection, tiny_model)

    assert ledger().records == ()
    assert list((fake.home / ".edgewright/engines").iterdir()) == []
    assert list((fake.home / ".edgewright/timing").iterdir()) == []


def test_that_a_trtexec_of_another_version_than_told_is_found_out(
    fake: FakeJetson, connection: Connection, tiny_model: Path
) -> None:
    known = next(one for one in dialects() if one.version.startswith("8.2"))
    fake.change(options=[one.removeprefix("--") for one in known.known_options])

    with pytest.raises(BoardError, match="does not know --skipInference"):
        build(connection, tiny_model)


def test_that_stopping_a_build_ends_it_on_the_board(fake: FakeJetson, tiny_model: Path) -> None:
    fake.change(build_waits=True)

    def stop_while_it_builds() -> None:
        if fake.remembered("building"):
            raise JobCancelled

    with pytest.raises(JobCancelled), connect(fake.board) as connection:
        build_engine(
            connection,
            look_at(connection),
            tiny_model,
            F16,
            check_cancelled=stop_while_it_builds,
        )

    assert not any("trtexec" in line for line in fake.running())
    assert ledger().records == ()


def test_that_a_restart_while_an_engine_is_built_gives_no_engine(
    fake: FakeJetson, tiny_model: Path
) -> None:
    fake.change(build_waits=True)

    def restart_while_it_builds() -> None:
        if fake.remembered("building"):
            fake.restart()

    with pytest.raises(UserError), connect(fake.board) as connection:
        build_engine(
            connection,
            look_at(connection),
            tiny_model,
            F16,
            check_cancelled=restart_while_it_builds,
        )

    assert ledger().records == ()


def test_that_a_board_without_tensorrt_says_how_to_get_it(
    fake: FakeJetson, connection: Connection, tiny_model: Path
) -> None:
    fake.change(packages={})

    with pytest.raises(BoardError, match="nvidia-jetpack"):
        build(connection, tiny_model)


@pytest.mark.parametrize(
    "name", ["$(touch canary).onnx", "-rf ; touch canary .onnx", "a'b\"`c.onnx"]
)
def test_that_the_name_of_a_model_never_reaches_the_board(
    name: str, fake: FakeJetson, connection: Connection, tiny_model: Path, tmp_path: Path
) -> None:
    hostile = tmp_path / name
    shutil.copy(tiny_model, hostile)

    record = build(connection, hostile)

    assert record.model_name == name
    assert not any(name in part for part in record.command)
    assert not list(fake.home.rglob("canary"))
