"""Puts models onto a board: named by what is in them, copied once, with their external weights."""

import re
from collections.abc import Callable
from pathlib import Path

from core.errors import BoardError, InputError
from core.formats import format_of
from core.model.fingerprint import fingerprint
from core.remote.connection import Connection

Progress = Callable[[float, float, str], None]
"""done, total, text; may raise to stop."""

_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,100}")
_NAME_DIGITS = 16
_MODEL = "model.onnx"


def upload_model(connection: Connection, model: Path, progress: Progress) -> tuple[str, str]:
    """The model's path on the board and its fingerprint; it is copied only when it is not there.

    The folder is named by the fingerprint, so that no name of a file ever reaches the board save
    those of external weights, which the model itself holds. Raises UserError.
    """
    companions = format_of(model).companions(model)
    digest = fingerprint(model, companions)
    folder = f"{connection.folder}/models/{digest[:_NAME_DIGITS]}"
    files = {model: _MODEL, **{file: _place_of(file, model) for file in companions}}
    sizes = {file: file.stat().st_size for file in files}
    total, done = sum(sizes.values()), 0
    for file, name in files.items():
        remote = f"{folder}/{name}"
        if not is_there(connection, remote):
            make_folder(connection, remote.rpartition("/")[0])
            start = done
            connection.put(
                file,
                remote,
                lambda sent, whole, start=start: progress(
                    start + sent, total, "Copying the model to the board"
                ),
            )
        done += sizes[file]
    return f"{folder}/{_MODEL}", digest


def is_there(connection: Connection, path: str) -> bool:
    return connection.run(["test", "-e", path]).rc == 0


def make_folder(connection: Connection, path: str) -> None:
    """Make a folder of ours with those around it. Raises BoardError."""
    ran = connection.run(["mkdir", "-p", "--", path])
    if ran.rc:
        raise BoardError(
            "A folder on the board cannot be made.",
            f"It says: {ran.err.strip()[:300] or 'nothing'}.",
            "Check the free space and the rights of the folder .edgewright on the board.",
        )


def remove(connection: Connection, *paths: str) -> None:
    """Delete files or folders of ours; what is not there is no failure."""
    connection.run(["rm", "-rf", "--", *paths])


def size_of(connection: Connection, path: str) -> int | None:
    """Bytes of a file on the board; None where there is none."""
    ran = connection.run(["stat", "-c", "%s", "--", path])
    return int(ran.out) if ran.rc == 0 and ran.out.strip().isdecimal() else None


def _place_of(companion: Path, model: Path) -> str:
    place = companion.relative_to(model.parent).as_posix()
    if all(_HARMLESS.fullmatch(part) for part in place.split("/")):
        return place
    raise InputError(
        f"The weights file “{place[:80]}” cannot be copied to a board.",
        "Its name holds signs other than letters, digits, dots and dashes.",
        "Save the model from Edgewright first: it then lies in one file.",
    )
