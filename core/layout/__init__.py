"""Where every box and line of a model's drawing stands; plain data, no window needed."""

from pathlib import Path

from core.layout.compound import Memo, arrange
from core.layout.drawing import Drawing, load_drawing, save_drawing
from core.layout.opening import initial_expansion
from core.layout.tree import Tree, build_tree
from core.model.graph import ModelGraph

__all__ = [
    "Drawing",
    "Memo",
    "Tree",
    "arrange",
    "build_tree",
    "initial_expansion",
    "read_layout",
    "write_initial_layout",
]

FILE_NAME = "layout.npz"


def write_initial_layout(graph: ModelGraph, folder: Path) -> Path:
    """Save the drawing that a person sees first; returns the file's path."""
    tree = build_tree(graph)
    path = folder / FILE_NAME
    save_drawing(arrange(tree, initial_expansion(tree)), path)
    return path


def read_layout(folder: Path) -> Drawing:
    """The drawing that `write_initial_layout` saved. Raises InputError."""
    return load_drawing(folder / FILE_NAME)
