"""Text recognition: a list of images with the text in each, as PaddleOCR and ICDAR write it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from core.data.datasets.base import DatasetFormat, OpenDataset, Sample
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
from core.data.truth import TextTruth, Truth
from core.errors import InputError

_ICDAR = re.compile(r'(?P<file>[^,\t"]+?\.\w{2,5}),\s*"(?P<text>.*)"\s*')
_PADDLE = re.compile(r"(?P<file>[^\t]+?\.\w{2,5})\t(?P<text>.*)")
_LONGEST = 1000
"""Characters of one text."""
_FEWEST_CHARACTERS = 5
_REMEDY = 'Mend these lines; each is: image, a tab, and the text (or: image, "text").'


class TextLines(DatasetFormat):
    name = "text-lines"
    label = "A list of images with their texts (PaddleOCR, ICDAR)"

    def sniff(self, path: Path) -> bool:
        source = source_at(path)
        return source is not None and _list_in(source, files_of(source)) is not None

    def open(self, path: Path) -> OpenDataset:
        source = source_at(path)
        assert source is not None
        return TextDataset(path.name, source)


class TextDataset(ImageFiles):
    """The images that the list names, with the dictionary that lies beside it."""

    layout = "list of texts"
    truths = (TextTruth,)

    def __init__(self, name: str, source: Source) -> None:
        super().__init__(name, source)
        files = files_of(source)
        listed = _list_in(source, files)
        assert listed is not None
        faults = Faults(listed)
        found, missing = _texts(text_of(source, listed), _images(files), faults)
        faults.check(_REMEDY)
        self._texts = found
        self.samples = tuple(Sample(key, None) for key in found)
        self.classes: Sequence[str] = ()
        self.alphabet = _dictionary(source, files)
        self.warnings = (f"{missing:,} images that {listed} names are missing.",) if missing else ()

    def truths_of(self, samples: Sequence[Sample]) -> tuple[Truth, ...]:
        return (TextTruth(tuple(self._texts[sample.key] for sample in samples)),)


def _list_in(source: Source, files: Sequence[Entry]) -> str | None:
    """The file whose first line names an image that is there, and a text."""
    images = _images(files)
    for entry in files:
        if suffix_of(entry.key) != ".txt" or not images:
            continue
        head = source.read(entry.key, 8192).decode("utf-8-sig", "replace").splitlines()
        match = _match(head[0]) if head else None
        if match is not None and _key(match["file"], images) is not None:
            return entry.key
    return None


def _images(files: Sequence[Entry]) -> Mapping[str, str]:
    return by_tail(entry for entry in files if looks_like_image(entry))


def _match(line: str) -> "re.Match[str] | None":
    return _PADDLE.fullmatch(line) or _ICDAR.fullmatch(line)


def _key(file: str, images: Mapping[str, str]) -> str | None:
    """The image, by as much of its path as is needed."""
    parts = PurePosixPath(file.strip().replace("\\", "/")).parts
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((images[tail] for tail in tails if tail in images), None)


def _texts(text: str, images: Mapping[str, str], faults: Faults) -> tuple[dict[str, str], int]:
    """Text by image, and how many images are missing."""
    found: dict[str, str] = {}
    missing = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _match(line)
        if match is None:
            faults.add(f"line {number}", "it is no image and text")
        elif len(match["text"]) > _LONGEST:
            faults.add(f"line {number}", f"its text has {len(match['text']):,} characters")
        elif (key := _key(match["file"], images)) is None:
            missing += 1
        elif key in found:
            faults.add(f"line {number}", f"{match['file'][:80]} appears twice")
        else:
            found[key] = match["text"]
    return found, missing


def _dictionary(source: Source, files: Sequence[Entry]) -> tuple[str, ...]:
    """One character a line, from a file called so; empty where there is none."""
    for entry in files:
        name = PurePosixPath(entry.key).name.lower()
        if suffix_of(name) == ".txt" and re.search("dict|keys|charset|alphabet|characters", name):
            lines = text_of(source, entry.key).split("\n")
            characters = [line.rstrip("\r") for line in lines]
            while characters and not characters[-1]:
                characters.pop()
            if len(characters) < _FEWEST_CHARACTERS or max(map(len, characters)) > 8:
                raise InputError(
                    f"“{entry.key}” is no list of characters.",
                    "It must hold one character on each line, in the order of the model's scores.",
                    "Take the dictionary that the model was trained with.",
                )
            return tuple(characters)
    return ()
