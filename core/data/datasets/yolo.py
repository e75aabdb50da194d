"""YOLO: a text file of boxes for each image, and a list of class names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from core.data.datasets.base import DatasetFormat, OpenDataset, Sample
from core.data.datasets.faults import Faults
from core.data.datasets.image_files import (
    ImageFiles,
    files_of,
    looks_like_image,
    size_of,
    suffix_of,
    text_of,
)
from core.data.datasets.sources import Entry, Source, source_at
from core.data.truth import BoxTruth, ImageBoxes, Truth

if TYPE_CHECKING:
    pass

MOST_BOXES = 20_000
"""In one file."""
_MOST_CLASSES = 100_000
_ROW = re.compile(r"\d{1,6}(?:\s+[-+0-9.eE]{1,30}){4,}\s*")
_NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels", "names.txt", "labels.txt")
_REMEDY = "Mend these lines; each is: class, centre x, centre y, width, height, as shares of 1."
_OUTSIDE = 0.01
"""By so much of the image a box may stick out, as rounding makes it."""


class Yolo(DatasetFormat):
    name = "yolo"
    label = "YOLO (a text file of boxes for each image)"

    def sniff(self, path: Path) -> bool:
        source = source_at(path)
        if source is None:
            return False
        files = files_of(source)
        return any(_looks_right(source, label) for label in list(_pairs(files).values())[:5])

    def open(self, path: Path) -> OpenDataset:
        source = source_at(path)
        assert source is not None
        return YoloDataset(path.name, source)


@dataclass(frozen=True)
class _Row:
    label: int
    corners: tuple[float, float, float, float]
    """x0 y0 x1 y1 as shares of the width and height."""


class YoloDataset(ImageFiles):
    """All images; those without a file of boxes show none of the classes."""

    layout = "YOLO"
    truths = (BoxTruth,)

    def __init__(self, name: str, source: Source) -> None:
        super().__init__(name, source)
        files = files_of(source)
        pairs = _pairs(files)
        faults = Faults("the text files")
        self._rows = {image: _rows(source, label, faults) for image, label in pairs.items()}
        faults.check(_REMEDY)
        images = [entry.key for entry in files if looks_like_image(entry)]
        self.samples = tuple(Sample(key, None) for key in images)
        used = {row.label for rows in self._rows.values() for row in rows}
        names = _names(source, files)
        count = max(len(names), 1 + max(used, default=-1))
        self.classes = tuple(
            names[index] if index < len(names) else f"class {index}" for index in range(count)
        )
        bare = len(images) - len(pairs)
        self.warnings = (
            (f"{bare:,} of {len(images):,} images have no file of boxes; they count as empty.",)
            if bare
            else ()
        )

    def truths_of(self, samples: Sequence[Sample]) -> tuple[Truth, ...]:
        return (BoxTruth(tuple(self._boxes(sample) for sample in samples)),)

    def _boxes(self, sample: Sample) -> ImageBoxes:
        import numpy as np

        rows = self._rows.get(sample.key, [])
        width, height = size_of(self.read(sample))
        corners: np.ndarray = np.asarray([row.corners for row in rows], dtype=np.float64)
        return ImageBoxes(
            width=width,
            height=height,
            boxes=corners.reshape(-1, 4) * np.asarray([width, height, width, height]),
            classes=np.asarray([row.label for row in rows], dtype=np.int64),
            crowd=np.zeros(len(rows), dtype=bool),
        )


def _pairs(files: Sequence[Entry]) -> Mapping[str, str]:
    """Image to label file: the same path, with “labels” for “images” and .txt behind."""
    texts = {entry.key for entry in files if suffix_of(entry.key) == ".txt"}
    found: dict[str, str] = {}
    for entry in files:
        if not looks_like_image(entry):
            continue
        path = PurePosixPath(entry.key).with_suffix(".txt")
        moved = ["labels" if part == "images" else part for part in path.parts]
        for key in ("/".join(moved), path.as_posix()):
            if key in texts:
                found[entry.key] = key
                break
    return found


def _looks_right(source: Source, key: str) -> bool:
    head = source.read(key, 4096).decode("utf-8", "replace").splitlines()
    return bool(head) and _ROW.fullmatch(head[0]) is not None


def _rows(source: Source, key: str, faults: Faults) -> list[_Row]:
    found: list[_Row] = []
    lines = text_of(source, key).splitlines()
    if len(lines) > MOST_BOXES:
        faults.add(key, f"it has {len(lines):,} lines")
        return found
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = _row(line)
        if isinstance(row, str):
            faults.add(f"{key}, line {number}", row)
        else:
            found.append(row)
    return found


def _row(line: str) -> _Row | str:
    """What the line says, or what is wrong with it."""
    parts = line.split()
    if not parts[0].isdecimal() or int(parts[0][:9]) >= _MOST_CLASSES:
        return f"“{parts[0][:20]}” is no class number"
    try:
        numbers = [float(part) for part in parts[1:]]
    except ValueError:
        return "it holds what is no number"
    if len(numbers) < 4 or (len(numbers) > 4 and (len(numbers) < 6 or len(numbers) % 2)):
        return f"it has {len(numbers)} numbers behind the class, not 4 or an outline"
    if not all(-_OUTSIDE <= value <= 1 + _OUTSIDE for value in numbers):
        return "a number does not lie between 0 and 1"
    if len(numbers) > 4:  # an outline; its box is what counts here
        across, down = numbers[::2], numbers[1::2]
        return _Row(int(parts[0]), (min(across), min(down), max(across), max(down)))
    x, y, width, height = numbers
    half = (width / 2, height / 2)
    return _Row(int(parts[0]), (x - half[0], y - half[1], x + half[0], y + half[1]))


def _names(source: Source, files: Sequence[Entry]) -> list[str]:
    """From a list, one name a line, or from the “names” of a YAML file; empty without."""
    for entry in files:
        if PurePosixPath(entry.key).name in _NAME_FILES:
            lines = text_of(source, entry.key).splitlines()
            return [line.strip()[:200] for line in lines if line.strip()]
    for entry in files:
        if suffix_of(entry.key) in (".yaml", ".yml"):
            names = _names_in_yaml(text_of(source, entry.key))
            if names:
                return names
    return []


def _names_in_yaml(text: str) -> list[str]:
    """The three ways in which data.yaml lists names: [a, b], “- a” lines and “0: a” lines."""
    match = re.search(r"^names:[ \t]*(.*)$", text, re.MULTILINE)
    if match is None:
        return []
    inline = match[1].strip()
    if inline.startswith("["):
        listed = inline.split("]")[0].removeprefix("[")
        return [part.strip().strip("'\"") for part in listed.split(",") if part.strip()]
    names: list[str] = []
    for line in text[match.end() :].lstrip("\n").splitlines():
        entry = re.fullmatch(r"\s*(?:-|\d+\s*:)\s*(.+?)\s*", line)
        if entry is None:
            break
        names.append(entry[1].strip("'\""))
    return names
