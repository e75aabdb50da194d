"""The pictures of what changed, in one archive: written by the worker, read one at a time.

A picture shows what the models were given: resized and cut as the preprocessing says, so that
boxes and masks lie where the models put them.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from core.benchmark.changes import kind_for
from core.benchmark.changes.base import Asked, Drawing
from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.decode import Progress, pixels
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

ALBUM_FILE = "changes.zip"
MOST_PICTURES = 2000
"""The most damaged images; nobody looks through more, and the others are listed in words."""
THUMBNAIL_SIDE = 64
"""Pixels of the longer side."""
_AT_ONCE = 32
_EXACT = 128 * 128
"""Pixels up to which a picture is kept exactly; larger ones as JPEG."""
_QUALITY = 90
_DRAWING, _PICTURE, _THUMBNAIL = "drawing.json", "picture", "thumbnail"


class AlbumWriter:
    """Writes places one after the other; use as a context manager."""

    def __init__(self, file: Path, asked: Asked) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._asked = asked
        self._kind = kind_for(asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._archive.close()

    def add(self, place: int, index: int, pictures: Mapping[str, bytes]) -> None:
        """The sample `index` of what was asked, with its files."""
        for name, data in pictures.items():
            self._archive.writestr(f"{place}/{name}", data)
        drawing = self._kind.drawing(self._asked, index)
        self._archive.writestr(f"{place}/{_DRAWING}", drawing.model_dump_json())
        for side, mask in self._kind.masks(self._asked, index).items():
            self._archive.writestr(f"{place}/{side}.png", _png(mask))


def write_album(
    file: Path,
    asked: Asked,
    dataset: OpenDataset,
    samples: Sequence[Sample],
    order: Sequence[int],
    *,
    progress: Progress,
) -> int:
    """Keep the first of `order`, which are indices of samples; returns how many.

    Place n in the album is the sample `order[n]`. Without a contract there are no pictures.
    """
    kept, contract = order[:MOST_PICTURES], asked.standard.contract

    def pictures(index: int) -> Mapping[str, bytes]:
        return {} if contract is None else _pictures(dataset, samples[index], contract)

    with AlbumWriter(file, asked) as album, ThreadPoolExecutor(max_workers=2) as pool:
        for start in range(0, len(kept), _AT_ONCE):
            progress(start, len(kept), "Keeping the pictures of what changed")
            part = kept[start : start + _AT_ONCE]
            for number, made in enumerate(pool.map(pictures, part)):
                album.add(start + number, part[number], made)
    return len(kept)


class Album:
    """Reads an album. One thread at a time uses it; every answer is None for what is not there."""

    def __init__(self, file: Path) -> None:
        """Raises InputError when it cannot be read."""
        try:
            self._archive = zipfile.ZipFile(file)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(
                "The pictures of this comparison cannot be read.",
                f"{file.name} is missing or damaged ({type(error).__name__}).",
                "Compare again.",
            ) from error

    def close(self) -> None:
        self._archive.close()

    def picture(self, place: int) -> bytes | None:
        """An encoded image, PNG or JPEG."""
        return self._read(f"{place}/{_PICTURE}")

    def thumbnail(self, place: int) -> bytes | None:
        """The same, small."""
        return self._read(f"{place}/{_THUMBNAIL}")

    def mask(self, place: int, side: str) -> bytes | None:
        """PNG in grey whose values are classes; `side` is “a”, “b” or “truth”."""
        return self._read(f"{place}/{side}.png")

    def drawing(self, place: int) -> Drawing | None:
        data = self._read(f"{place}/{_DRAWING}")
        return None if data is None else Drawing.model_validate_json(data)

    def _read(self, name: str) -> bytes | None:
        try:
            return self._archive.read(name)
        except KeyError:
            return None


def _pictures(
    dataset: OpenDataset, sample: Sample, contract: PreprocessingContract
) -> Mapping[str, bytes]:
    from PIL import Image

    given = pixels(dataset.read(sample), contract)
    image = Image.fromarray(given.squeeze(2) if given.shape[2] == 1 else given)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return {
        _PICTURE: _encoded(image, exact=image.width * image.height <= _EXACT),
        _THUMBNAIL: _encoded(small, exact=True),
    }


def _png(mask: "np.ndarray") -> bytes:
    from PIL import Image

    return _encoded(Image.fromarray(mask), exact=True)


def _encoded(image: "Image.Image", *, exact: bool) -> bytes:
    data = io.BytesIO()
    if exact:
        image.save(data, "PNG", compress_level=1)
    else:
        image.save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()
