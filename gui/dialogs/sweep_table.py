"""Batch × streams as a heat table: the more inputs a second, the brighter; the best is starred."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)
from typing_extensions import override

from core.benchmark.results import rate_words
from core.benchmark.sweep import Sweep, SweepCell
from gui import theme
from gui.wording import counted, latency_with_interval, milliseconds_words

Index = QModelIndex | QPersistentModelIndex
_CELL = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 52
_SWEET = "★"


class SweepTable(QTableWidget):
    """Rows are batches, columns streams; arrow keys walk through the cells."""

    def __init__(self) -> None:
        super().__init__()
        self._sweep: Sweep | None = None
        self._fastest = 1.0
        self.setAccessibleName("Inputs a second by batch and streams")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegate(_Painter(self))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setCornerButtonEnabled(False)

    def show_sweep(self, sweep: Sweep) -> None:
        self._sweep = sweep
        batches = sorted({cell.batch for cell in sweep.cells})
        streams = sorted({cell.streams for cell in sweep.cells})
        rates = [cell.throughput.value for cell in sweep.cells if cell.throughput]
        self._fastest = max(rates, default=1.0)
        self.setRowCount(len(batches))
        self.setColumnCount(len(streams))
        self.setVerticalHeaderLabels([f"Batch {batch}" for batch in batches])
        self.setHorizontalHeaderLabels([counted(count, "stream") for count in streams])
        for cell in sweep.cells:
            item = QTableWidgetItem(cell_words(cell))
            item.setData(_CELL, cell)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, sentence(cell, sweep))
            item.setToolTip(sentence(cell, sweep))
            self.setItem(batches.index(cell.batch), streams.index(cell.streams), item)
        best = sweep.sweet_spot or (batches[0], streams[0])
        self.setCurrentCell(batches.index(best[0]), streams.index(best[1]))
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + _ROW_HEIGHT * len(batches) + 4)

    @property
    def current(self) -> SweepCell | None:
        item = self.currentItem()
        return item.data(_CELL) if item else None

    def ground(self, cell: SweepCell) -> QColor | None:
        """The colour of its cell; None for what has no figures or is over the limit."""
        if cell.throughput is None or self._sweep is None or not _within(cell, self._sweep):
            return None
        return theme.heat(cell.throughput.value / self._fastest)

    def is_best(self, cell: SweepCell) -> bool:
        return self._sweep is not None and (cell.batch, cell.streams) == self._sweep.sweet_spot


class _Painter(QStyledItemDelegate):
    """Paints one cell: its ground, two lines of words, the star."""

    def __init__(self, table: SweepTable) -> None:
        super().__init__(table)
        self._table = table

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell: SweepCell = index.data(_CELL)
        colours = theme.current()
        ground = self._table.ground(cell)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(2.5, 2.5, -2.5, -2.5)  # type: ignore[attr-defined]  # missing in the stubs
        painter.setBrush(ground or colours.chip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 6, 6)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]  # missing in the stubs
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.selection, 2.5))
            painter.drawRoundedRect(box, 6, 6)
        painter.setPen(theme.ink_on(ground) if ground else colours.dim)
        first, _, second = cell_words(cell).partition("\n")
        star = f"{_SWEET} " if self._table.is_best(cell) else ""
        upper, lower = QRectF(box), QRectF(box)
        upper.setBottom(box.center().y() + 1)
        lower.setTop(box.center().y() + 1)
        painter.setFont(theme.font(theme.BODY, 600))
        align = Qt.AlignmentFlag.AlignHCenter
        painter.drawText(upper, align | Qt.AlignmentFlag.AlignBottom, star + first)
        painter.setFont(theme.font(theme.SMALL))
        painter.drawText(lower, align | Qt.AlignmentFlag.AlignTop, second)
        painter.restore()


def cell_words(cell: SweepCell) -> str:
    """“1234 /s” over “3.20 ms”."""
    if cell.throughput is None or cell.latency_ms is None:
        return "–\ncould not run"
    return f"{rate_words(cell.throughput.value)} /s\n{milliseconds_words(cell.latency_ms.value)}"


def sentence(cell: SweepCell, sweep: Sweep) -> str:
    """All about one cell, measured or why not."""
    place = f"Batch {cell.batch} on {counted(cell.streams, 'stream')}"
    if cell.throughput is None or cell.latency_ms is None:
        return f"{place}: {cell.failure}"
    rate, latency = cell.throughput, cell.latency_ms
    slow = "" if cell.p90_ms is None else f", 9 of 10 within {milliseconds_words(cell.p90_ms)}"
    over = "" if _within(cell, sweep) else f" That is over {sweep.latency_limit_ms:g} ms."
    return (
        f"{place}, measured: {rate_words(rate.value)} inputs a second "
        f"({rate_words(rate.low)} to {rate_words(rate.high)}); one inference takes "
        f"{latency_with_interval(latency)}{slow}.{over}"
    )


def _within(cell: SweepCell, sweep: Sweep) -> bool:
    limit = sweep.latency_limit_ms
    return limit is None or (cell.latency_ms is not None and cell.latency_ms.high <= limit)
