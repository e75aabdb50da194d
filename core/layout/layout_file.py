"""A model's tree and its first drawing as one file: written by the worker, read by the window."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.layout.drawing import Drawing, Ints
from core.layout.tree import Tree
from core.model.collector import collector_paused

_NUMBERS = ("layers", "inputs", "outputs")
_WORDS = ("paths", "titles", "contents")
_HEADER = "header"


@dataclass(frozen=True)
class Layout:
    """The tree of a model and a drawing of it."""

    tree: Tree
    drawing: Drawing


def save_layout(layout: Layout, path: Path) -> None:
    """Write one .npz file; about 250 bytes per layer."""
    header = {name: getattr(layout.tree, name) for name in (*_NUMBERS, *_WORDS)}
    arrays: dict[str, NDArray[Any]] = {
        _HEADER: np.frombuffer(json.dumps(header).encode(), np.uint8)
    }
    arrays |= {f"tree.{name}": getattr(layout.tree, name) for name in _tree_arrays()}
    arrays |= {field.name: getattr(layout.drawing, field.name) for field in fields(Drawing)}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_layout(path: Path) -> Layout:
    """Raises InputError when the file is not a layout."""
    try:
        # Opened here because numpy leaves a file open that it cannot read.
        with (
            path.open("rb") as file,
            np.load(file, allow_pickle=False) as stored,
            collector_paused(),
        ):
            header = json.loads(stored[_HEADER].tobytes())
            arrays: dict[str, Ints] = {name: stored[f"tree.{name}"] for name in _tree_arrays()}
            tree = Tree(
                *(int(header[name]) for name in _NUMBERS),
                paths=tuple(tuple(path) for path in header["paths"]),
                titles=tuple(header["titles"]),
                contents=tuple(header["contents"]),
                **arrays,
            )
            return Layout(
                tree, Drawing(**{each.name: stored[each.name] for each in fields(Drawing)})
            )
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        BadZipFile,
        AttributeError,
    ) as error:
        raise InputError(
            f"The saved layout {path.name} cannot be read.",
            f"{type(error).__name__}: {error}.",
            "Open the model again; its layout will be made anew.",
        ) from error


def _tree_arrays() -> list[str]:
    return [field.name for field in fields(Tree) if field.name not in (*_NUMBERS, *_WORDS)]
