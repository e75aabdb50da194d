"""The objects of a COCO file: boxes, and outlines as polygons or run lengths."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, cast

from core.data.datasets.faults import Faults
from core.data.decode import MOST_PIXELS
from core.data.truth import NO_CLASS, ImageBoxes

if TYPE_CHECKING:
    import numpy as np

MOST_OBJECTS = 5_000_000
_FAR = 100_000.0
"""Pixels; outlines that go further are cut, as the drawing library counts in small numbers."""


@dataclass(frozen=True)
class CocoImage:
    """One entry of “images”."""

    number: int
    file_name: str
    width: int
    height: int

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> Self | None:
        """None when a field is missing or makes no sense."""
        number, name = fields.get("id"), fields.get("file_name")
        width, height = fields.get("width"), fields.get("height")
        if not (isinstance(number, int) and isinstance(name, str)):
            return None
        if not (isinstance(width, int) and isinstance(height, int)):
            return None
        if width < 1 or height < 1 or width * height > MOST_PIXELS:
            return None
        return cls(number, name.removeprefix("./"), width, height)


@dataclass(frozen=True)
class CocoObject:
    """One entry of “annotations”."""

    box: tuple[float, float, float, float]
    """x, y, width, height."""
    label: int
    """Index into the classes, in the order of their ids."""
    crowd: bool
    outline: object
    """Polygons or run lengths as the file has them, or None."""


def objects_in(
    entries: Sequence[object],
    images: Mapping[int, CocoImage],
    ids: Sequence[int],
    faults: Faults,
) -> dict[int, list[CocoObject]]:
    """The objects by the number of their image; what makes no sense is added to the faults."""
    labels = {number: label for label, number in enumerate(ids)}
    found: dict[int, list[CocoObject]] = defaultdict(list)
    for place, entry in enumerate(entries[:MOST_OBJECTS]):
        fields = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
        image, category = fields.get("image_id"), fields.get("category_id")
        box = _box(fields.get("bbox"))
        where = f"annotation {place}"
        if not isinstance(image, int) or image not in images:
            faults.add(where, f"its image_id {str(image)[:40]} is not among the images")
        elif not isinstance(category, int) or category not in labels:
            faults.add(where, f"its category_id {str(category)[:40]} is not among the categories")
        elif box is None:
            faults.add(where, "its bbox is not x, y, width and height")
        else:
            crowd, outline = bool(fields.get("iscrowd")), fields.get("segmentation") or None
            found[image].append(CocoObject(box, labels[category], crowd, outline))
    return found


def as_boxes(image: CocoImage, objects: Sequence[CocoObject]) -> ImageBoxes:
    import numpy as np

    boxes = np.asarray([one.box for one in objects], dtype=np.float64).reshape(-1, 4)
    return ImageBoxes(
        width=image.width,
        height=image.height,
        boxes=np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1),
        classes=np.asarray([one.label for one in objects], dtype=np.int64),
        crowd=np.asarray([one.crowd for one in objects], dtype=bool),
    )


def as_mask(image: CocoImage, objects: Sequence[CocoObject]) -> "np.ndarray":
    """The class of each pixel, uint8 (height, width); smaller objects lie on larger ones.

    Pixels of crowds, and of outlines that cannot be read, belong to no class.
    """
    import numpy as np

    mask = np.full((image.height, image.width), NO_CLASS, dtype=np.uint8)
    for one in sorted(objects, key=lambda one: -one.box[2] * one.box[3]):
        if one.label < NO_CLASS and not one.crowd:
            covered = _covered(one.outline, image.width, image.height)
            if covered is not None:
                mask[covered] = one.label
    return mask


def _box(value: object) -> tuple[float, float, float, float] | None:
    numbers = _numbers(value)
    if numbers is None or len(numbers) != 4 or min(numbers[2:]) < 0:
        return None
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _numbers(value: object) -> list[float] | None:
    if not isinstance(value, list):
        return None
    numbers = [float(n) for n in cast("list[object]", value) if isinstance(n, int | float)]
    whole = len(numbers) == len(cast("list[object]", value))
    return numbers if whole and all(math.isfinite(n) for n in numbers) else None


def _covered(outline: object, width: int, height: int) -> "np.ndarray | None":
    """bool, (height, width)."""
    if isinstance(outline, list):
        return _inside_polygons(cast("list[object]", outline), width, height)
    if isinstance(outline, dict):
        return _inside_runs(cast("dict[str, object]", outline), width, height)
    return None


def _inside_polygons(outlines: Sequence[object], width: int, height: int) -> "np.ndarray":
    import numpy as np
    from PIL import Image, ImageDraw

    picture = Image.new("1", (width, height))
    pen = ImageDraw.Draw(picture)
    for outline in outlines:
        numbers = _numbers(outline)
        if numbers is not None and len(numbers) >= 6 and len(numbers) % 2 == 0:
            near = [min(max(number, -_FAR), _FAR) for number in numbers]
            pen.polygon(list(zip(near[::2], near[1::2], strict=True)), fill=1)
    return np.asarray(picture, dtype=bool)


def _inside_runs(outline: Mapping[str, object], width: int, height: int) -> "np.ndarray | None":
    """Runs of outside and inside in turn, column by column; None when they do not fill the image.

    Decoded here because the library's own decoder trusts the lengths.
    """
    import numpy as np

    counts = outline.get("counts")
    runs = _packed_runs(counts) if isinstance(counts, str) else _numbers(counts)
    if runs is None or min(runs, default=-1) < 0 or sum(runs) != width * height:
        return None
    inside = np.arange(len(runs)) % 2 == 1
    flat = np.repeat(inside, np.asarray(runs, dtype=np.int64))
    return flat.reshape(width, height).T


def _packed_runs(text: str) -> list[float] | None:
    """COCO's text form of run lengths: six bits a character, each from the third on relative."""
    runs: list[float] = []
    value = shift = 0
    for character in text.encode("ascii", "replace"):
        bits = character - 48
        if not 0 <= bits < 64 or shift > 30:
            return None
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs
