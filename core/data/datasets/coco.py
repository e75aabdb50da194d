"""COCO: a JSON file of objects with boxes, and outlines or masks, beside the images."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.data.datasets.base import DatasetFormat, OpenDataset, Sample
from core.data.datasets.coco_objects import CocoImage, CocoObject, as_boxes, as_mask, objects_in
from core.data.datasets.faults import Faults
from core.data.datasets.image_files import (
    ImageFiles,
    by_tail,
    files_of,
    looks_like_image,
    suffix_of,
    text_of,
)
from core.data.datasets.sources import Entry, Source, source_at
from core.data.truth import BoxTruth, MaskTruth, Truth
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

_MARKS = ('"images"', '"annotations"', '"categories"', '"file_name"')
_MOST_FILES = 50
_REMEDY = "Mend these places, or export the labels again as COCO."


class Coco(DatasetFormat):
    name = "coco"
    label = "COCO (JSON with boxes and outlines)"

    def sniff(self, path: Path) -> bool:
        source = source_at(path)
        return source is not None and any(_is_coco(source, one) for one in _json_files(source))

    def open(self, path: Path) -> OpenDataset:
        source = source_at(path)
        assert source is not None
        files = [entry for entry in _json_files(source) if _is_coco(source, entry)]
        found = [CocoDataset(path.name, source, entry.key) for entry in files]
        best = max(found, key=lambda one: len(one.samples))
        if not best.samples:
            raise InputError(
                f"“{path.name}” holds none of the images that its labels name.",
                f"{files[0].key} names {best.named:,} images, such as “{best.example}”.",
                "Put the images into the same folder or zip file.",
            )
        return best


class CocoDataset(ImageFiles):
    """The images of one JSON file that are there. Classes are numbered in the order of ids."""

    layout = "COCO"

    def __init__(self, name: str, source: Source, file: str) -> None:
        super().__init__(name, source)
        listing = _listing(source, file)
        faults = Faults(file)
        categories = _categories(listing, faults)
        images = _images(listing, faults)
        keys = by_tail(entry for entry in files_of(source) if looks_like_image(entry))
        self._images = {
            keys[image.file_name]: image for image in images.values() if image.file_name in keys
        }
        self._ids = tuple(sorted(categories))
        self._objects = objects_in(listing["annotations"], images, self._ids, faults)
        faults.check(_REMEDY)
        self.named = len(images)
        self.example = next((image.file_name for image in images.values()), "")
        self.samples = tuple(Sample(key, None) for key in sorted(self._images))
        self.classes = tuple(categories[number] for number in self._ids)
        outlined = any(one.outline for some in self._objects.values() for one in some)
        self.truths = (BoxTruth, MaskTruth) if outlined else (BoxTruth,)
        missing = self.named - len(self.samples)
        self.warnings = (
            (f"{missing:,} of {self.named:,} images that {file} names are missing.",)
            if missing
            else ()
        )

    def truths_of(self, samples: Sequence[Sample]) -> tuple[Truth, ...]:
        pairs = [self._of(sample) for sample in samples]
        boxes = BoxTruth(tuple(as_boxes(*pair) for pair in pairs), self._ids)
        if MaskTruth not in self.truths:
            return (boxes,)

        def read(index: int) -> "np.ndarray":
            return as_mask(*pairs[index])

        return boxes, MaskTruth(len(samples), read, background=True)

    def _of(self, sample: Sample) -> tuple[CocoImage, Sequence[CocoObject]]:
        image = self._images[sample.key]
        return image, self._objects.get(image.number, ())


def _json_files(source: Source) -> list[Entry]:
    return [entry for entry in files_of(source) if suffix_of(entry.key) == ".json"][:_MOST_FILES]


def _is_coco(source: Source, entry: Entry) -> bool:
    try:
        text = text_of(source, entry.key)
    except InputError:
        return False
    return all(mark in text for mark in _MARKS)


def _listing(source: Source, file: str) -> Mapping[str, Sequence[object]]:
    try:
        listing = cast("object", json.loads(text_of(source, file)))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"“{file}” is no JSON.", f"{error}.", "Export the labels again as COCO."
        ) from error
    parts = cast("dict[str, object]", listing) if isinstance(listing, dict) else {}
    names = ("images", "annotations", "categories")
    wrong = [name for name in names if not isinstance(parts.get(name), list)]
    if wrong:
        raise InputError(
            f"“{file}” is no COCO file.",
            f"It has no list of {', '.join(wrong)}.",
            "Export the labels again as COCO.",
        )
    return {name: cast("Sequence[object]", parts[name]) for name in names}


def _categories(listing: Mapping[str, Sequence[object]], faults: Faults) -> dict[int, str]:
    found: dict[int, str] = {}
    for place, entry in enumerate(listing["categories"]):
        fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
        number, name = fields.get("id"), fields.get("name")
        if not isinstance(number, int) or number < 0 or number > 100_000:
            faults.add(f"category {place}", "its id is no whole number from 0 on")
        elif number in found:
            faults.add(f"category {place}", f"its id {number} appears twice")
        else:
            found[number] = str(name)[:200]
    if not found:
        faults.add("categories", "there are none")
    return found


def _images(listing: Mapping[str, Sequence[object]], faults: Faults) -> dict[int, CocoImage]:
    found: dict[int, CocoImage] = {}
    for place, entry in enumerate(listing["images"]):
        fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
        image = CocoImage.from_fields(fields)
        if image is None:
            faults.add(f"image {place}", "its id, file_name, width or height is missing or wrong")
        else:
            found[image.number] = image
    return found
