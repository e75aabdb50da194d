"""Masks: for each image a PNG with the class of each pixel, as VOC and Cityscapes have them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from core.data.datasets.base import DatasetFormat, OpenDataset, Sample
from core.data.datasets.image_files import (
    ImageFiles,
    files_of,
    looks_like_image,
    read_image,
    suffix_of,
    text_of,
)
from core.data.datasets.sources import Entry, Source, source_at
from core.data.decode import MOST_PIXELS
from core.data.truth import NO_CLASS, MaskTruth, Truth
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

_MASK_FOLDERS = ("masks", "mask", "segmentationclass", "annotations", "labels", "gtfine", "gt")
_IMAGE_MARKS = ("_leftImg8bit", "_image")
_MASK_MARKS = ("_gtFine_labelTrainIds", "_gtFine_labelIds", "_labelTrainIds", "_mask", "_seg")
_OTHER_CITYSCAPES = ("_color", "_instanceIds", "_polygons")
_CITYSCAPES = dict(
    zip(
        (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33),
        range(19),
        strict=True,
    )
)
"""labelIds to the 19 classes that are judged (cityscapesScripts, labels.py)."""
_LOOKED_AT = 8
_NAME_FILES = ("classes.txt", "labels.txt", "class_names.txt", "labelmap.txt")


class MaskFolders(DatasetFormat):
    name = "mask-folders"
    label = "Images and masks (VOC, Cityscapes)"

    def sniff(self, path: Path) -> bool:
        source = source_at(path)
        return source is not None and bool(_pairs(files_of(source)))

    def open(self, path: Path) -> OpenDataset:
        source = source_at(path)
        assert source is not None
        return MaskDataset(path.name, source)


class MaskDataset(ImageFiles):
    """The images that have a mask."""

    layout = "masks"
    truths = (MaskTruth,)

    def __init__(self, name: str, source: Source) -> None:
        super().__init__(name, source)
        files = files_of(source)
        self._masks = _pairs(files)
        self.samples = tuple(Sample(key, None) for key in sorted(self._masks))
        self.classes = _class_names(source, files)
        images = sum(looks_like_image(entry) for entry in files) - len(set(self._masks.values()))
        bare = images - len(self._masks)
        self.warnings = (f"{bare:,} images without a mask were left out.",) if bare > 0 else ()
        self._white_is_one = self._only_black_and_white()

    def truths_of(self, samples: Sequence[Sample]) -> tuple[Truth, ...]:
        def read(index: int) -> "np.ndarray":
            return self._mask(samples[index])

        return (MaskTruth(len(samples), read),)

    def _mask(self, sample: Sample) -> "np.ndarray":
        import numpy as np

        key = self._masks[sample.key]
        mask = _numbers(read_image(self._source, key), key)
        if self._white_is_one:
            return (mask == NO_CLASS).astype(np.uint8)
        if key.endswith("_gtFine_labelIds.png"):
            table = np.full(256, NO_CLASS, dtype=np.uint8)
            table[list(_CITYSCAPES)] = list(_CITYSCAPES.values())
            return table[mask]
        return mask

    def _only_black_and_white(self) -> bool:
        """Whether masks hold 0 and 255 alone: then white is the one class, not “left out”."""
        import numpy as np

        seen: set[int] = set()
        for key in list(self._masks.values())[:_LOOKED_AT]:
            seen |= set(np.unique(_numbers(read_image(self._source, key), key)).tolist())
        return seen == {0, NO_CLASS}


def _numbers(data: bytes, key: str) -> "np.ndarray":
    """The class numbers of a mask, uint8 (height, width). Raises InputError for a picture."""
    import io

    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _no_mask(key, f"It has {image.width}×{image.height} pixels.")
            if image.mode not in ("L", "P", "1"):
                raise _no_mask(key, f"It is a picture with the colours {image.mode}.")
            plain = image.convert("L") if image.mode == "1" else image
            return np.array(plain, dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _no_mask(key, f"The decoder says: {error}.") from error


def _no_mask(key: str, why: str) -> InputError:
    return InputError(
        f"“{key}” is no mask.",
        why,
        "Give each pixel the number of its class: a PNG with grey values or a palette.",
    )


def _pairs(files: Sequence[Entry]) -> Mapping[str, str]:
    """Image to mask: the same name in folders that differ, or with a mark behind the name."""
    images = [entry for entry in files if looks_like_image(entry)]
    masks = {_stem(entry, _MASK_MARKS): entry.key for entry in _by_preference(images)}
    if not masks:
        return {}
    taken = set(masks.values())
    found: dict[str, str] = {}
    for entry in images:
        mask = masks.get(_stem(entry, _IMAGE_MARKS))
        if mask is not None and entry.key not in taken and not _is_mask(entry):
            found[entry.key] = mask
    return found


def _by_preference(images: Sequence[Entry]) -> list[Entry]:
    """The masks; those that are judged by come last, so that they win."""
    masks = [entry for entry in images if _is_mask(entry)]
    return sorted(masks, key=lambda entry: ("labelTrainIds" in entry.key, entry.key))


def _is_mask(entry: Entry) -> bool:
    if suffix_of(entry.key) not in (".png", ".bmp"):
        return False
    stem = PurePosixPath(entry.key).stem
    if stem.endswith(_OTHER_CITYSCAPES):
        return False
    inside = any(part.lower() in _MASK_FOLDERS for part in entry.folders)
    return inside or stem.endswith(_MASK_MARKS)


def _stem(entry: Entry, marks: Sequence[str]) -> str:
    """The file's name without what tells images and masks apart."""
    stem = PurePosixPath(entry.key).stem
    return re.sub("|".join(f"{mark}$" for mark in marks), "", stem)


def _class_names(source: Source, files: Sequence[Entry]) -> tuple[str, ...]:
    for entry in files:
        if PurePosixPath(entry.key).name in _NAME_FILES:
            lines = text_of(source, entry.key).splitlines()
            return tuple(line.strip()[:200] for line in lines[:NO_CLASS] if line.strip())
    return ()
