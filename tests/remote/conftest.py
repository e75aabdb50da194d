"""A board on loopback that a real sshd serves, and ways to make it fail."""

import shutil
from collections.abc import Iterator

import pytest

from core.remote.board import Board
from core.remote.boards import add_board
from core.remote.connection import Connection, connect
from core.remote.keys import own_key
from core.remote.secure_shell import public_line_of
from tests.remote.sshd import Sshd


@pytest.fixture(scope="session")
def running_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    server = Sshd(tmp_path_factory.mktemp("board"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sshd(running_sshd: Sshd) -> Iterator[Sshd]:
    """As good as new; what was brought to it in an earlier test is still there."""
    yield running_sshd
    for program in running_sshd.stand_ins.iterdir():
        program.unlink()
    ours = running_sshd.home / ".edgewright"
    for folder in (running_sshd.home / ".ssh", *ours.glob("environment-*")):
        shutil.rmtree(folder, ignore_errors=True)
    running_sshd.drop_connections()


@pytest.fixture
def board(sshd: Sshd) -> Board:
    """Added, with our key installed."""
    sshd.authorize(public_line_of(own_key()))
    add_board(board := sshd.board)
    return board


@pytest.fixture
def connection(board: Board) -> Iterator[Connection]:
    with connect(board) as connection:
        yield connection
