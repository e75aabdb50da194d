"""Puts models onto a Jetson: named by what is in them, copied once, with their external weights."""

from pathlib import Path

from core.benchmark.sampling import Progress
from core.formats import format_of
from core.model.fingerprint import fingerprint
from core.remote.board_files import bring_files, place_of
from core.remote.connection import Connection

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
    text = "Copying the model to the board"
    bring_files(connection, files, folder, lambda done, total: progress(done, total, text))
    return f"{folder}/{_MODEL}", digest
