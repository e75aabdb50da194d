"""One piece of a scan: some inputs, some layers. Done here or by a worker, on any computer."""

import io
import threading
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.search.sensitivity.kit import KIT_FILE, Kit
from core.search.sensitivity.numbers import Numbers
from core.search.sensitivity.part_session import Lot
from core.search.sensitivity.walk import Walk

if TYPE_CHECKING:
    import numpy as np


class KitMissing(Exception):
    """A worker cannot read the kit's folder: it runs on another computer."""


@dataclass(frozen=True)
class KitPlace:
    """Where a worker finds a kit."""

    folder: Path
    id: str
    content: bytes | None = None
    """A zip file of the folder, for workers that do not see it."""

    def with_content(self) -> "KitPlace":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(self.folder.glob("*.*")):
                archive.write(path, path.name)
        return replace(self, content=packed.getvalue())


@dataclass(frozen=True)
class Piece:
    """Inputs with a batch of 1, and the copies, by their index in the kit, to try on them."""

    feeds: Sequence[Lot]
    labels: "np.ndarray | None"
    copies: tuple[int, ...]


@dataclass(frozen=True)
class Looked:
    """What came out of a piece."""

    numbers: Mapping[int, Numbers]
    """By the copies' index in the kit."""
    cpu_seconds: float


def look(place: KitPlace, piece: Piece) -> Looked:
    """Do a piece of work. Raises KitMissing, and UserError when a part does not run."""
    began = time.process_time()
    numbers = _opened(place).numbers(piece.feeds, piece.labels, piece.copies)
    return Looked(numbers, time.process_time() - began)


@dataclass(frozen=True)
class _Open:
    id: str
    walk: Walk


_last: list[_Open] = []
"""The kit that this process used last, with its sessions; at most one."""
_lock = threading.Lock()
"""A Dask worker does several pieces at once."""


def forget() -> None:
    """Free the kit that this process used last."""
    with _lock:
        _last.clear()


def _opened(place: KitPlace) -> Walk:
    with _lock:
        if not _last or _last[0].id != place.id:
            _last.clear()
            _last.append(_Open(place.id, _walk(place)))
        return _last[0].walk


def _walk(place: KitPlace) -> Walk:
    if place.content is not None:
        packed = zipfile.ZipFile(io.BytesIO(place.content))
        return Walk(Kit.model_validate_json(packed.read(KIT_FILE)), packed.read)
    if not (place.folder / KIT_FILE).exists():
        raise KitMissing
    kit = Kit.model_validate_json((place.folder / KIT_FILE).read_bytes())
    return Walk(kit, lambda name: (place.folder / name).read_bytes())
