"""Puts models onto a board: named by what is in them, copied once, with their external weights."""

from collections.abc import Callable
from pathlib import Path

from core.formats import format_of
from core.model.fingerprint import fingerprint
from core.remote.board_files import is_there, make_folder, place_of
from core.remote.connection import Connection

Progress = Callable[[float, float, str], None]
"""done, total, text; may raise to stop."""

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
    files = {model: _MODEL, **{file: place_of(file, model) for file in companions}}
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
