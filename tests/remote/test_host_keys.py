"""Four cases of host keys; on the three bad ones nothing that is secret leaves this computer."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import asyncssh
import pytest

from core.errors import BoardError, ChangedHostKey, OtherBoard, UnknownHostKey
from core.remote.board import USB_HOST, Board
from core.remote.boards import add_board
from core.remote.connection import connect, first_contact
from core.remote.keys import own_key
from core.remote.secure_shell import public_line_of
from tests.remote.sshd import Sshd

PASSWORD = "open sesame"


@dataclass
class Listener:
    """An SSH server that writes down all that anybody says to get in."""

    key: asyncssh.SSHKey = field(
        default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519")
    )
    users: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def host_key(self) -> str:
        return " ".join(self.key.export_public_key("openssh").decode().split()[:2])

    def session(self) -> asyncssh.SSHServer:
        listener = self

        class Session(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                listener.users.append(username)
                return True

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                listener.secrets.append(key.get_fingerprint())
                return False

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                listener.secrets.append(password)
                return password == PASSWORD

        return Session()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found, loop = Listener(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            found.session, "127.0.0.1", 0, server_host_keys=[found.key], config=None
        )

    acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result()
    found.port = acceptor.get_port()
    yield found

    async def stop() -> None:
        acceptor.close()
        await acceptor.wait_closed()

    asyncio.run_coroutine_threadsafe(stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def a_board(listener: Listener, host_key: str, name: str = "Mine") -> Board:
    return Board(
        name=name,
        kind="linux",
        host="127.0.0.1",
        port=listener.port,
        user="pi",
        host_key=host_key,
    )


def other_key() -> str:
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh")
    return " ".join(key.decode().split()[:2])


def test_that_the_accepted_key_lets_the_password_through(listener: Listener) -> None:
    with connect(a_board(listener, listener.host_key), password=PASSWORD):
        pass
    assert listener.users == ["pi"]
    assert PASSWORD in listener.secrets


def test_that_the_first_contact_shows_the_key_and_says_nothing(listener: Listener) -> None:
    shown = first_contact("127.0.0.1", listener.port)
    assert shown.key == listener.host_key
    assert shown.fingerprint == listener.key.get_fingerprint()
    assert (listener.users, listener.secrets) == ([], [])


def test_that_a_key_that_nobody_accepted_gets_no_secret(listener: Listener) -> None:
    with pytest.raises(UnknownHostKey, match="Nobody has accepted") as refused:
        connect(a_board(listener, ""), password=PASSWORD).__enter__()
    assert listener.key.get_fingerprint() in refused.value.why
    assert (listener.users, listener.secrets) == ([], [])


def test_that_a_changed_key_gets_no_secret(listener: Listener) -> None:
    with pytest.raises(ChangedHostKey, match="installed anew") as refused:
        connect(a_board(listener, other_key()), password=PASSWORD).__enter__()
    assert "shows another key than “Mine” did" in refused.value.what
    assert (listener.users, listener.secrets) == ([], [])


def test_that_a_swapped_board_is_called_by_its_name_and_gets_no_secret(listener: Listener) -> None:
    other = a_board(listener, listener.host_key, "The other Jetson")
    add_board(other)
    with pytest.raises(ChangedHostKey, match="The other Jetson") as refused:
        connect(a_board(listener, other_key()), password=PASSWORD).__enter__()
    assert "swapped" in refused.value.why
    assert (listener.users, listener.secrets) == ([], [])


def test_that_a_swap_on_the_usb_address_says_why_addresses_are_no_names() -> None:
    from core.remote import refusals

    mine, other = (
        Board(name=name, kind="jetson", host=USB_HOST, user="nvidia", host_key=other_key())
        for name in ("Mine", "The other")
    )
    assert "Every Jetson has the address" in refusals.swapped(mine, other).why


def test_that_the_right_key_with_another_serial_number_is_another_board(
    board: Board, sshd: Sshd
) -> None:
    with pytest.raises(OtherBoard, match="1234567") as refused:
        connect(board.model_copy(update={"serial": "1234567"})).__enter__()
    assert "copied disk" in refused.value.why
    with connect(board) as connection:
        serial = connection.serial()
    with connect(board.model_copy(update={"serial": serial})) as connection:
        assert connection.serial() == serial


def test_that_a_board_whose_key_is_of_another_type_is_asked_for_the_accepted_one(
    sshd: Sshd,
) -> None:
    sshd.authorize(public_line_of(own_key()))
    shown = first_contact("127.0.0.1", sshd.port)
    assert shown.key.startswith("ssh-ed25519 ")
    rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ"
    board = Board(
        name="x", kind="linux", host="127.0.0.1", port=sshd.port, user=sshd.user, host_key=rsa
    )
    with pytest.raises(BoardError, match="another key"):
        connect(board).__enter__()
