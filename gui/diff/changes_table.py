"""The list of what differs, with a shape and a word for each kind."""

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter
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

from gui import theme
from gui.diff.opened import Row, RowKind

Index = QModelIndex | QPersistentModelIndex

MARKS: dict[RowKind, tuple[str, str, str]] = {
    "added": ("+", "good", "Only in B"),
    "removed": ("−", "bad", "Only in A"),
    "changed": ("~", "warn", "Changed"),
    "precision": ("~", "warn", "Computes in another precision"),
    "rounded": ("≈", "dim", "Only its result is rounded"),
}
"""Kind to its shape, its tone and its words."""
_HEIGHT = 42
_TOP = QModelIndex()
_ROW = Qt.ItemDataRole.UserRole


class ChangesModel(QAbstractTableModel):
    """The rows of some kinds whose text holds what is looked for."""

    def __init__(self) -> None:
        super().__init__()
        self._all: Sequence[Row] = ()
        self._shown: list[Row] = []

    def show_rows(self, rows: Sequence[Row]) -> None:
        self._all = rows
        self.narrow((), "")

    def narrow(self, kinds: Collection[RowKind], text: str) -> None:
        """No kinds means all of them."""
        self.beginResetModel()
        wanted = text.casefold()
        self._shown = [
            row
            for row in self._all
            if (not kinds or row.kind in kinds)
            and wanted in f"{row.title} {row.operator} {row.words}".casefold()
        ]
        self.endResetModel()

    def row(self, number: int) -> Row:
        return self._shown[number]

    def number_of(self, side: str, layer: str) -> int:
        """The row of a layer of side “a” or “b”; −1 where it is not shown."""
        return next((n for n, row in enumerate(self._shown) if getattr(row, side) == layer), -1)

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._shown)

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else 1

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{MARKS[row.kind][2]}: {row.operator} {row.title}, {row.words}"
            case _ if role == _ROW:
                return row
        return None


class _Line(QStyledItemDelegate):
    """The shape, the name with its operator, and below what changed."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        row: Row = index.data(_ROW)
        area: QRect = option.rect  # type: ignore[attr-defined]  # missing from PySide6's stubs
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]  # the same
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.mix(colours.accent, colours.panel, 0.12))
        painter.setPen(colours.line)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        mark, tone, _ = MARKS[row.kind]
        painter.setFont(theme.font(theme.TITLE, QFont.Weight.DemiBold))
        painter.setPen(getattr(colours, tone))
        painter.drawText(
            QRect(area.left() + 4, area.top(), 20, area.height()),
            Qt.AlignmentFlag.AlignCenter,
            mark,
        )
        self._paint_words(painter, area.adjusted(30, 4, -8, -4), row)
        painter.restore()

    def _paint_words(self, painter: QPainter, area: QRect, row: Row) -> None:
        colours = theme.current()
        upper = QRect(area.left(), area.top(), area.width(), area.height() // 2)
        lower = upper.translated(0, area.height() // 2)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(theme.TINY))
        painter.setPen(colours.dim)
        operator = row.operator
        painter.drawText(upper, right, operator)
        taken = painter.fontMetrics().horizontalAdvance(operator) + theme.GAP
        painter.drawText(lower, left, _cut(painter, row.words, lower.width()))
        painter.setFont(theme.font(theme.SMALL, QFont.Weight.DemiBold))
        painter.setPen(colours.ink)
        painter.drawText(upper, left, _cut(painter, row.title, upper.width() - taken))


def _cut(painter: QPainter, text: str, width: int) -> str:
    metrics = QFontMetrics(painter.font())
    return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)


class ChangesTable(QTableView):
    """Selecting a row selects the layer in both models."""

    picked = Signal(object)
    """A Row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = ChangesModel()
        self.setModel(self.rows)
        self.setItemDelegate(_Line(self))
        self.setAccessibleName("What differs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_HEIGHT)
        self.selectionModel().currentRowChanged.connect(self._tell)
        theme.changed.connect(self.viewport().update)

    def select_layer(self, side: str, layer: str) -> Row | None:
        """Show the row of a layer of side “a” or “b” as selected; tells nobody."""
        number = self.rows.number_of(side, layer)
        quiet = self.selectionModel().blockSignals(True)
        if number < 0:
            self.clearSelection()
        else:
            self.selectRow(number)
            self.scrollTo(self.rows.index(number, 0))
        self.selectionModel().blockSignals(quiet)
        self.viewport().update()
        return self.rows.row(number) if number >= 0 else None

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(self.rows.row(current.row()))
