"""Where a dataset's files lie: a folder or a zip file, read one at a time, never unpacked."""

import os
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import InputError

LARGEST_FILE = 64 << 20
"""Bytes; no photo needs more, and a hostile archive would gladly give more."""
LARGEST_RATIO = 200
"""Unpacked over packed size; images hardly compress, bombs do."""
SMALL_FILE = 1 << 20
"""Bytes below which the ratio does not matter: a blank picture compresses well."""
MOST_FILES = 2_000_000


@dataclass(frozen=True)
class Entry:
    """A file inside a source; `fault` says why it must not be read, or is empty."""

    key: str
    fault: str = ""

    @property
    def folders(self) -> tuple[str, ...]:
        return PurePosixPath(self.key).parts[:-1]


class Source(ABC):
    """A folder or an archive. Reading is thread-safe."""

    @abstractmethod
    def entries(self) -> Iterator[Entry]:
        """Every file by its path with forward slashes, in no special order."""

    @abstractmethod
    def read(self, key: str, limit: int = LARGEST_FILE) -> bytes:
        """At most `limit` bytes. Raises InputError."""


def source_at(path: Path) -> Source | None:
    """The source at a path, or None when it is neither a folder nor a zip file."""
    if path.is_dir():
        return FolderSource(path)
    if path.is_file() and zipfile.is_zipfile(path):
        return ZipSource(path)
    return None


class FolderSource(Source):
    def __init__(self, root: Path) -> None:
        self._root = root

    def entries(self) -> Iterator[Entry]:
        for folder, _, names in os.walk(self._root):
            for name in names:
                path = Path(folder, name)
                yield Entry(path.relative_to(self._root).as_posix(), _file_fault(path))

    def read(self, key: str, limit: int = LARGEST_FILE) -> bytes:
        try:
            with (self._root / key).open("rb") as file:
                return file.read(limit)
        except OSError as error:
            raise _unreadable(key, error.strerror or str(error)) from error


class ZipSource(Source):
    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise _damaged(path.name, str(error)) from error
        if len(self._archive.infolist()) > MOST_FILES:
            raise _damaged(path.name, f"It lists more than {MOST_FILES:,} files.")

    def entries(self) -> Iterator[Entry]:
        for info in self._archive.infolist():
            if not info.is_dir():
                yield Entry(info.filename, _member_fault(info))

    def read(self, key: str, limit: int = LARGEST_FILE) -> bytes:
        # The size that the archive declares is not trusted: reading stops at the limit.
        try:
            with self._archive.open(key) as member:
                return member.read(limit)
        except (
            OSError,
            EOFError,
            KeyError,
            RuntimeError,  # includes NotImplementedError: encryption, unknown compression
            ValueError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise _unreadable(key, str(error)) from error


def _file_fault(path: Path) -> str:
    try:
        regular, size = path.is_file(), path.stat().st_size
    except OSError:
        return "cannot be read"
    if not regular:
        return "is no regular file"
    return "is too large" if size > LARGEST_FILE else ""


def _member_fault(info: zipfile.ZipInfo) -> str:
    name = PurePosixPath(info.filename)
    if name.is_absolute() or ".." in name.parts or "\\" in info.filename or ":" in info.filename:
        return "has a path that leaves the archive"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.file_size > LARGEST_FILE:
        return "is too large"
    packed = max(info.compress_size, 1)
    if info.file_size > SMALL_FILE and info.file_size / packed > LARGEST_RATIO:
        return "unpacks to far more than its size"
    return ""


def _unreadable(key: str, why: str) -> InputError:
    return InputError(
        f"“{key}” cannot be read.",
        f"The reason given is: {why}.",
        "Check the file or leave it out of the dataset.",
    )


def _damaged(name: str, why: str) -> InputError:
    return InputError(
        f"“{name}” is damaged or not meant as a dataset.", why, "Make the zip file again."
    )
