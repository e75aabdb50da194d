"""A folder or zip file with one folder of images per class, or with unlabelled images."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.data.datasets.base import DatasetFormat, OpenDataset, Sample
from core.data.datasets.image_files import (
    ImageFiles,
    begins_like_an_image,
    is_clutter,
    looks_like_image,
)
from core.data.datasets.sources import Entry, Source, source_at
from core.data.truth import ClassTruth
from core.errors import InputError

_INDEXED = re.compile(r"(\d{1,5})(?:[_\-. ](.*))?")


class ImageFolders(DatasetFormat):
    name = "image-folders"
    label = "Images in folders or a zip file"
    takes_any = True

    def sniff(self, path: Path) -> bool:
        return source_at(path) is not None

    def open(self, path: Path) -> OpenDataset:
        source = source_at(path)
        if source is None:
            raise _no_images(path.name, "It is neither a folder nor a zip file.")
        return ImageDataset(path.name, source)


class ImageDataset(ImageFiles):
    """Images of a source, in the order of their paths.

    Classes are the folders below the folders that all images share. Their labels are the numbers
    that all of their names begin with (“7_Sneaker”), or else their alphabetical order.
    """

    def __init__(self, name: str, source: Source) -> None:
        super().__init__(name, source)
        images, left_out = _images(source)
        if not images:
            why = _sentence(left_out) or "Neither it nor its folders hold an image file."
            raise _no_images(name, why)
        shared = _shared_depth(images)
        folders = sorted({image.folders[shared] for image in images if len(image.folders) > shared})
        labels = _labels(folders)
        loose = 0
        if labels:
            labelled = [image for image in images if len(image.folders) > shared]
            loose, images = len(images) - len(labelled), labelled
        self.samples: Sequence[Sample] = tuple(
            Sample(image.key, labels[image.folders[shared]] if labels else None) for image in images
        )
        self.classes: Sequence[str] = _class_names(labels)
        self.truths = (ClassTruth,) if labels else ()
        self.warnings = tuple(_warnings(left_out, loose, folders, labels))


def _images(source: Source) -> tuple[list[Entry], Counter[str]]:
    """The image files in the order of their paths, and how many others were left out and why."""
    images: list[Entry] = []
    left_out: Counter[str] = Counter()
    for entry in sorted(source.entries(), key=lambda entry: entry.key):
        if is_clutter(entry):
            continue
        if entry.fault:
            left_out[entry.fault] += 1
        elif looks_like_image(entry) and begins_like_an_image(source, entry):
            images.append(entry)
        else:
            left_out["is no image"] += 1
    return images, left_out


def _shared_depth(images: Sequence[Entry]) -> int:
    """How many outer folders all images share, not counting a folder that holds images itself."""
    depth = 0
    while (
        all(len(image.folders) > depth + 1 for image in images)
        and len({image.folders[depth] for image in images}) == 1
    ):
        depth += 1
    return depth


def _labels(folders: Sequence[str]) -> dict[str, int]:
    """Folder name to label; empty where the folders say nothing about classes."""
    matches = [_INDEXED.fullmatch(folder) for folder in folders]
    indices = [int(match[1]) for match in matches if match]
    if folders and len(indices) == len(folders) == len(set(indices)):
        return dict(zip(folders, indices, strict=True))
    if len(folders) < 2:
        return {}
    return {folder: label for label, folder in enumerate(folders)}


def _class_names(labels: dict[str, int]) -> tuple[str, ...]:
    by_label = {label: _class_name(folder) for folder, label in labels.items()}
    return tuple(by_label.get(i, f"class {i}") for i in range(max(by_label, default=-1) + 1))


def _class_name(folder: str) -> str:
    match = _INDEXED.fullmatch(folder)
    return (match[2] if match else None) or folder


def _warnings(
    left_out: Counter[str], loose: int, folders: Sequence[str], labels: dict[str, int]
) -> list[str]:
    warnings: list[str] = []
    if left_out:
        warnings.append(_sentence(left_out))
    if loose:
        warnings.append(f"{_files(loose)} outside the class folders left out.")
    if len(labels) == 1:
        warnings.append(
            f"There is one class only, “{folders[0]}”, so accuracy says little. "
            "Add images of the other classes."
        )
    if folders and not labels:
        warnings.append(
            f"There is one folder only, “{folders[0]}”, so the images count as unlabelled. "
            "With one folder per class, accuracy can be checked."
        )
    return warnings


def _sentence(left_out: Counter[str]) -> str:
    """“3 files left out: 2 is no image, …” in words."""
    if not left_out:
        return ""
    reasons = "; ".join(f"{count} because it {fault}" for fault, count in left_out.most_common())
    return f"{_files(left_out.total())} left out: {reasons}."


def _files(count: int) -> str:
    return f"{count} file was" if count == 1 else f"{count:,} files were"


def _no_images(name: str, why: str) -> InputError:
    return InputError(
        f"“{name}” holds no images that can be used.",
        why,
        "Choose a folder or zip file with PNG or JPEG images, best with one folder per class.",
    )
