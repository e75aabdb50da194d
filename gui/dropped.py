"""What a file or folder is that somebody drops on the window."""

from pathlib import Path
from typing import Literal

Dropped = Literal["model", "project", "images", "figures"]

_IMAGE_SUFFIXES = {".zip", ".png", ".jpg", ".jpeg", ".npz", ".npy"}


def what_is(path: Path) -> Dropped:
    """By the content of a folder, by the name of a file; whatever else it is may be a model."""
    from core.project.project import Project

    if path.is_dir():
        if Project.is_project(path):
            return "project"
        return "model" if _is_model_folder(path) else "images"
    if path.suffix.lower() in _IMAGE_SUFFIXES:
        return "images"
    return "figures" if path.suffix.lower() == ".csv" else "model"


def _is_model_folder(path: Path) -> bool:
    from core.formats import formats

    try:
        return any(known.folders and known.sniff(path) for known in formats())
    except OSError:
        return False
