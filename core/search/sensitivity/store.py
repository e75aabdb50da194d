"""Keeps the numbers of a scan in files, so that a scan goes on where another one ended.

One file for each piece of work that was done: some inputs, and the layers that were looked at with
them. What a layer's numbers depend on makes its key; nothing in the store ever becomes wrong.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.jobs.folders import write_atomically
from core.search.sensitivity.numbers import Numbers

if TYPE_CHECKING:
    import numpy as np

FORMAT = 2
"""Of what a key stands for; a change of how numbers are made needs a new one."""

_FILE = TypeAdapter(dict[str, Numbers])
_REASONS = TypeAdapter(dict[str, str])
_REFUSED = "refused"

_Kept = TypeVar("_Kept")


def user_folder() -> Path:
    """Where figures are kept that belong to no project."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("edgewright", appauthor=False)) / "sensitivity"


@dataclass
class NumberStore:
    """The numbers of one model; without a folder it forgets."""

    folder: Path | None
    _refused: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(self.folder.glob(f"{_REFUSED}-*.json")):
                self._refused |= _read(_REASONS, path) or {}

    def load(self, inputs: str) -> dict[str, Numbers]:
        """What is known about some inputs (by `key_of_inputs`), by `key_of_layer`."""
        if self.folder is None:
            return {}
        found: dict[str, Numbers] = {}
        for path in self.folder.glob(f"{inputs}-*.json"):
            found |= _read(_FILE, path) or {}
        return found

    def save(self, inputs: str, numbers: Mapping[str, Numbers]) -> None:
        """Keep numbers for good. Raises UserError when the folder is full or read-only."""
        self._write(inputs, _FILE.dump_json(dict(numbers), exclude_defaults=True))

    def refused(self, key: str) -> str | None:
        """Why a layer could not be treated."""
        return self._refused.get(key)

    def refuse(self, reasons: Mapping[str, str]) -> None:
        """Keep why layers, by key, could not be treated."""
        if reasons:
            self._refused |= reasons
            self._write(_REFUSED, _REASONS.dump_json(dict(reasons)))

    def _write(self, name: str, content: bytes) -> None:
        if self.folder is not None:
            write_atomically(self.folder / f"{name}-{uuid.uuid4().hex[:8]}.json", content)


def key_of_layer(layer: str, technique: str, options: Mapping[str, object], learned: str) -> str:
    """`learned` is the key of the calibration inputs, empty where the technique needs none."""
    from importlib.metadata import version

    parts = [FORMAT, layer, technique, dict(options), learned, version("onnxruntime")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def key_of_inputs(
    feeds: "Iterable[Mapping[str, np.ndarray]]", labels: "Sequence[int] | None" = None
) -> str:
    """Of the content of some inputs, and of their labels where there are any."""
    import numpy as np

    digest = hashlib.sha256()
    for feed in feeds:
        for name in sorted(feed):
            values = np.ascontiguousarray(feed[name])
            digest.update(f"{name}{values.dtype}{values.shape}".encode())
            digest.update(values.data)
    digest.update(repr(labels).encode())
    return digest.hexdigest()[:32]


def key_of_keys(keys: Iterable[str]) -> str:
    """Of all inputs, from the keys of their parts."""
    return hashlib.sha256(" ".join(keys).encode()).hexdigest()


def _read(kind: TypeAdapter[_Kept], path: Path) -> _Kept | None:
    try:
        return kind.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None  # it will be measured again
