"""The zip archives that PyTorch writes, read with limits and never unpacked to disk."""

import json
import zipfile
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from core.errors import InputError
from core.model.onnx_file import broken, unreadable

Kind = Literal["exported program", "compiled program", "TorchScript", "tensors"]

SIGN = b"PK\x03\x04"
MOST_ENTRIES = 500_000
LARGEST_TEXT = 512 << 20
"""Bytes of one entry that is read: a graph, a pickle, a file of code."""
_LARGEST_RATIO = 200
"""Unpacked to packed; text that people write shrinks to a tenth, a zip bomb to a thousandth."""
_FREE_OF_RATIO = 1 << 20
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What the standard library raises for archives that are cut, forged or encrypted."""


class Archive:
    """An open archive. Its entries are named without the folder that all of them lie in."""

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file is no whole archive."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise unreadable(path, error) from error
        except _FAULTS as error:
            raise broken(path, "It is an archive whose table of contents is missing.") from error
        self._entries = self._listed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._zip.close()

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if len(infos) > MOST_ENTRIES:
            raise broken(self.path, f"It is an archive with {len(infos):,} entries.")
        # torch.save and torch.export put all entries into one folder; an optional “.data” beside.
        root = infos[0].filename.partition("/")[0] + "/" if infos else ""
        if not all(info.filename.startswith(root) for info in infos):
            root = ""
        return {info.filename.removeprefix(root): info for info in infos}

    @cached_property
    def names(self) -> Sequence[str]:
        return tuple(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def below(self, folder: str, suffix: str) -> Sequence[str]:
        """Names of the entries in a folder, at any depth, in order."""
        found = (name for name in self._entries if name.startswith(folder))
        return tuple(name for name in found if name.endswith(suffix))

    def size(self, name: str) -> int:
        """Unpacked bytes of an entry as the table of contents says; 0 where there is none."""
        info = self._entries.get(name)
        return 0 if info is None else info.file_size

    def read(self, name: str) -> bytes:
        """The content of an entry. Raises InputError for one that is missing, huge or damaged."""
        info = self._entries.get(name)
        if info is None:
            raise broken(self.path, f"The entry “{name[:80]}” is missing in it.")
        self._check_size(info)
        try:
            with self._zip.open(info) as entry:
                content = entry.read(info.file_size + 1)
        except OSError as error:
            raise unreadable(self.path, error) from error
        except _FAULTS as error:
            raise broken(self.path, f"The entry “{name[:80]}” cannot be unpacked.") from error
        if len(content) > info.file_size:
            raise broken(self.path, f"The entry “{name[:80]}” is larger than it says.")
        return content

    def text(self, name: str) -> str:
        """An entry that holds UTF-8 text. Raises InputError."""
        try:
            return self.read(name).decode()
        except UnicodeDecodeError as error:
            raise broken(self.path, f"The text of “{name[:80]}” is not UTF-8.") from error

    def json(self, name: str) -> object:
        """An entry that holds JSON. Raises InputError."""
        try:
            return json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            raise broken(self.path, f"“{name[:80]}” in it is no JSON.") from error

    def _check_size(self, info: zipfile.ZipInfo) -> None:
        too_large = info.file_size > LARGEST_TEXT
        packed_too_well = (
            info.file_size > _FREE_OF_RATIO and info.file_size > info.compress_size * _LARGEST_RATIO
        )
        if too_large or packed_too_well:
            raise InputError(
                f"“{self.path.name}” is not read.",
                f"Its entry “{info.filename[:80]}” would unpack to {info.file_size:,} bytes, which "
                "no description of a model needs: the file was made to exhaust memory.",
                "Get the model from a source that you trust.",
            )


def kind_of(path: Path) -> Kind | None:
    """What PyTorch wrote into a file; None for a file that is none of its archives.

    A cut archive has no table of contents: it counts as “tensors” when its first entry looks like
    PyTorch's, so that reading it says that it is damaged. Raises OSError.
    """
    with path.open("rb") as file:
        start = file.read(256)
    if not start.startswith(SIGN):
        return None
    try:
        with Archive(path) as archive:
            return _kind(archive)
    except InputError:
        return "tensors" if _first_entry_is_torch(start) else None


def _kind(archive: Archive) -> Kind | None:
    if "serialized_exported_program.json" in archive or archive.below("models/", ".json"):
        return "exported program"
    if archive.below("data/aotinductor/", ""):
        return "compiled program"
    if "constants.pkl" in archive and archive.below("code/", ".py"):
        return "TorchScript"
    return "tensors" if "data.pkl" in archive else None


def _first_entry_is_torch(start: bytes) -> bool:
    length = int.from_bytes(start[26:28], "little")
    name = start[30 : 30 + length]
    known = (b"/data.pkl", b"/data/", b"/archive_format", b"/byteorder", b"/models/", b"/code/")
    return any(sign in name for sign in known)
