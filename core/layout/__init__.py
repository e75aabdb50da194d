"""Where every box and line of a model's drawing stands; plain data, no window needed."""

from pathlib import Path

from core.layout.compound import Memo, Progress, arrange
from core.layout.drawing import Drawing
from core.layout.hiding import folded_by_default
from core.layout.layout_file import Layout, load_layout, save_layout
from core.layout.opening import first_layout, initial_expansion
from core.layout.tree import Tree, build_tree
from core.model.graph import ModelGraph

__all__ = [
    "Drawing",
    "Layout",
    "Memo",
    "Progress",
    "Tree",
    "arrange",
    "build_tree",
    "first_layout",
    "folded_by_default",
    "initial_expansion",
    "read_layout",
    "write_initial_layout",
]

FILE_NAME = "layout.npz"


def write_initial_layout(graph: ModelGraph, folder: Path) -> Path:
    """Save the drawing that a person sees first; returns the file's path."""
    path = folder / FILE_NAME
    save_layout(first_layout(graph), path)
    return path


def read_layout(folder: Path) -> Layout:
    """What `write_initial_layout` saved. Raises InputError."""
    return load_layout(folder / FILE_NAME)
