import pytest
from pydantic import ValidationError

from core.devices import find_device, open_ground
from core.errors import InputError
from core.remote.board import Board
from core.remote.boards import add_board, boards, configuration_folder, remove_board

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"


def a_board(name: str, **facts: str) -> Board:
    return Board(name=name, kind="linux", host="10.0.0.7", user="pi", host_key=KEY, **facts)


def test_that_boards_are_remembered_by_id_and_found_by_name() -> None:
    first, second = a_board("Pi by the window"), a_board("another")
    add_board(first)
    add_board(second)

    assert boards().failed == {}
    assert list(boards().found.values()) == [second, first]
    assert boards().named("another") == second
    assert boards().named(first.id) == first

    add_board(first.model_copy(update={"name": "Pi in the attic"}))
    assert len(boards().found) == 2
    remove_board(first.id)
    remove_board(first.id)
    assert list(boards().found) == [second.id]


def test_that_two_boards_of_one_name_are_told_apart_by_their_ids() -> None:
    first, second = a_board("Pi"), a_board("Pi")
    add_board(first)
    add_board(second)

    with pytest.raises(InputError, match="2 boards called “Pi”") as failure:
        boards().named("Pi")
    assert first.id in failure.value.why and second.id in failure.value.why


def test_that_a_file_that_is_no_board_takes_no_other_with_it() -> None:
    add_board(a_board("Pi"))
    folder = configuration_folder() / "boards"
    (folder / "torn.json").write_text('{"name": "x", "kind": "linux"')
    (folder / "odd.json").write_text('{"name": "x", "kind": "toaster", "host": "a b"}')

    known = boards()

    assert len(known.found) == 1
    assert set(known.failed) == {"torn.json", "odd.json"}
    assert "kind" in known.failed["odd.json"] and "user" in known.failed["odd.json"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "-oProxyCommand=x"},
        {"host": "a b"},
        {"host": "a;b"},
        {"host": ""},
        {"user": "-l"},
        {"user": "a\nb"},
        {"user": ""},
        {"name": "  "},
        {"name": "a\x1b[2Jb"},
        {"port": 0},
        {"port": 65536},
        {"id": "../../etc"},
        {"password": "secret"},
    ],
)
def test_that_what_is_no_address_user_or_name_is_refused(wrong: dict[str, object]) -> None:
    right = {"name": "Pi", "kind": "linux", "host": "10.0.0.7", "user": "pi", "host_key": KEY}
    Board.model_validate(right)
    with pytest.raises(ValidationError):
        Board.model_validate({**right, **wrong})


def test_that_addresses_read_like_those_of_ssh() -> None:
    assert a_board("Pi").address == "pi@10.0.0.7"
    assert a_board("Pi").model_copy(update={"port": 2222}).address == "pi@10.0.0.7:2222"


def test_that_a_board_called_like_this_computer_does_not_take_its_place() -> None:
    add_board(a_board("local"))

    assert find_device("local").kind == "local"
    with open_ground("local") as ground:
        assert ground.is_here
