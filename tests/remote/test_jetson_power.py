import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import BoardError, ConnectionLost, InputError
from core.remote.connection import Connection, connect
from core.remote.jetson_identity import look_at
from core.remote.jetson_power import PowerWish, held_power, put_back, unfinished
from core.remote.jetson_watch import PowerWatch
from tests.fake_tools.jetson import PASSWORD, FakeJetson, fake_jetson

ALL = PowerWish(mode="15W", hold_clocks=True)


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeJetson]:
    with fake_jetson(tmp_path, "orin-nano-jetpack-6.2") as started:
        yield started


@pytest.fixture
def connection(fake: FakeJetson) -> Iterator[Connection]:
    with connect(fake.board) as opened:
        yield opened


def wait_until(holds: Callable[[], bool]) -> None:
    """The board does it by itself; that it does is what is tested."""
    while not holds():
        time.sleep(0.02)


def test_that_mode_and_clocks_are_changed_and_put_back(
    fake: FakeJetson, connection: Connection
) -> None:
    with held_power(connection, look_at(connection), ALL) as mode:
        assert mode is not None
        assert mode.name == "15W"
        assert look_at(connection).mode == mode
        assert fake.remembered("clocks") == "held"

    assert fake.remembered("modes-set") == "0 1 "
    assert fake.remembered("clocks") == "free"
    assert unfinished(connection) is None


def test_that_they_are_put_back_when_the_work_fails(
    fake: FakeJetson, connection: Connection
) -> None:
    with (
        pytest.raises(InputError, match="spoilt"),
        held_power(connection, look_at(connection), ALL),
    ):
        raise InputError("The work is spoilt.", "On purpose.", "None.")

    assert (fake.remembered("modes-set"), fake.remembered("clocks")) == ("0 1 ", "free")


def test_that_the_board_puts_them_back_by_itself_when_the_connection_breaks(
    fake: FakeJetson,
) -> None:
    with (
        pytest.raises(ConnectionLost),
        connect(fake.board) as connection,
        held_power(connection, look_at(connection), ALL),
    ):
        fake.pull_cable()
        connection.run(["true"])

    wait_until(lambda: fake.remembered("clocks") == "free")
    wait_until(lambda: fake.remembered("modes-set") == "0 1 ")


def test_that_what_a_board_that_lost_its_power_left_behind_is_put_back_later(
    fake: FakeJetson,
) -> None:
    with (
        pytest.raises(BoardError),
        connect(fake.board) as connection,
        held_power(connection, look_at(connection), ALL),
    ):
        fake.restart()
        connection.run(["true"])
    assert fake.remembered("modes-set") == "0 "

    with connect(fake.board) as connection:
        left = unfinished(connection)
        assert left is not None
        assert (left.mode_before, left.held_clocks) == (1, True)
        put_back(connection)
        assert unfinished(connection) is None
    assert fake.remembered("modes-set") == "0 1 "


def test_that_nothing_is_changed_without_a_wish(fake: FakeJetson, connection: Connection) -> None:
    with held_power(connection, look_at(connection), PowerWish()) as mode:
        assert mode is not None
        assert mode.name == "25W"

    assert fake.remembered("modes-set") == ""


def test_that_a_board_whose_sudo_asks_says_what_to_do_and_takes_the_password(
    fake: FakeJetson, connection: Connection
) -> None:
    fake.change(sudo_without_password=False)
    jetson = look_at(connection)

    with pytest.raises(BoardError) as refused, held_power(connection, jetson, ALL):
        pass
    assert "sudo" in refused.value.remedy
    with held_power(connection, jetson, ALL, PASSWORD):
        assert fake.remembered("modes-set") == "0 "
    assert fake.remembered("modes-set") == "0 1 "


def test_that_a_wrong_password_changes_nothing(fake: FakeJetson, connection: Connection) -> None:
    fake.change(sudo_without_password=False)

    with (
        pytest.raises(BoardError, match="could not be changed"),
        held_power(connection, look_at(connection), ALL, "wrong"),
    ):
        pass

    assert (fake.remembered("modes-set"), fake.remembered("clocks")) == ("", "free")


def test_that_a_mode_that_needs_a_restart_is_not_forced(
    fake: FakeJetson, connection: Connection
) -> None:
    wish = PowerWish(mode="MAXN_SUPER", hold_clocks=True)

    with pytest.raises(BoardError) as refused, held_power(connection, look_at(connection), wish):
        pass

    assert "restart" in refused.value.what
    assert "sudo nvpmodel -m 2" in refused.value.remedy
    assert fake.remembered("clocks") == "free"
    assert unfinished(connection) is None


def test_that_a_mode_the_board_does_not_have_is_refused_with_those_it_has(
    connection: Connection,
) -> None:
    wish = PowerWish(mode="40W; reboot")

    with (
        pytest.raises(InputError, match="15W, 25W, MAXN_SUPER"),
        held_power(connection, look_at(connection), wish),
    ):
        pass


def test_that_the_sensors_are_read_while_they_are_watched(
    fake: FakeJetson, connection: Connection
) -> None:
    with PowerWatch(connection) as watch:
        wait_until(lambda: len(watch.trace().readings) > 4)
        trace = watch.trace()

    assert trace.covers == "the whole module (VDD_IN)"
    assert trace.typical(lambda one: one.watts) == pytest.approx(4.8, rel=0.02)
    wait_until(lambda: not any("tegrastats" in line for line in fake.running()))


def test_that_the_monitors_are_read_where_tegrastats_shows_no_rails(
    fake: FakeJetson, connection: Connection
) -> None:
    fake.change(idle="RAM 1/2MB (lfb 1x4MB) CPU [0%@729] GR3D_FREQ 0%@[305] cpu@48.5C")
    monitor = fake.root / "sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1"
    monitor.mkdir(parents=True)
    for name, text in (("in1_label", "VDD_IN"), ("in1_input", "5000"), ("curr1_input", "960")):
        (monitor / name).write_text(f"{text}\n")

    with PowerWatch(connection) as watch:
        wait_until(lambda: watch.trace().typical(lambda one: one.watts) is not None)
        trace = watch.trace()

    assert trace.source == "INA3221"
    assert trace.typical(lambda one: one.watts) == pytest.approx(4.8)
    assert trace.typical(lambda one: one.hottest_celsius) == 48.5


def test_that_a_board_without_sensors_is_not_measured_and_says_why(
    fake: FakeJetson, connection: Connection
) -> None:
    fake.change(idle="RAM 1/2MB (lfb 1x4MB) CPU [0%@729] cpu@48.5C")

    with PowerWatch(connection) as watch:
        wait_until(lambda: bool(watch.trace().readings))
        trace = watch.trace()

    assert trace.joules(0, 1e12) is None
    assert trace.missing.startswith("Not measured:")
    assert "power meter" in trace.missing
