"""SSH itself: connections, processes and files on a board, by the library that speaks it."""
# pyright: reportUnknownMemberType=false
# asyncssh leaves the keyword arguments of some functions without types.

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from core.errors import BoardError, ConnectionLost
from core.remote import refusals
from core.remote.board import HostKey
from core.remote.running import Running

if TYPE_CHECKING:
    import asyncssh

    Process = asyncssh.SSHClientProcess[bytes]
    Reader = asyncssh.SSHReader[bytes]

_CONNECT_SECONDS = 15.0
_KEEPALIVE_SECONDS = 5.0
_KEEPALIVES_MISSED = 3
"""A board that was unplugged is given up after their product."""
_CHUNK = 1 << 16
_NO_TRUST: tuple[list[str], list[str], list[str]] = ([], [], [])
"""Nothing is trusted but what a `Gate` accepts; None would mean that everything is."""
_KEY_TYPES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


@dataclass(frozen=True)
class Login:
    """How to get in: the address, the accepted host key, and what proves who we are."""

    host: str
    port: int
    user: str
    host_key: str
    """Empty while nobody has accepted one: then every key is refused."""
    keys: tuple[Path, ...]
    """Files of private keys; empty means those of the user and of the user's agent."""
    password: Callable[[], str | None] = lambda: None
    """Asked for only when no key was accepted; may take its time."""
    wrong_key: Callable[[HostKey], BoardError] = refusals.unknown_host_key
    """What to raise when the board shows this key instead of the accepted one."""

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Ended:
    """A command that ran to its end; the code is negative for a signal."""

    code: int
    out: bytes
    err: bytes


async def first_host_key(host: str, port: int) -> HostKey:
    """What a board shows before anybody logs in. Raises BoardUnreachable."""
    import asyncssh

    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            key = await asyncssh.get_server_host_key(
                host, port, config=None, server_host_key_algs=_KEY_TYPES
            )
    except (OSError, asyncssh.Error) as error:
        raise refusals.unreachable(f"{host}:{port}", error) from error
    if key is None:
        raise refusals.unreachable(f"{host}:{port}", OSError("It shows no host key"))
    return _shown(key)


def new_private_key(comment: str) -> bytes:
    """A fresh ed25519 key, as files hold it."""
    import asyncssh

    return asyncssh.generate_private_key("ssh-ed25519", comment).export_private_key("openssh")


def public_line_of(private_key: Path) -> str:
    """“ssh-ed25519 AAAA… comment”, as files of authorized keys hold it."""
    import asyncssh

    return asyncssh.read_private_key(private_key).export_public_key("openssh").decode().strip()


