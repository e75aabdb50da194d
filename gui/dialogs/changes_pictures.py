"""Reads the pictures of a comparison when they are wanted, never on the window's thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from core.benchmark.changes.album import ALBUM_FILE, Album
from core.benchmark.changes.base import Drawing
from gui.jobs import Errand

_SIDES = ("a", "b", "truth")


@dataclass(frozen=True)
class LoadedPicture:
    """What is shown about one image."""

    place: int
    picture: QImage | None = None
    """None where the inputs are no images."""
    drawing: Drawing | None = None
    masks: dict[str, QImage] = field(default_factory=dict[str, QImage])
    """By side: 8 bits a pixel, the number of its class."""


class ChangePictures(QObject):
    """The album of one comparison. Thumbnails stay once they were read."""

    thumbnail_came = Signal(int)
    """Its place."""
    picture_came = Signal(object)
    """A LoadedPicture; only of the place that was asked for last."""
    failed = Signal(object)
    """A Failed event."""

    def __init__(self, folder: Path, pictured: int, parent: QObject | None = None) -> None:
        """`folder` is the comparison's run folder; places from `pictured` on have no pictures."""
        super().__init__(parent)
        self._file = folder / ALBUM_FILE
        self._pictured = pictured
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="album")
        self._album: Album | None = None
        self._thumbnails: dict[int, QPixmap | None] = {}
        self._wanted = -1

    def thumbnail(self, place: int) -> QPixmap | None:
        """None for now where it was not read yet; `thumbnail_came` tells."""
        if place not in self._thumbnails:
            self._thumbnails[place] = None
            if place < self._pictured:
                self._read(
                    lambda album: (place, _image(album.thumbnail(place))), self._take_thumbnail
                )
        return self._thumbnails[place]

    def want(self, place: int) -> None:
        """Ask for the picture of a place; it comes by `picture_came`."""
        self._wanted = place
        if place >= self._pictured:
            self.picture_came.emit(LoadedPicture(place))
        else:
            self._read(lambda album: _loaded(album, place), self._take_picture)

    def close(self) -> None:
        """What waits is not read any more."""
        self._wanted = -1
        self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    def _read(self, read: Callable[[Album], object], then: Callable[..., None]) -> None:
        def work() -> object:
            self._album = self._album or Album(self._file)
            return read(self._album)

        errand = Errand(work)
        errand.done.connect(then)
        errand.failed.connect(self.failed)
        errand.start(self._thread)

    def _close(self) -> None:
        if self._album is not None:
            self._album.close()

    def _take_thumbnail(self, found: tuple[int, QImage | None]) -> None:
        place, image = found
        if image is not None:
            self._thumbnails[place] = QPixmap.fromImage(image)
            self.thumbnail_came.emit(place)

    def _take_picture(self, found: LoadedPicture) -> None:
        if found.place == self._wanted:
            self.picture_came.emit(found)


def _loaded(album: Album, place: int) -> LoadedPicture:
    masks = {side: image for side in _SIDES if (image := _image(album.mask(place, side)))}
    return LoadedPicture(place, _image(album.picture(place)), album.drawing(place), masks)


def _image(data: bytes | None) -> QImage | None:
    image = QImage.fromData(data) if data else None
    return None if image is None or image.isNull() else image
