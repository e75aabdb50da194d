import hashlib
import random
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import BoardError, BoardUnreachable, ConnectionLost, JobCancelled
from core.remote.board import Board
from core.remote.connection import Connection, connect
from tests.remote.proxy import CuttingProxy
from tests.remote.sshd import Sshd

SIZE = 300_000

NO_ROOM = """#!/bin/sh
echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
echo "/dev/mmcblk0p1 1000000 999990 10 100% /"
"""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks are mended at once."""
    monkeypatch.setattr("core.remote.connection._LONGEST_PAUSE_SECONDS", 0.001)


@pytest.fixture(autouse=True)
def empty_place(sshd: Sshd) -> None:
    for left in sshd.home.glob("there*"):
        left.unlink()


@contextmanager
def way_to(board: Board) -> Generator[tuple[CuttingProxy, Connection]]:
    """A connection that can be cut."""
    with (
        CuttingProxy(board.port) as way,
        connect(board.model_copy(update={"port": way.port})) as connection,
    ):
        yield way, connection


def a_file(folder: Path, name: str, size: int = SIZE, seed: int = 0) -> Path:
    path = folder / name
    path.write_bytes(random.Random(seed).randbytes(size))
    return path


def test_that_files_cross_whole_and_leave_nothing_else(
    connection: Connection, sshd: Sshd, tmp_path: Path
) -> None:
    told: list[tuple[float, float]] = []
    local = a_file(tmp_path, "here", 3_000_000)
    place = f"{connection.folder}/there"

    connection.put(local, place, lambda done, total: told.append((done, total)))
    connection.get(place, tmp_path / "back")

    assert (tmp_path / "back").read_bytes() == local.read_bytes()
    assert told[-1] == (3_000_000, 3_000_000)
    assert not list((sshd.home / ".edgewright").glob("*.partial"))
    assert sorted(file.name for file in tmp_path.iterdir() if file.is_file()) == ["back", "here"]


def test_that_a_hundred_dropped_copies_arrive_with_a_hundred_right_hashes(
    board: Board, sshd: Sshd, tmp_path: Path, hurried: None
) -> None:
    draw = random.Random(7)
    here, back = tmp_path / "here", tmp_path / "back"
    there = sshd.home / "there"
    with way_to(board) as (way, connection):
        for number in range(50):
            content = random.Random(number).randbytes(SIZE)
            here.write_bytes(content)
            way.cut_after(draw.randrange(SIZE))
            connection.put(here, str(there))
            assert there.read_bytes() == content, number
            way.cut_after(draw.randrange(SIZE))
            connection.get(str(there), back)
            assert back.read_bytes() == content, number
        assert way.cuts == 100
    assert not list(sshd.home.glob("*.partial")) and not list(tmp_path.glob(".*.partial"))


def test_that_a_copy_goes_on_where_it_was(board: Board, sshd: Sshd, tmp_path: Path) -> None:
    local = a_file(tmp_path, "local", 3_000_000)
    crossed: list[float] = []
    with way_to(board) as (way, connection):
        way.cut_after(2_000_000)
        connection.put(local, str(sshd.home / "there"), lambda done, total: crossed.append(done))
    assert way.cuts == 1
    assert (sshd.home / "there").read_bytes() == local.read_bytes()
    assert crossed == sorted(crossed), "it did not begin anew"


def test_that_what_is_left_of_another_file_is_not_continued(
    connection: Connection, sshd: Sshd, tmp_path: Path
) -> None:
    first, second = a_file(tmp_path, "first", seed=1), a_file(tmp_path, "second", seed=2)
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    (sshd.home / f"there.{digest[:16]}.partial").write_bytes(first.read_bytes()[:1000])
    connection.put(second, str(sshd.home / "there"))
    assert (sshd.home / "there").read_bytes() == second.read_bytes()


def test_that_a_damaged_rest_is_noticed_and_copied_anew(
    connection: Connection, sshd: Sshd, tmp_path: Path
) -> None:
    local = a_file(tmp_path, "local")
    digest = hashlib.sha256(local.read_bytes()).hexdigest()
    (sshd.home / f"there.{digest[:16]}.partial").write_bytes(b"x" * 1000)
    connection.put(local, str(sshd.home / "there"))
    assert (sshd.home / "there").read_bytes() == local.read_bytes()


def test_that_a_disk_that_changes_data_is_not_trusted(
    connection: Connection, sshd: Sshd, tmp_path: Path
) -> None:
    sshd.stand_in("sha256sum", f"#!/bin/sh\necho '{'0' * 64}  file'\n")
    with pytest.raises(BoardError, match="SHA-256 is wrong each time"):
        connection.put(a_file(tmp_path, "local"), str(sshd.home / "there"))
    assert not (sshd.home / "there").exists()


def test_that_a_full_disk_is_said_with_its_figures(
    connection: Connection, sshd: Sshd, tmp_path: Path
) -> None:
    sshd.stand_in("df", NO_ROOM)
    local = a_file(tmp_path, "local")
    digest = hashlib.sha256(local.read_bytes()).hexdigest()
    full = sshd.home / f"there.{digest[:16]}.partial"
    full.symlink_to("/dev/full")
    with pytest.raises(BoardError, match=r"0\.3 MB are needed, 0\.0 MB are free"):
        connection.put(local, str(sshd.home / "there"))
    assert not (sshd.home / "there").exists()
    full.unlink()


def test_that_a_missing_file_is_no_copy(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="cannot be read"):
        connection.get("/nowhere/at all", tmp_path / "here")
    assert not (tmp_path / "here").exists()


def test_that_a_copy_can_be_cancelled(connection: Connection, sshd: Sshd, tmp_path: Path) -> None:
    def cancel(done: float, total: float) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        connection.put(a_file(tmp_path, "local"), str(sshd.home / "there"), cancel)
    assert not (sshd.home / "there").exists()


def test_that_a_way_that_never_holds_is_given_up(
    board: Board, sshd: Sshd, tmp_path: Path, hurried: None
) -> None:
    with way_to(board) as (way, connection):
        way.never_holds = True
        with pytest.raises((ConnectionLost, BoardUnreachable)):
            connection.put(a_file(tmp_path, "local"), str(sshd.home / "there"))
    assert way.cuts >= 5


def test_that_a_board_that_never_tells_a_hash_is_given_up(
    connection: Connection, sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.remote.transfers._HASH_SECONDS", 0.1)
    sshd.stand_in("sha256sum", "#!/bin/sh\nexec sleep 600\n")
    with pytest.raises(BoardError, match="did not end within"):
        connection.put(a_file(tmp_path, "local"), str(sshd.home / "there"))
