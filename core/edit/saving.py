"""Saves an edited model as new files: whole or not at all, and never over what it came from."""

import contextlib
import shutil
import uuid
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path

from core.edit.applying import edited_draft
from core.edit.checking import check_written
from core.edit.kinds.base import Edit
from core.edit.saved import CHECKING, MAKING, SAVING, WRITING, SavedModel
from core.errors import InputError
from core.jobs.folders import flush, storage_errors
from core.jobs.kinds.base import JobContext
from core.model.external_data import external_files
from core.model.onnx_writer import write_onnx
from core.parameters import Value
from core.writers.base import Writer


def save_edited(
    source: Path,
    edits: Sequence[Edit],
    target: Path,
    context: JobContext,
    *,
    writer: Writer,
    options: Mapping[str, Value],
    overwrite: bool,
    originals: Sequence[Path] = (),
) -> SavedModel:
    """Write the model at `source`, edited, as `target`. Raises UserError; then nothing changed."""
    context.step(MAKING)
    draft = edited_draft(source, edits, lambda done, text: context.progress(done, len(edits), text))
    outside = external_files(source, draft.model)
    protected = (source, *outside, *(file for file in originals if file.exists()))
    _check_target(target, writer, protected, overwrite=overwrite)
    with storage_errors(target), _staging(target) as folder:
        context.step(WRITING)
        pack = any((target.parent / file.name).exists() for file in outside)
        plain = folder / target.with_suffix(".onnx").name
        write_onnx(draft.finish(), source, plain, pack=pack)
        context.check_cancelled()
        context.step(CHECKING)
        notes = (
            check_written(plain, source, folder, lambda text: context.progress(0, 1, text))
            if edits
            else ()
        )
        context.step(SAVING)
        writer.write(plain, folder / target.name, options)
        context.check_cancelled()
        files = _publish(folder, target, protected, overwrite=overwrite)
    return SavedModel(
        path=target, files=files, edits=tuple(edit.sentence for edit in edits), notes=notes
    )


def _check_target(
    target: Path, writer: Writer, protected: Iterable[Path], *, overwrite: bool
) -> None:
    if not target.parent.is_dir():
        raise InputError(
            f"“{target.name}” cannot be saved there.",
            f"There is no folder “{target.parent}”.",
            "Make the folder first, or choose another.",
        )
    if target.suffix.lower() != writer.suffix:
        raise InputError(
            f"“{target.name}” is no name for {writer.label}.",
            f"Such a file ends in {writer.suffix}.",
            f"Call it “{target.stem}{writer.suffix}”, or choose another format.",
        )
    _check_free(target, protected, overwrite=overwrite)


def _check_free(target: Path, protected: Iterable[Path], *, overwrite: bool) -> None:
    if not target.exists():
        return
    if any(target.samefile(file) for file in protected):
        raise InputError(
            f"“{target.name}” belongs to the model that is being edited.",
            "An edited model is never written over its original.",
            "Choose another name or another folder.",
        )
    if not overwrite or not target.is_file():
        raise InputError(
            f"“{target.name}” is there already.",
            "Saving would replace it.",
            "Choose another name, or say that it may be overwritten.",
        )


@contextlib.contextmanager
def _staging(target: Path) -> Generator[Path]:
    """A hidden folder beside the target, gone afterwards."""
    folder = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _publish(
    folder: Path, target: Path, protected: Sequence[Path], *, overwrite: bool
) -> dict[str, int]:
    """Move the files to their places, the model last, so that it never stands beside other data."""
    files = [file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file()]
    for file in files:
        _check_free(target.parent / file, protected, overwrite=overwrite)
        flush(folder / file)
    sizes = {file.as_posix(): (folder / file).stat().st_size for file in files}
    target.unlink(missing_ok=True)
    for file in sorted(files, key=lambda file: file.name == target.name):
        place = target.parent / file
        place.parent.mkdir(parents=True, exist_ok=True)
        (folder / file).replace(place)
    flush(target.parent)
    return dict(sorted(sizes.items(), key=lambda pair: pair[0] != target.name))
