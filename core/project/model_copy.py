"""Copies a model with its external data into a folder named by the content."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.jobs.folders import flush, storage_errors

_BLOCK_BYTES = 1 << 20
_NAME_DIGITS = 16
_UNFINISHED = ".copy"


@dataclass(frozen=True)
class ModelCopy:
    """Where the copy lies, and the SHA-256 of the model file itself."""

    path: Path
    sha256: str


def copy_model(source: Path, companions: Sequence[Path], models: Path) -> ModelCopy:
    """Copy files into a folder below `models`, all or nothing; equal content is there only once.

    Companions lie below the source's folder and keep their place beside it. Raises UserError.
    """
    for path in (source, *companions):
        _check_readable(path)
    temporary = models / f".{source.name}{_UNFINISHED}"
    with storage_errors(temporary):
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        try:
            sha256 = copy_durably(source, temporary / source.name)
            digests = [sha256]
            for companion in sorted(companions):
                target = temporary / companion.relative_to(source.parent)
                target.parent.mkdir(parents=True, exist_ok=True)
                digests.append(copy_durably(companion, target))
            final = models / _name(source, companions, digests)
            if not final.exists():
                flush(temporary)
                temporary.rename(final)
                flush(models)
                flush(models.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return ModelCopy(final / source.name, sha256)


def content_name(source: Path, companions: Sequence[Path]) -> str:
    """Name of the folder that `copy_model` would put these files in. Raises InputError."""
    for path in (source, *companions):
        _check_readable(path)
    return _name(source, companions, [_sha256(path) for path in (source, *sorted(companions))])


def remove_unfinished_copies(models: Path) -> None:
    """Remove what an interrupted `copy_model` left."""
    for leftover in models.glob(f".*{_UNFINISHED}"):
        shutil.rmtree(leftover)


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise InputError(
            f"“{path}” cannot be read.",
            f"The system says: {error.strerror}.",
            "Check the name and the permissions of the file.",
        ) from error


def _name(source: Path, companions: Sequence[Path], digests: Sequence[str]) -> str:
    """From the digests of the source and of its companions in sorted order."""
    places = [path.relative_to(source.parent) for path in (source, *sorted(companions))]
    content = [f"{place} {digest}" for place, digest in zip(places, digests, strict=True)]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:_NAME_DIGITS]


def copy_durably(source: Path, target: Path) -> str:
    """Copy a file durably; returns its SHA-256."""
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("xb") as writer:
        while block := reader.read(_BLOCK_BYTES):
            digest.update(block)
            writer.write(block)
    flush(target)
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
