"""Data: images on disk, the contract that turns them into tensors, and scores of answers."""

from pathlib import Path

from core.data.datasets import dataset_formats
from core.data.datasets.base import OpenDataset
from core.errors import InputError


def open_dataset(path: Path) -> OpenDataset:
    """List the images in a folder or file. Raises InputError with a remedy."""
    if not path.exists():
        raise InputError(
            f"“{path.name}” is not there.",
            f"Nothing exists at {path}.",
            "Choose a folder or a zip file with images.",
        )
    try:
        for candidate in sorted(dataset_formats(), key=lambda one: one.takes_any):
            if candidate.sniff(path):
                return candidate.open(path)
    except OSError as error:
        raise InputError(
            f"“{path.name}” cannot be read.",
            f"The computer says: {error.strerror or error}.",
            "Check that you may read it, or choose another.",
        ) from error
    raise InputError(
        f"“{path.name}” cannot be read as images.",
        "It is neither a folder nor a zip file.",
        "Choose a folder or zip file with one folder of images per class, or just images.",
    )
