"""Image files in a folder or archive, for every way of labelling them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from core.data.datasets.base import OpenDataset, Sample
from core.data.datasets.sources import LARGEST_FILE, Entry, Source
from core.errors import InputError

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".webp", ".gif", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".pnm"}
)
SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"RIFF",
    b"II*\0",
    b"MM\0*",
    *(b"P%d" % kind for kind in range(1, 7)),
)
"""First bytes of the files that SUFFIXES names."""
LARGEST_LABELS = LARGEST_FILE
"""Bytes of one file of labels."""

_CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


class ImageFiles(OpenDataset):
    """Images of a source."""

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self._source = source

    def read(self, sample: Sample) -> bytes:
        return read_image(self._source, sample.key)


def read_image(source: Source, key: str) -> bytes:
    """The file's bytes. Raises InputError when it is too large or cannot be read."""
    data = source.read(key, LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise InputError(
            f"“{key}” is too large.",
            f"It has more than {LARGEST_FILE >> 20} MB.",
            "Leave it out or store it smaller.",
        )
    return data


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of an image from its header. Raises InputError."""
    import io

    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(
            "An image cannot be decoded.",
            f"The decoder says: {error}.",
            "Remove it from the data set, or save it anew as PNG.",
        ) from error


def files_of(source: Source) -> list[Entry]:
    """Every file that can be read and is no clutter, in the order of their paths."""
    entries = sorted(source.entries(), key=lambda entry: entry.key)
    return [entry for entry in entries if not entry.fault and not is_clutter(entry)]


def is_clutter(entry: Entry) -> bool:
    """Whether an operating system or archiver put it there."""
    path = PurePosixPath(entry.key)
    return path.name.startswith(".") or bool(_CLUTTER & set(path.parts))


def looks_like_image(entry: Entry) -> bool:
    """By its name."""
    return suffix_of(entry.key) in SUFFIXES


def suffix_of(key: str) -> str:
    return PurePosixPath(key).suffix.lower()


def begins_like_an_image(source: Source, entry: Entry) -> bool:
    try:
        return source.read(entry.key, 12).startswith(SIGNATURES)
    except InputError:
        return False


def by_tail(entries: Iterable[Entry]) -> Mapping[str, str]:
    """Paths by every ending of theirs that only one file has: “a/b.png” and “b.png”."""
    tails: Counter[str] = Counter()
    found: dict[str, str] = {}
    for entry in entries:
        parts = PurePosixPath(entry.key).parts
        for start in range(len(parts)):
            tail = "/".join(parts[start:])
            tails[tail] += 1
            found[tail] = entry.key
    return {tail: key for tail, key in found.items() if tails[tail] == 1}


def text_of(source: Source, key: str) -> str:
    """A file of labels as text; a byte order mark is dropped. Raises InputError."""
    data = source.read(key, LARGEST_LABELS + 1)
    if len(data) > LARGEST_LABELS:
        raise InputError(
            f"“{key}” is too large.",
            f"It has more than {LARGEST_LABELS >> 20} MB; labels of that size are not read.",
            "Use fewer images.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"“{key}” is no text.", f"It is not UTF-8: {error}.", "Save it as UTF-8."
        ) from error
