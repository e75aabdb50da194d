"""Our own SSH key: made once, kept for this user alone; boards get its public line."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BoardError
from core.jobs.folders import storage_errors
from core.remote.boards import configuration_folder

if TYPE_CHECKING:
    from core.remote.connection import Connection

_COMMENT = "edgewright"
_OWNER_ONLY = 0o600

_INSTALL = """umask 077
read -r line && mkdir -p "$HOME/.ssh" || exit 1
file="$HOME/.ssh/authorized_keys"
touch "$file" || exit 1
grep -qxF -- "$line" "$file" && exit 0
if [ -n "$(tail -c 1 "$file")" ]; then echo >>"$file" || exit 1; fi
printf '%s\\n' "$line" >>"$file"
"""
"""Appends the line that it reads, once; what stands there already stays as it is."""

_REMOVE = """umask 077
read -r line || exit 1
file="$HOME/.ssh/authorized_keys"
grep -qxF -- "$line" "$file" || exit 0
rest="$(mktemp "$file.XXXXXX")" || exit 1
grep -vxF -- "$line" "$file" >"$rest"
chmod 600 "$rest" && mv -f -- "$rest" "$file"
"""


def own_key() -> Path:
    """The private key of this user's Edgewright, made at the first call. Raises UserError."""
    folder = configuration_folder()
    private = folder / "id_ed25519"
    with storage_errors(private):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not private.exists():
            _make(private)
    return private


def install_key(connection: "Connection") -> None:
    """Let our key log in from now on. Raises BoardError."""
    _told(connection, _INSTALL, "Our key could not be installed")


def uninstall_key(connection: "Connection") -> None:
    """Take our key away again. Raises BoardError."""
    _told(connection, _REMOVE, "Our key could not be taken away")


def _make(private: Path) -> None:
    """A link is either made whole or not at all: of two that make a key at once one wins."""
    from core.remote.secure_shell import new_private_key

    mine = private.with_name(f".{private.name}.{os.urandom(8).hex()}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(new_private_key(_COMMENT))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(mine, private)
    finally:
        mine.unlink()


def _told(connection: "Connection", script: str, problem: str) -> None:
    from core.remote.secure_shell import public_line_of

    line = f"{public_line_of(own_key())}\n"
    done = connection.run(["sh", "-c", script], input=line)
    if done.rc:
        raise BoardError(
            f"{problem} on “{connection.board.name}”.",
            f"Its ~/.ssh/authorized_keys cannot be changed: {done.err.strip()[:300]}.",
            "Check the owner and rights of the folder .ssh on the board.",
        )
