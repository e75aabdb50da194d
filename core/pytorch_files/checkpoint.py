"""Reads the files of torch.save: zip archives, and the older sequence of pickles."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.model.onnx_file import broken, unreadable
from core.pytorch_files.archive import Archive
from core.pytorch_files.pickle_values import BadPickle, Call, Table
from core.pytorch_files.pickles import Unpickled, read_pickle
from core.pytorch_files.stored import StoredTensor, code_in, tensors_in

LEGACY_START = b"\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
"""The first pickle of a file from before PyTorch 1.6: its magic number, torch/serialization.py."""
_LEGACY_HEADERS = 3
"""Pickles before the one that matters: magic number, version, system."""
_MOST_FACTS = 40
_WRAPPERS = {("state_dict",), ("model_state_dict",), ("model",)}
"""Keys under which training programs put the state dict."""


@dataclass(frozen=True)
class Checkpoint:
    """What torch.save wrote, without numbers."""

    tensors: tuple[StoredTensor, ...]
    facts: dict[str, str]
    """Single values beside the tensors, such as the epoch."""
    code: tuple[str, ...]
    """What PyTorch would import and call beyond the ordinary, when it loaded the file fully."""
    legacy: bool


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a file of torch.save as data. Raises InputError."""
    try:
        legacy = is_legacy(path)
        read = _from_legacy(path) if legacy else _from_archive(path)
    except BadPickle as error:
        raise broken(path, f"Its list of tensors cannot be read: {error}.") from error
    except OSError as error:
        raise unreadable(path, error) from error
    tensors = tuple(tensors_in(read.value))
    if not tensors:
        raise broken(path, "There is no tensor in it.")
    return Checkpoint(
        _without_wrapper(tensors), dict(_facts(read.value)), code_in(read.globals), legacy
    )


def _without_wrapper(tensors: tuple[StoredTensor, ...]) -> tuple[StoredTensor, ...]:
    """Names as the model has them, where all tensors lie under one key of the checkpoint."""
    roots = {tensor.path[:1] for tensor in tensors}
    if len(roots) != 1 or next(iter(roots)) not in _WRAPPERS:
        return tensors
    return tuple(replace(tensor, path=tensor.path[1:]) for tensor in tensors)


def is_legacy(path: Path) -> bool:
    """Whether a file is of the form that PyTorch wrote before 1.6. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(LEGACY_START)) == LEGACY_START


def _from_archive(path: Path) -> Unpickled:
    with Archive(path) as archive:
        return read_pickle(archive.read("data.pkl"))


def _from_legacy(path: Path) -> Unpickled:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        place = 0
        for _ in range(_LEGACY_HEADERS):
            place = read_pickle(data, place).end
        return read_pickle(data, place)


def _facts(value: object) -> Iterator[tuple[str, str]]:
    """The single values in the outermost dictionary."""
    items = value.items if isinstance(value, Table | Call) else []
    plain_values = (
        (key, thing)
        for key, thing in items
        if isinstance(key, str) and isinstance(thing, str | int | float)
    )
    for _, (key, thing) in zip(range(_MOST_FACTS), plain_values, strict=False):
        yield key, f"{thing:g}" if isinstance(thing, float) else str(thing)
