"""The tensors of both models, the farthest apart first, each with a bar."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)
from typing_extensions import override

from core.diff.report import TensorDifference
from gui import theme

Index = QModelIndex | QPersistentModelIndex

_COLUMNS = ("Layer", "Distance", "SQNR", "Largest", "Arrived")
_TIPS = (
    "The layer whose result is compared",
    "‖a − b‖ ÷ ‖a‖ over all inputs",
    "Signal to noise in decibels: 40 dB is 1 %, 20 dB is 10 %",
    "The largest single difference",
    "How far apart the layer’s inputs were already",
)
_WIDTHS = (120, 84, 66, 62, 66)
_BAR = 1
_HEIGHT = 27
_TOP = QModelIndex()
_SHARE = Qt.ItemDataRole.UserRole
_SORT_KEYS = (
    lambda row: row.name.casefold(),
    lambda row: -row.relative,
    lambda row: 1e9 if row.sqnr_db is None else row.sqnr_db,
    lambda row: -row.max_abs,
    lambda row: -(row.arrived or 0.0),
)
"""Worst first."""


class TensorsModel(QAbstractTableModel):
    """One row per compared tensor."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[TensorDifference] = []
        self._largest = 0.0

    def show_rows(self, rows: Sequence[TensorDifference]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._largest = max((row.relative for row in rows), default=0.0)
        self.endResetModel()

    def row(self, number: int) -> TensorDifference:
        return self._rows[number]

    def number_of(self, layer: str) -> int:
        return next((n for n, row in enumerate(self._rows) if row.layer == layer), -1)

    @override
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._rows.sort(key=_SORT_KEYS[column], reverse=order == Qt.SortOrder.DescendingOrder)
        self.layoutChanged.emit()

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _COLUMNS[section]
            case Qt.ItemDataRole.ToolTipRole:
                return _TIPS[section]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
        return None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return _cells(row)[index.column()]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return f"{row.operator} {row.name}\n{row.a} and {row.b}, {row.shape}"
            case _ if role == _SHARE:
                return row.relative / self._largest if self._largest else 0.0
        return None


def _cells(row: TensorDifference) -> tuple[str, ...]:
    return (
        row.name,
        _percent(row.relative),
        "equal" if row.relative == 0 else "" if row.sqnr_db is None else f"{row.sqnr_db:.1f} dB",
        f"{row.max_abs:.3g}",
        "" if row.arrived is None else _percent(row.arrived),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column <= _BAR else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


class _Cell(QStyledItemDelegate):
    """Text, and in the column of distances a bar against the largest."""

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        area: QRect = option.rect  # type: ignore[attr-defined]  # missing from PySide6's stubs
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]  # the same
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.mix(colours.accent, colours.panel, 0.12))
        painter.setPen(colours.line)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(6, 0, -6, 0)
        if index.column() == _BAR:
            share = index.data(_SHARE)
            bar = QRectF(inner.left(), inner.top() + 5, inner.width() * share, inner.height() - 10)
            painter.fillRect(bar, theme.mix(colours.warn, colours.panel, 0.35))
            inner = inner.adjusted(4, 0, 0, 0)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(colours.ink)
        text = QFontMetrics(painter.font()).elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        painter.drawText(inner, _alignment(index.column()), text)
        painter.restore()


class TensorsTable(QTableView):
    """Selecting a row selects its layer in both models."""

    picked = Signal(object)
    """A TensorDifference."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = TensorsModel()
        self.setModel(self.rows)
        self.setItemDelegate(_Cell(self))
        self.setAccessibleName("Tensors, the farthest apart first")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicator(_BAR, Qt.SortOrder.AscendingOrder)
        header.setMinimumSectionSize(40)
        for column, width in enumerate(_WIDTHS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._tell)
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[TensorDifference]) -> None:
        self.rows.show_rows(rows)
        self.sortByColumn(_BAR, Qt.SortOrder.AscendingOrder)

    def select_layer(self, layer: str) -> None:
        """Show a layer of A as selected; tells nobody."""
        number = self.rows.number_of(layer)
        quiet = self.selectionModel().blockSignals(True)
        if number < 0:
            self.clearSelection()
        else:
            self.selectRow(number)
            self.scrollTo(self.rows.index(number, 0))
        self.selectionModel().blockSignals(quiet)
        self.viewport().update()

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(self.rows.row(current.row()))
