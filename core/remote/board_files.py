"""Files and folders of ours on a board: made, looked for, deleted, and named without harm."""

import re
from collections.abc import Mapping
from pathlib import Path

from core.errors import BoardError, InputError
from core.remote.connection import BytesProgress, Connection

_HARMLESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,100}")


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


def bring_files(
    connection: Connection, files: Mapping[Path, str], folder: str, progress: BytesProgress
) -> None:
    """Copy what is not there yet; `files` tells each one's place in a folder of ours.

    `progress` counts the bytes of all. Raises UserError.
    """
    sizes = {file: file.stat().st_size for file in files}
    total, done = sum(sizes.values()), 0
    for file, place in files.items():
        remote = f"{folder}/{place}"
        if not is_there(connection, remote):
            make_folder(connection, remote.rpartition("/")[0])
            start = done
            connection.put(file, remote, lambda sent, _, start=start: progress(start + sent, total))
        done += sizes[file]


def place_of(companion: Path, model: Path) -> str:
    """Where a model looks for its weights, from its own folder. Raises InputError."""
    place = companion.relative_to(model.parent).as_posix()
    if is_harmless(place):
        return place
    raise InputError(
        f"The weights file “{place[:80]}” cannot be copied to a board.",
        "Its name holds signs other than letters, digits, dots and dashes.",
        "Save the model from Edgewright first: it then lies in one file.",
    )


def is_harmless(place: str) -> bool:
    """Whether a relative path has only plain names in it, none of which leads upwards."""
    return all(_HARMLESS.fullmatch(part) for part in place.split("/"))
