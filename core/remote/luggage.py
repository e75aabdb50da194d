"""Files that are brought to a board for work there: named by their content, copied once."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from core.benchmark.contender_process import Contender
from core.benchmark.sampling import Progress
from core.formats import format_of
from core.model.onnx_file import sha256_of
from core.remote.board_files import bring_files, place_of
from core.remote.connection import Connection
from core.sizes import bytes_words

_DIGITS = 16
_INPUTS = "inputs"


class Luggage:
    """All that one stay on a board needs; what was brought in an earlier one is still there."""

    def __init__(self, connection: Connection, progress: Progress) -> None:
        self._connection = connection
        self._progress = progress
        self._places: dict[Path, str] = {}

    def contender(self, contender: Contender) -> Contender:
        """The same with the model's place on the board. Raises UserError."""
        model = contender.model
        if model not in self._places:
            self._places[model] = self._bring(_files_of_model(model), f"Copying {contender.label}")
        return contender.model_copy(update={"model": Path(self._places[model])})

    def feeds(self, feeds: Path | None) -> Path | None:
        """Where a .npy file of rows, or a folder that TensorWriter wrote, lies on the board."""
        if feeds is None:
            return None
        if feeds not in self._places:
            self._places[feeds] = self._bring(_files_of_inputs(feeds), "Copying the inputs")
        folder = Path(self._places[feeds])
        return folder.parent if feeds.is_dir() else folder

    def _bring(self, files: Mapping[Path, str], text: str) -> str:
        """Copy what is not there yet; returns the place of the first file.

        Their folder has a name of hex digits, made of what is in them: no name that a person
        chose reaches the board, save those of weights that a model itself names.
        """
        folder = f"{self._connection.folder}/files/{_digest(files)}"

        def progress(done: float, total: float) -> None:
            said = f"{text}: {bytes_words(done)} of {bytes_words(total)}"
            self._progress(0.0, 1.0, said)  # the work itself has not begun

        bring_files(self._connection, files, folder, progress)
        return f"{folder}/{next(iter(files.values()))}"


def _files_of_model(model: Path) -> dict[Path, str]:
    """The model first. The weights of OpenVINO's models are found by the model's own name."""
    name = f"model{model.suffix}"
    return {
        model: name,
        **{
            file: Path(name).with_suffix(file.suffix).name
            if file.parent == model.parent and file.stem == model.stem
            else place_of(file, model)
            for file in format_of(model).companions(model)
        },
    }


def _files_of_inputs(feeds: Path) -> dict[Path, str]:
    if not feeds.is_dir():
        return {feeds: f"{_INPUTS}{feeds.suffix}"}
    return {file: f"{_INPUTS}/{file.name}" for file in sorted(feeds.iterdir())}


def _digest(files: Mapping[Path, str]) -> str:
    lines = [f"{place} {sha256_of(file)}" for file, place in files.items()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_DIGITS]