class SecureShell:
    """One connection on which the login succeeded. Its methods belong to the loop's thread."""

    def __init__(self, connection: "asyncssh.SSHClientConnection", place: str) -> None:
        self._connection = connection
        self._place = place

    @classmethod
    async def open(cls, login: Login) -> Self:
        """Raises BoardError in its kinds; no secret reaches a board that shows another key."""
        import asyncssh

        shown: list[HostKey] = []
        try:
            connection = await _connection(login, shown)
        except asyncssh.PermissionDenied as error:
            given = await asyncio.to_thread(login.password) is not None
            raise refusals.login_refused(login.user, login.place, with_password=given) from error
        except asyncssh.HostKeyNotVerifiable as error:
            raise login.wrong_key(shown[0]) from error
        except (OSError, asyncssh.Error) as error:
            raise refusals.unreachable(login.place, error) from error
        return cls(connection, login.place)

    async def close(self) -> None:
        self._connection.abort()
        await self._connection.wait_closed()

    async def run(self, command: str, given: bytes, most_bytes: int) -> Ended:
        """Raises ConnectionLost, and BoardError for an answer that is too long."""
        with self._translated():
            process = await self._connection.create_process(command, encoding=None)
            try:
                return await self._ended(process, given, most_bytes)
            finally:
                process.close()

    async def _ended(self, process: "Process", given: bytes, most_bytes: int) -> Ended:
        with contextlib.suppress(BrokenPipeError):  # it did not want to know
            process.stdin.write(given)
            process.stdin.write_eof()
        out, err = await asyncio.gather(
            self._all_of(process.stdout, most_bytes), self._all_of(process.stderr, most_bytes)
        )
        await process.wait_closed()
        return Ended(self._code(process), out, err)

    async def _all_of(self, stream: "Reader", most_bytes: int) -> bytes:
        parts: list[bytes] = []
        room = most_bytes
        while part := await stream.read(_CHUNK):
            parts.append(part)
            room -= len(part)
            if room < 0:
                raise refusals.too_much(self._place, most_bytes)
        return b"".join(parts)

    async def start(
        self, command: str, on_line: Callable[[bytes], None], on_error: Callable[[bytes], None]
    ) -> Running:
        """Lines come without their end, in the loop's thread. Raises ConnectionLost."""
        with self._translated():
            process = await self._connection.create_process(command, encoding=None)
        return Running(self, process, on_line, on_error)

    @asynccontextmanager
    async def files(self) -> "AsyncGenerator[asyncssh.SFTPClient]":
        """The board's files; what it refuses inside the block is raised as BoardError."""
        with self._translated():
            async with self._connection.start_sftp_client() as client:
                yield client

    def lost(self) -> ConnectionLost:
        return refusals.lost(self._place)

    async def pump(
        self, stream: "Reader", on_line: Callable[[bytes], None], most_bytes: int
    ) -> None:
        """Cut what a stream brings into lines."""
        rest = b""
        with self._translated():
            while part := await stream.read(_CHUNK):
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    on_line(line)
                if len(rest) > most_bytes:
                    raise refusals.too_much(self._place, most_bytes)
        if rest:
            on_line(rest)

    async def end_of(self, process: "Process") -> int:
        with self._translated():
            await process.wait_closed()
        return self._code(process)

    def _code(self, process: "Process") -> int:
        """Raises ConnectionLost where the board did not say how the process ended."""
        if process.returncode is None:
            raise self.lost()
        return process.returncode

    @contextlib.contextmanager
    def _translated(self) -> Generator[None]:
        import asyncssh

        try:
            yield
        except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection) as error:
            raise self.lost() from error
        except asyncssh.SFTPError as error:
            raise refusals.file_problem(self._place, error) from error
        except (asyncssh.Error, ConnectionError) as error:
            raise self.lost() from error


async def _connection(login: Login, shown: list[HostKey]) -> "asyncssh.SSHClientConnection":
    """`shown` takes the key that the board proves itself with."""
    import asyncssh

    class Gate(asyncssh.SSHClient):
        """Lets only the board in whose key was accepted."""

        def validate_host_public_key(
            self, host: str, addr: str, port: int, key: asyncssh.SSHKey
        ) -> bool:
            shown.append(_shown(key))
            return shown[-1].key == login.host_key

    own = {"client_keys": [str(key) for key in login.keys], "agent_path": None}
    return await asyncssh.connect(
        login.host,
        login.port,
        username=login.user,
        config=None,
        client_factory=Gate,
        known_hosts=_NO_TRUST,
        server_host_key_algs=_accepted_first(login.host_key),
        password=lambda: asyncio.to_thread(login.password),
        connect_timeout=_CONNECT_SECONDS,
        login_timeout=_CONNECT_SECONDS,
        keepalive_interval=_KEEPALIVE_SECONDS,
        keepalive_count_max=_KEEPALIVES_MISSED,
        **(own if login.keys else {}),
    )


def _accepted_first(host_key: str) -> list[str]:
    """Boards have keys of several types and show the first that we ask for."""
    kind = host_key.partition(" ")[0].removeprefix("ssh-").split("-")[0] or "ed25519"
    return sorted(_KEY_TYPES, key=lambda name: kind not in name)


def _shown(key: "asyncssh.SSHKey") -> HostKey:
    words = key.export_public_key("openssh").decode().split()
    return HostKey(fingerprint=key.get_fingerprint("sha256"), key=" ".join(words[:2]))
