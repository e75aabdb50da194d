"""Pictures of a stored tensor: histogram, ranges per channel, filters as images, first values."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QSlider,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.model.tensor_facts import TensorPictures
from gui import theme
from gui.panels.chart import Chart
from gui.panels.text import Text
from gui.wording import count_words, figure_words

Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_LOW, _HIGH = "#2166ac", "#b2182b"
"""Blue to red through the ground's colour: told apart by every kind of colour vision."""


class HistogramPage(QWidget):
    """How often each value occurs."""

    def __init__(self, pictures: TensorPictures) -> None:
        super().__init__()
        self._pictures = pictures
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.chart = Chart("How often each value occurs", figure_words, count_words)
        self.log = QCheckBox("Logarithmic, so that rare values are seen")
        self.log.toggled.connect(self._show)
        column.addWidget(self.chart, 1)
        column.addWidget(self.log)
        self._show()

    def _show(self) -> None:
        log = self.log.isChecked()
        self.chart.words_of(up=(lambda value: count_words(10**value - 1)) if log else count_words)
        self.chart.draw(self._draw)

    def _draw(self) -> None:
        edges, counts = self._pictures.edges, self._pictures.counts.astype(np.float64)
        tops = np.log10(1 + counts) if self.log.isChecked() else counts
        self.chart.add_bars(edges[:-1], edges[1:], tops)
        self.chart.show_range((edges[0], edges[-1]), (0, max(float(tops.max()), 1.0)))


class ChannelsPage(QWidget):
    """Smallest and largest value of each output channel."""

    def __init__(self, pictures: TensorPictures, axis: int | None) -> None:
        super().__init__()
        self._pictures = pictures
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.words = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.words.setText(channel_words(pictures.low, pictures.high, axis))
        column.addWidget(self.words)
        self.chart = Chart("Range of each output channel", lambda v: f"{v:.0f}", figure_words)
        column.addWidget(self.chart, 1)
        self.chart.setVisible(len(pictures.low) > 0)
        column.addStretch(0 if len(pictures.low) else 1)
        self.chart.draw(self._draw)

    def _draw(self) -> None:
        low, high = self._finite()
        if len(low):
            self.chart.add_ranges(low, high)
            self.chart.show_range((-0.5, len(low) - 0.5), (min(low.min(), 0), max(high.max(), 0)))

    def _finite(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        low, high = self._pictures.low, self._pictures.high
        known = low <= high
        return np.where(known, low, 0.0), np.where(known, high, 0.0)


def channel_words(low: NDArray[np.float64], high: NDArray[np.float64], axis: int | None) -> str:
    """Whether one scale for the whole tensor would do, in words."""
    if not len(low):
        return "It has a single channel."
    reach = np.maximum(np.abs(low), np.abs(high))
    known = np.isfinite(reach) & (reach > 0)
    if not known.any():
        return f"All {len(low)} channels are zero."
    widest = float(reach[known].max())
    ratio = widest / float(np.median(reach[known]))
    where = int(np.argmax(np.where(known, reach, -1)))
    found = (
        f"{len(low)} output channels along axis {axis}. The widest is channel {where}: it reaches "
        f"{figure_words(widest)}, {ratio:.1f} times as far as the middle one."
    )
    if ratio >= 4:
        return f"{found} One scale for all of them would waste precision: quantize per channel."
    return found


class FiltersPage(QWidget):
    """One filter at a time as a grid of small images; a matrix as one image."""

    def __init__(self, tiles: NDArray[np.float32]) -> None:
        super().__init__()
        self._tiles = tiles
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.words = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.picture = _Picture()
        self.choose = QSlider(Qt.Orientation.Horizontal)
        self.choose.setRange(0, max(len(tiles) - 1, 0))
        self.choose.setAccessibleName("Which filter")
        self.choose.valueChanged.connect(self._show)
        self._number = Text(size=theme.SMALL, tone="dim")
        row = QHBoxLayout()
        row.addWidget(self._number)
        row.addWidget(self.choose, 1)
        column.addWidget(self.words)
        column.addWidget(self.picture, 1)
        column.addLayout(row)
        for part in (self.choose, self._number):
            part.setVisible(len(tiles) > 1)
        theme.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        if not self._tiles.size:
            self.words.setText("A vector has no picture: see the histogram and the values.")
            return
        index = self.choose.value()
        tiles = self._tiles[index]
        finite = np.abs(tiles[np.isfinite(tiles)])
        reach = float(finite.max()) if finite.size else 0.0
        _, count, height, width = self._tiles.shape
        shown = f"{count} × {height}×{width}" if count > 1 else f"{height}×{width} values"
        ends = f"blue is {figure_words(-reach)}, red is {figure_words(reach)}"
        self.words.setText(f"{shown}; {ends}, the ground is 0")
        self._number.setText(f"Filter {index} of {len(self._tiles)}")
        self.picture.show_image(image_of(tiles, reach))


def image_of(tiles: NDArray[np.float32], reach: float) -> NDArray[np.uint8]:
    """(tile, row, column) → (height, width, 3): the tiles in a grid with a pixel between them."""
    count, height, width = tiles.shape
    across = min(count, max(1, round(np.sqrt(count * height / max(width, 1)))))
    down = -(-count // across)
    ground = theme.current().background
    sheet = np.empty((down * (height + 1) - 1, across * (width + 1) - 1, 3), dtype=np.uint8)
    sheet[:] = _rgb(theme.current().line)
    middle, low, high = _rgb(ground), _rgb(QColor(_LOW)), _rgb(QColor(_HIGH))
    for index, tile in enumerate(tiles):
        top, left = index // across * (height + 1), index % across * (width + 1)
        share = np.clip(np.nan_to_num(tile / (reach or 1.0)), -1, 1)[..., None]
        end = np.where(share < 0, low, high)
        mixed = middle + (end - middle) * np.abs(share)
        sheet[top : top + height, left : left + width] = mixed.astype(np.uint8)
    return sheet


def _rgb(colour: QColor) -> NDArray[np.float64]:
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float64)


class _Picture(QWidget):
    """An image as large as there is room, each value a sharp square."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self.setAccessibleName("The filter as an image")

    def show_image(self, pixels: NDArray[np.uint8]) -> None:
        height, width, _ = pixels.shape
        data = np.ascontiguousarray(pixels)
        self._image = QImage(
            data.data, width, height, 3 * width, QImage.Format.Format_RGB888
        ).copy()
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        size = self._image.size()
        factor = min(self.width() / size.width(), self.height() / size.height(), 24.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, factor < 1)
        wide, high = size.width() * factor, size.height() * factor
        painter.drawImage(QRectF((self.width() - wide) / 2, 0, wide, high), self._image)
        painter.end()


class ValuesModel(QAbstractTableModel):
    """The first values: a row for each place of the first axis."""

    def __init__(self, table: NDArray[Any]) -> None:
        super().__init__()
        self._table = table

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else self._table.shape[0]

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else self._table.shape[1]

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            value = self._table[index.row(), index.column()].item()
            return figure_words(value) if isinstance(value, float) else str(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def values_view(table: NDArray[Any]) -> QTableView:
    """A table to read and to copy from."""
    view = QTableView()
    model = ValuesModel(table)
    model.setParent(view)
    view.setModel(model)
    view.setAccessibleName("First values")
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setFont(theme.font(theme.SMALL))
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    view.verticalHeader().setDefaultSectionSize(24)
    view.horizontalHeader().setDefaultSectionSize(84)
    return view
