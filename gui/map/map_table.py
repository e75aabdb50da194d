"""The map as a table: sort it, narrow it, tick layers in and out; linked to the graph."""

from typing import Any

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView
from typing_extensions import override

from core.model.graph import LayerId
from gui import theme
from gui.map.map_rows import COLUMNS, COMPRESS, SORT, MapModel, MapRow, comma_separated, lines_of
from gui.map.tick_delegate import TickDelegate
from gui.wording import counted

_ROW = 26
_LEAST = 34
_SAVED = [column.name for column in COLUMNS].index("saved_ms")


class _Narrowed(QSortFilterProxyModel):
    """The rows that hold all words, in the order of one column."""

    def __init__(self, source: MapModel) -> None:
        super().__init__()
        self._source = source
        self._words: tuple[str, ...] = ()
        self.setSourceModel(source)
        self.setSortRole(SORT)

    def narrow(self, words: str) -> None:
        self._words = tuple(words.casefold().split())
        self.invalidate()

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        told = super().headerData(section, orientation, role)
        if role != Qt.ItemDataRole.DisplayRole or section != self.sortColumn() or not told:
            return told
        return f"{told} {'▾' if self.sortOrder() == Qt.SortOrder.DescendingOrder else '▴'}"

    @override
    def filterAcceptsRow(
        self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        row = self._source.rows[source_row]
        text = f"{row.layer.name} {row.layer.operator} {row.now} {_kind(row)}".casefold()
        return all(word in text for word in self._words)


def _kind(row: MapRow) -> str:
    """Words that narrow to what cannot be seen in a name."""
    slower = row.worth.saved_ms is not None and row.worth.saved_ms < 0
    return f"{'compressed' if row.treated else 'kept'} {'slower' if slower else ''}"


class MapTable(QTableView):
    """Space ticks the selected rows; arrows walk and select the layer everywhere."""

    layer_picked = Signal(str)
    toggled = Signal(object, bool)
    """Layer ids, and whether they shall be treated."""

    def __init__(self) -> None:
        super().__init__()
        self.source = MapModel()
        self.source.setParent(self)
        self._sorted = _Narrowed(self.source)
        self._sorted.setParent(self)
        self._told = False
        self.setModel(self._sorted)
        self._style()
        self.setItemDelegateForColumn(COMPRESS, TickDelegate(self))
        self.source.toggled.connect(self.toggled)
        self.selectionModel().currentRowChanged.connect(self._pick)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.setSortingEnabled(True)
        self.sortByColumn(_SAVED, Qt.SortOrder.DescendingOrder)
        self.horizontalHeader().setSortIndicatorShown(False)  # it would cover the titles
        theme.changed.connect(self.viewport().update)

    def _style(self) -> None:
        self.setAccessibleName("Map of the layers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setFont(theme.font(theme.SMALL))
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(_LEAST)
        header.setStretchLastSection(True)
        for section, column in enumerate(COLUMNS):
            self.setColumnWidth(section, column.width)

    # showing

    def narrow(self, words: str) -> None:
        self._sorted.narrow(words)

    @property
    def shown(self) -> list[MapRow]:
        """The rows as they stand now."""
        return [self.row_at(place) for place in range(self._sorted.rowCount())]

    def row_at(self, place: int) -> MapRow:
        return self.source.rows[self._sorted.mapToSource(self._sorted.index(place, 0)).row()]

    def place_of(self, layer: LayerId) -> int:
        """Where a layer stands now; −1 where it is not shown."""
        place = self.source.place_of(layer)
        return self._sorted.mapFromSource(self.source.index(place, 0)).row() if place >= 0 else -1

    def select_layer(self, layer: LayerId | None) -> None:
        """Follow what is selected elsewhere."""
        self._told = True
        place = -1 if layer is None else self.place_of(layer)
        if place < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            flags = QItemSelectionModel.SelectionFlag
            index = self._sorted.index(place, COMPRESS + 1)
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)
        self._told = False

    def _pick(self, current: QModelIndex) -> None:
        """Getting the focus makes a row the current one, but selects none."""
        by_hand = self.selectionModel().isRowSelected(current.row(), QModelIndex())
        if current.isValid() and by_hand and not self._told:
            self.layer_picked.emit(self.row_at(current.row()).layer.id)

    # acting

    def selected_rows(self) -> list[MapRow]:
        """The current row where none is selected."""
        current = [self.currentIndex()] if self.currentIndex().isValid() else []
        chosen = self.selectionModel().selectedRows() or current
        places = sorted(index.row() for index in chosen)
        return [self.row_at(place) for place in places]

    def toggle_selected(self) -> None:
        """Treat the selected layers; keep them where all of them are treated already."""
        rows = [row for row in self.selected_rows() if row.worth.treatable]
        if rows:
            self._set(rows, wanted=not all(row.treated for row in rows))

    def _set(self, rows: list[MapRow], *, wanted: bool) -> None:
        self.toggled.emit(tuple(row.layer.id for row in rows), wanted)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.toggle_selected()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """The selected rows to the clipboard, with their titles."""
        QGuiApplication.clipboard().setText(lines_of(self.selected_rows()))

    def copy_all(self) -> None:
        """All shown rows as comma-separated values."""
        QGuiApplication.clipboard().setText(comma_separated(self.shown))

    def menu(self) -> QMenu:
        """What can be done with the selected rows."""
        menu = QMenu(self)
        rows = self.selected_rows()
        able = [row for row in rows if row.worth.treatable]
        what = (
            able[0].layer.name.replace("&", "&&") if len(able) == 1 else counted(len(able), "layer")
        )
        keep = menu.addAction(f"Keep {what}")
        keep.setEnabled(any(row.treated for row in able))
        keep.triggered.connect(lambda: self._set(able, wanted=False))
        compress = menu.addAction(f"Compress {what}")
        compress.setEnabled(any(not row.treated for row in able))
        compress.triggered.connect(lambda: self._set(able, wanted=True))
        menu.addSeparator()
        copy = menu.addAction("Copy rows")
        copy.setEnabled(bool(rows))
        copy.triggered.connect(self.copy)
        menu.addAction("Copy all as CSV").triggered.connect(self.copy_all)
        return menu

    def _show_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(place))
