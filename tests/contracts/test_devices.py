"""What every kind of device promises, each asked where there is one."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.benchmark.ground import Ground
from core.devices import devices
from core.devices.base import Device, DeviceFacts, DeviceState
from core.remote.board_device import BoardDevice
from core.remote.boards import add_board
from core.remote.checks import Check
from core.remote.connection import connect
from core.remote.keys import own_key
from core.remote.secure_shell import public_line_of
from tests.fake_tools.jetson import BOARDS, fake_jetson
from tests.remote.sshd import Sshd

KINDS = tuple(devices())
BOARD_KINDS = tuple(kind for kind in KINDS if isinstance(kind, BoardDevice))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Device:
    return request.param


@pytest.fixture
def boards_there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One board of each kind, added."""
    with ExitStack() as stack:
        sshd = Sshd(tmp_path_factory.mktemp("linux"))
        stack.callback(sshd.stop)
        sshd.authorize(public_line_of(own_key()))
        sshd.start()
        jetson = stack.enter_context(fake_jetson(tmp_path_factory.mktemp("jetson"), BOARDS[-1]))
        add_board(sshd.board)
        add_board(jetson.board)
        yield


def test_that_every_kind_can_be_loaded() -> None:
    assert devices().failed == {}


def test_that_a_kind_has_words_for_people(kind: Device) -> None:
    assert kind.name == kind.name.lower().strip()
    assert kind.label and kind.label != kind.name


def test_that_a_kind_tells_what_is_there_and_how_it_is(kind: Device, boards_there: None) -> None:
    found = kind.scan()
    assert isinstance(kind, BoardDevice) <= bool(found)
    for facts in found:
        assert facts.kind == kind.name
        assert facts.name and facts.processor and facts.operating_system
        assert not set(facts.runtimes) & set(facts.missing_runtimes)
        assert kind.find(facts.id) is not None
        assert DeviceFacts.model_validate_json(facts.model_dump_json()) == facts
        state = kind.state(facts)
        assert DeviceState.model_validate_json(state.model_dump_json()) == state
        assert state.load is None or 0 <= state.load <= 1


def test_that_a_kind_does_not_claim_what_is_not_its_own(kind: Device) -> None:
    assert kind.find("nobody’s device") is None
    assert kind.ground("nobody’s device", lambda: None) is None


@pytest.mark.parametrize("kind", BOARD_KINDS, ids=lambda kind: kind.name)
def test_that_a_kind_of_board_without_boards_has_none(kind: BoardDevice) -> None:
    assert kind.scan() == ()


@pytest.mark.parametrize("kind", BOARD_KINDS, ids=lambda kind: kind.name)
def test_that_a_board_is_recognized_checked_and_offers_a_ground(
    kind: BoardDevice, boards_there: None
) -> None:
    (board,) = kind.known()
    with connect(board) as connection:
        assert kind.recognizes(connection)
        checks = list(kind.checks(connection))
        ids = [check.id for check in checks]
        assert len(ids) == len(set(ids))
        for check in checks:
            assert check.title and check.detail
            assert check.remedy or check.state in ("ok", "unknown")
            assert Check.model_validate_json(check.model_dump_json()) == check
    ground = kind.ground(board.name, lambda: None)
    assert ground is not None
    with ground as entered:
        assert isinstance(entered, Ground)
        assert entered.runtimes


def test_that_boards_of_one_kind_are_not_taken_for_another(boards_there: None) -> None:
    special = [kind for kind in BOARD_KINDS if not kind.general]
    for kind in BOARD_KINDS:
        (board,) = kind.known()
        with connect(board) as connection:
            claims = {one.name for one in special if one.recognizes(connection)}
        assert claims == ({kind.name} if not kind.general else set())


def test_that_a_board_that_is_away_is_not_in_the_list(tmp_path: Path) -> None:
    gone = Sshd(tmp_path / "gone")
    gone.port = 9  # nothing listens on the discard port
    add_board(gone.board)
    for kind in BOARD_KINDS:
        assert kind.scan() == ()
