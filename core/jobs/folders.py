"""Run folders and files that are either whole or not there, whatever stops the machine."""

import contextlib
import errno
import os
from collections.abc import Callable, Generator
from pathlib import Path

from core.errors import InputError, UserError

PARTIAL = ".partial"
"""Suffix of a run folder that is not whole yet."""

REQUEST_FILE = "request.json"
OUTCOME_FILE = "outcome.json"
LOG_FILE = "log.txt"
RESULTS_FOLDER = "results"
SCRATCH_FOLDER = "scratch"
"""What lies in it is not kept when the run is whole or swept."""

_TEMPORARY = ".tmp"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOENT, errno.ENOTDIR}


def partial_of(folder: Path) -> Path:
    """Where a run is written before it is whole."""
    return folder.with_name(folder.name + PARTIAL)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file so that a crash or power loss leaves the old or the new content, never a mix.

    Temporary file, fsync, rename, fsync of the folder: of five orders the only one that survived
    every simulated power loss. Raises UserError when the folder is full or read-only.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(16).hex()}{_TEMPORARY}")
    with storage_errors(path):
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        flush(path.parent)


def finish_folder(folder: Path, partial: Path | None = None) -> None:
    """Make a partial folder durable and give it its final name. Raises UserError.

    Without `partial` it is the run that is called NAME.partial.
    """
    import shutil

    partial = partial or partial_of(folder)
    with storage_errors(folder):
        remove_temporary_files(partial)
        shutil.rmtree(partial / SCRATCH_FOLDER, ignore_errors=True)
        for parent, _, names in os.walk(partial):
            for name in names:
                flush(Path(parent) / name)
            flush(Path(parent))
        partial.rename(folder)
        flush(folder.parent)


def flush(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_temporary_files(folder: Path) -> None:
    """Remove what interrupted `write_atomically` calls left in a folder and below."""
    for leftover in folder.rglob(f".*{_TEMPORARY}"):
        leftover.unlink(missing_ok=True)


def sweep(runs: Path, keep: Callable[[Path], bool]) -> tuple[str, ...]:
    """Tidy a folder of runs that no job writes to: finish, keep or remove each partial one.

    A partial run with an outcome was only not renamed; that is done now. Of the others those
    stay that `keep` asks for. Returns the names of the removed folders.
    """
    import shutil

    removed: list[str] = []
    for partial in sorted(runs.glob(f"*{PARTIAL}")):
        folder = partial.with_name(partial.name.removesuffix(PARTIAL))
        if (partial / OUTCOME_FILE).exists() and not folder.exists():
            finish_folder(folder)
        elif keep(partial):
            shutil.rmtree(partial / SCRATCH_FOLDER, ignore_errors=True)
        else:
            with storage_errors(partial):
                shutil.rmtree(partial)
            removed.append(partial.name)
    return tuple(removed)


@contextlib.contextmanager
def storage_errors(path: Path) -> Generator[None]:
    """Turn what the file system refuses inside the block into a UserError about `path`."""
    try:
        yield
    except OSError as error:
        if (problem := storage_problem(error, path)) is None:
            raise
        raise problem from error


def storage_problem(error: OSError, path: Path | None = None) -> UserError | None:
    """A full or read-only disk, or a place that is none, in plain words; None for other errors.

    `path` is what was to be written; without it the error's own file name is used.
    """
    where = path or (Path(str(error.filename)) if error.filename else None)
    place = f"“{where}”" if where else "a file of this run"
    if error.errno in _NO_SPACE:
        return UserError(
            f"There is no room to write {place}.",
            f"The disk or its quota is full{_free_words(where)}.",
            "Free some space or choose another folder, then start again; nothing was lost.",
        )
    if error.errno in _NOT_ALLOWED:
        return InputError(
            f"The folder of {place} cannot be written to.",
            "It is read-only, or belongs to somebody else.",
            "Choose another folder, or change its permissions.",
        )
    if error.errno in _NO_FOLDER and path is not None and not path.parent.is_dir():
        return InputError(
            f"{place} cannot be written.",
            "The folder that it would lie in is not there.",
            "Choose another folder, or make this one first.",
        )
    if error.errno == errno.EISDIR and path is not None:
        return InputError(
            f"{place} cannot be written.",
            "There is a folder of that name.",
            "Give the name of a file.",
        )
    return None


def _free_words(path: Path | None) -> str:
    import shutil

    for folder in path.parents if path else ():
        if folder.is_dir():
            return f" ({shutil.disk_usage(folder).free / 1e6:.0f} MB left)"
    return ""
