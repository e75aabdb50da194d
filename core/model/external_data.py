"""Checks where a model keeps its weights outside of its own file, before anything opens them.

A model file is hostile until proven otherwise: its external data must be plain files inside the
model's own folder, and large enough for what the model says. ONNX Runtime 1.31 and OpenVINO 2026.4
follow hard links to files elsewhere, so the checks come before any engine (compare CVE-2022-25882,
CVE-2024-27318, CVE-2025-51480).
"""

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from core.errors import InputError
from core.model.attributes import plain
from core.model.onnx_file import stored_bytes, tensors_of

if TYPE_CHECKING:
    import onnx

_DECIMAL = re.compile("[0-9]{1,19}")
_TOGETHER = "Keep the model and its data files, as plain files, in one folder of their own."
_AGAIN = "Copy or download the model again together with its data files."


class LackingData(InputError):
    """A data file is missing or too short: the model can be drawn and not run."""


@dataclass(frozen=True)
class Reference:
    """Where one tensor says that its numbers lie."""

    location: str
    offset: int
    length: int
    """Bytes; what the tensor's shape needs where the model does not say."""


def references(path: Path, model: "onnx.ModelProto") -> Iterator[Reference]:
    """All references of a model out of its file. Raises InputError for senseless numbers.

    References of a skeleton into its own file are left out: they never leave it.
    """
    return references_of(path, tensors_of(model))


def references_of(path: Path, tensors: "Iterable[onnx.TensorProto]") -> Iterator[Reference]:
    """The same for some tensors of the model at `path`."""
    for tensor in tensors:
        if tensor.data_location != tensor.EXTERNAL:
            continue
        entries = {entry.key: entry.value for entry in tensor.external_data}
        location = entries.get("location", "")
        if location == path.name:
            continue
        numbers = [entries.get("offset") or "0", entries.get("length") or "0"]
        if not all(_DECIMAL.fullmatch(number) for number in numbers):
            raise _refusal(
                path, f"Weight “{plain(tensor.name)}” has no sensible place in it.", _AGAIN
            )
        yield Reference(location, int(numbers[0]), stored_bytes(tensor))


def external_files(path: Path, model: "onnx.ModelProto") -> tuple[Path, ...]:
    """The data files of a model, each once, in order; not checked."""
    return files_of(path, references(path, model))


def files_of(path: Path, found: Iterable[Reference]) -> tuple[Path, ...]:
    """The files that are referred to by the model at `path`."""
    return tuple(
        path.parent / location for location in dict.fromkeys(each.location for each in found)
    )


def check_external_data(path: Path, model: "onnx.ModelProto") -> None:
    """Raise InputError unless every data file of `model` at `path` may be read.

    Raises LackingData, an InputError, where the only fault is that numbers are missing.
    """
    check_references(path, references(path, model))


def check_references(path: Path, references: Iterable[Reference]) -> None:
    """The same for references of the model at `path`."""
    needed: dict[str, int] = {}
    for found in references:
        needed[found.location] = max(needed.get(found.location, 0), found.offset + found.length)
    for location in needed:
        _check_location(path, location)
    lacks = [_check_file(path, location, size) for location, size in needed.items()]
    lack = next((why for why in lacks if why is not None), None)
    if lack is not None:
        raise LackingData(f"The data files of “{path.name}” are not complete.", lack, _AGAIN)


def _check_location(path: Path, location: str) -> None:
    windows = PureWindowsPath(location)
    outside = (
        not location
        or "\0" in location
        or ".." in windows.parts
        or windows.drive
        or windows.root
        or PurePosixPath(location).is_absolute()
    )
    if outside:
        shown = plain(location) or "nowhere"
        raise _refusal(path, f"It points to “{shown}”, outside of the model's folder.", _TOGETHER)


def _check_file(path: Path, location: str, size: int) -> str | None:
    """What is missing of a data file, or None."""
    place = path.parent
    for part in _with_parents(PurePosixPath(location)):
        place = path.parent / part
        try:
            status = place.lstat()
        except OSError as error:
            return f"“{plain(str(part))}” is missing: {error.strerror}."
        if stat.S_ISLNK(status.st_mode):
            raise _refusal(path, f"“{plain(str(part))}” is a link to another place.", _TOGETHER)
    status = place.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(path, f"“{plain(location)}” is no plain file.", _TOGETHER)
    if status.st_nlink > 1:
        raise _refusal(
            path, f"“{plain(location)}” is a hard link, shared with another place.", _TOGETHER
        )
    if status.st_size < size:
        return f"“{plain(location)}” has {status.st_size:,} bytes, the model needs {size:,}."
    return None


def _with_parents(location: PurePosixPath) -> Iterable[PurePosixPath]:
    return [*reversed([parent for parent in location.parents if parent.parts]), location]


def _refusal(path: Path, why: str, remedy: str) -> InputError:
    return InputError(f"The data files of “{path.name}” cannot be used.", why, remedy)
