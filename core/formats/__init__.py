"""The model formats that can be read, and the way from a path to a ModelGraph."""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from core.discovery import Catalogue, discover
from core.errors import InputError
from core.formats.base import Format
from core.formats.foreign import recognize
from core.model.graph import ModelGraph


@cache
def formats() -> Catalogue[Format]:
    """Every format, by name."""
    return discover(sys.modules[__name__], Format, "model format")


def read_graph(path: Path) -> ModelGraph:
    """Read a model file's structure, whatever its format. Raises InputError."""
    return format_of(path).read_graph(path)


def metadata_of(path: Path) -> Mapping[str, str]:
    """What a model file says about itself, to the letter: `ModelGraph.metadata` is for people.

    Text recognizers keep their characters there, one on each line. Raises InputError.
    """
    found = format_of(path)
    if found.name != "onnx":
        return found.read_graph(path).metadata
    from core.model.onnx_file import read_skeleton

    return {entry.key: entry.value for entry in read_skeleton(path).metadata_props}


def check_runnable(path: Path) -> None:
    """Raise InputError when no runtime may open the model. Call it before any engine does."""
    format_of(path).check_runnable(path)


def check_runnable_onnx(path: Path) -> None:
    """The same for work that is done on ONNX alone: compressing, feeding with images, comparing."""
    found = format_of(path)
    found.check_runnable(path)
    if found.name != "onnx":
        raise InputError(
            f"“{path.name}” can be looked at and measured, but this needs ONNX.",
            f"It is a model in the format {found.label}.",
            "Open the ONNX model that it was converted from.",
        )


def format_of(path: Path) -> Format:
    """The format of a file, by its content.

    Raises InputError that says what the file is instead, and what to do about it.
    """
    try:
        return _format_of(path)
    except FileNotFoundError as error:
        raise InputError(
            f"There is no file “{path}”.",
            "It may have been moved, renamed or deleted.",
            "Check the path and choose the file again.",
        ) from error
    except OSError as error:
        raise InputError(
            f"“{path.name}” cannot be read.",
            f"The operating system says: {error.strerror or error}.",
            "Check that you may read the file and that its disk is connected.",
        ) from error


def _format_of(path: Path) -> Format:
    is_folder = path.is_dir()
    if not is_folder:
        _check_plain_file(path)
    for known in formats():
        if (known.folders or not is_folder) and known.sniff(path):
            return known
    foreign = recognize(path)
    if foreign is not None:
        raise _not_a_model(path, f"It is {foreign.kind}.", foreign.remedy)
    raise _not_a_model(
        path,
        f"Its content is none of the formats that are known: {_labels()}.",
        "Export the model to ONNX in the program that made it, and open that file.",
    )


def _check_plain_file(path: Path) -> None:
    if not path.exists() and not path.is_symlink():
        raise FileNotFoundError(path)
    if not path.is_file():
        raise _not_a_model(path, "It is no plain file.", "Choose a model file.")
    if path.stat().st_size == 0:
        remedy = "Copy or download it again, or export the model again."
        raise _not_a_model(path, "The file is empty.", remedy)


def _labels() -> str:
    return ", ".join(known.label for known in formats())


def _not_a_model(path: Path, why: str, remedy: str) -> InputError:
    return InputError(f"“{path.name}” is no model that Edgewright can read.", why, remedy)
