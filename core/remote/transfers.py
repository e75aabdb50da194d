"""Copies of files to and from a board that go on after a break and appear only when right."""

import asyncio
import contextlib
import hashlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.errors import BoardError, ConnectionLost
from core.jobs.folders import flush, storage_errors
from core.remote import refusals
from core.remote.board import Board
from core.remote.command import run_command
from core.remote.linux_texts import room_in
from core.remote.secure_shell import SecureShell

if TYPE_CHECKING:
    import asyncssh

_CHUNK = 1 << 18
"""What is lost at most when the way breaks."""
_WRITE_OR_CREATE = 0x02 | 0x08
"""SSH_FXF_WRITE and SSH_FXF_CREAT (draft-ietf-secsh-filexfer-02, section 6.3): what is there
already is kept, unlike with the modes that have letters."""
_HASH_SECONDS = 600.0
_ATTEMPTS = 2
"""A copy whose hash is wrong is made once more from the start."""


class Transfer(ABC):
    """One file on its way; `go_on` is called again after a break."""

    def __init__(
        self, board: Board, local: Path, remote: str, progress: Callable[[float, float], None]
    ) -> None:
        self.reached = 0
        """Bytes that the last attempt found there, and that it brought."""
        self._board = board
        self._local = local
        self._remote = remote
        self._progress = progress
        self._wrong = 0

    @abstractmethod
    async def go_on(self, shell: SecureShell) -> None:
        """Bring the file over, from where it stands. Raises ConnectionLost, UserError."""

    def _count(self, done: int, total: int) -> None:
        self.reached = done
        self._progress(done, total)

    def _check(self, wanted: str, found: str) -> bool:
        """Whether the copy is right. Raises BoardError when it is wrong again and again."""
        if wanted == found:
            return True
        self._wrong += 1
        if self._wrong < _ATTEMPTS:
            return False
        raise BoardError(
            f"“{self._local.name}” does not arrive as it is.",
            "Its SHA-256 is wrong each time, so the network or a disk changes data.",
            "Use another cable or another disk.",
        )


class Upload(Transfer):
    """From here to the board."""

    _hash = ""

    async def go_on(self, shell: SecureShell) -> None:
        self._hash = self._hash or await asyncio.to_thread(_hash_of, self._local)
        # Named by its content: what is left of another file is never continued.
        partial = f"{self._remote}.{self._hash[:16]}.partial"
        while True:
            await self._send(shell, partial)
            if self._check(self._hash, await _remote_hash(shell, self._board, partial)):
                break
            async with shell.files() as files:
                await files.remove(partial)
        async with shell.files() as files:
            await files.posix_rename(partial, self._remote)

    async def _send(self, shell: SecureShell, partial: str) -> None:
        import asyncssh

        total = self._local.stat().st_size
        try:
            async with shell.files() as files:
                done = self.reached = min(await _size(files, partial) or 0, total)
                async with files.open(partial, _WRITE_OR_CREATE, encoding=None) as there:
                    async for chunk in _chunks(self._local, done):
                        await there.write(chunk, done)
                        done += len(chunk)
                        self._count(done, total)
                    with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                        await there.fsync()
        except ConnectionLost:
            raise
        except BoardError as error:
            raise await self._why(shell, total, error) from error

    async def _why(self, shell: SecureShell, total: int, error: BoardError) -> BoardError:
        """A full disk is only called a failure by OpenSSH's file server."""
        folder = self._remote.rpartition("/")[0]
        free = await _free_bytes(shell, self._board, folder)
        return error if free is None or free > total else refusals.no_room(self._board, total, free)


class Download(Transfer):
    """From the board to here."""

    async def go_on(self, shell: SecureShell) -> None:
        wanted = await _remote_hash(shell, self._board, self._remote)
        partial = self._local.with_name(f".{self._local.name}.{wanted[:16]}.partial")
        with storage_errors(self._local):
            while True:
                await self._receive(shell, partial)
                if self._check(wanted, await asyncio.to_thread(_hash_of, partial)):
                    break
                partial.unlink()
            flush(partial)
            partial.replace(self._local)
            flush(self._local.parent)

    async def _receive(self, shell: SecureShell, partial: Path) -> None:
        async with shell.files() as files:
            total = await _size(files, self._remote) or 0
            with partial.open("ab") as here:
                done = self.reached = here.tell()
                async with files.open(self._remote, "rb", encoding=None) as there:
                    while done < total:
                        chunk = cast("bytes", await there.read(_CHUNK, done))
                        if not chunk:
                            break
                        here.write(chunk)
                        done += len(chunk)
                        self._count(done, total)


async def _size(files: "asyncssh.SFTPClient", path: str) -> int | None:
    import asyncssh

    try:
        return (await files.stat(path)).size
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return None


async def _chunks(file: Path, start: int) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(start)
        while chunk := opened.read(_CHUNK):
            yield chunk


def _hash_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


async def _remote_hash(shell: SecureShell, board: Board, path: str) -> str:
    """Raises BoardError when the board cannot tell."""
    ended = await run_command(shell, board, ["sha256sum", "--", path], seconds=_HASH_SECONDS)
    found = ended.out.decode(errors="replace").lstrip("\\").partition(" ")[0]
    if ended.code or len(found) != hashlib.sha256().digest_size * 2:
        raise BoardError(
            "A file on the board cannot be read.",
            f"sha256sum says: {ended.err.decode(errors='replace').strip()[:300] or 'nothing'}.",
            "Check that the file is there and that the board has coreutils.",
        )
    return found


async def _free_bytes(shell: SecureShell, board: Board, folder: str) -> int | None:
    """Room on the disk of a folder of the board; None when it does not say."""
    ended = await run_command(shell, board, ["df", "-Pk", "--", folder])
    return room_in(ended.out.decode(errors="replace"))
