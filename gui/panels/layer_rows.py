"""The layers as rows for a table view, and as text for a clipboard or a file."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from typing_extensions import override

from core.model.columns import Ints
from core.model.graph import Layer, ModelGraph
from core.model.layer_table import Form, Known, TableColumn, Value, columns_for
from gui.wording import count_words, milliseconds_words, share_of_one, size_words

Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_WORDS: Mapping[Form, Callable[[float], str]] = {
    "count": count_words,
    "bytes": size_words,
    "operations": lambda value: count_words(value, "FLOP"),
    "milliseconds": milliseconds_words,
    "share": share_of_one,
}
"""How the numbers of a column read; the other columns hold texts."""
_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""


class Sorting(NamedTuple):
    """By which column, and whether the largest comes first."""

    column: TableColumn
    falling: bool


@dataclass(frozen=True)
class LayerRows:
    """What a table shows at one moment. Safe to read on any thread."""

    graph: ModelGraph | None = None
    known: Known = field(default_factory=Known)
    columns: tuple[TableColumn, ...] = ()
    places: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """Places of the layers in the graph, from the first row to the last."""

    def layer(self, row: int) -> Layer:
        assert self.graph is not None
        return self.graph.layers[int(self.places[row])]

    def row_of(self, place: int) -> int:
        """The row of the layer at this place of the graph; −1 where it is not shown."""
        found = np.flatnonzero(self.places == place)
        return int(found[0]) if len(found) else -1

    def text(self, row: int, column: TableColumn) -> str:
        """A cell as people read it."""
        return words_of(column.value(self.layer(row), self.known), column.form)

    def lines(self, rows: Iterable[int]) -> str:
        """Rows as people see them, cells parted by tabs, titles first."""
        titles = [column.title for column in self.columns]
        cells = ([self.text(row, column) for column in self.columns] for row in rows)
        return "\n".join("\t".join(line) for line in (titles, *cells))

    def comma_separated(self) -> str:
        """All rows with bare numbers; text that would be a formula begins with a quote."""
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(("id", *(column.name for column in self.columns)))
        for row in range(len(self.places)):
            layer = self.layer(row)
            values = (column.value(layer, self.known) for column in self.columns)
            writer.writerow([safe(layer.id), *map(safe, values)])
        return target.getvalue()


class LayerTableModel(QAbstractTableModel):
    """Makes a row's texts when the row is seen: 100,000 layers cost nothing to set up."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = LayerRows()
        self.sorting: Sorting | None = None

    def show_graph(self, graph: ModelGraph | None, known: Known) -> None:
        """All layers in the order in which they run."""
        self.beginResetModel()
        columns = columns_for(known) if graph else ()
        places = np.arange(len(graph.layers) if graph else 0)
        self.shown = LayerRows(graph, known, columns, places)
        self.endResetModel()

    def show_places(self, places: Ints) -> None:
        """The same layers in another order, or fewer of them."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [(int(self.shown.places[each.row()]), each.column()) for each in before]
        self.shown = replace(self.shown, places=places)
        after = [self._index_of(place, column) for place, column in held]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def show_sorting(self, sorting: Sorting | None) -> None:
        """Mark the column that the rows are sorted by."""
        self.sorting = sorting
        if self.shown.columns:
            last = len(self.shown.columns) - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)

    def show_known(self, known: Known) -> None:
        """Other figures for the same columns."""
        self.shown = replace(self.shown, known=known)
        if len(self.shown.places):
            last = self.index(len(self.shown.places) - 1, len(self.shown.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _index_of(self, place: int, column: int) -> QModelIndex:
        row = self.shown.row_of(place)
        return self.createIndex(row, column) if row >= 0 else QModelIndex()

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.shown.places)

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.shown.columns)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        columns = self.shown.columns
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _title(columns[section], self.sorting)
        return _alignment(columns[section]) if role == Qt.ItemDataRole.TextAlignmentRole else None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.shown.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self.shown.text(index.row(), column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None


def words_of(value: Value, form: Form) -> str:
    """A cell in the words that people read; empty where there is nothing to say."""
    if isinstance(value, str):
        return value
    if value is None or (value == 0 and form != "share"):
        return ""
    return _WORDS[form](value)


def _title(column: TableColumn, sorting: Sorting | None) -> str:
    if sorting is None or sorting.column is not column:
        return column.title
    return f"{column.title} {'▾' if sorting.falling else '▴'}"


def _alignment(column: TableColumn) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.form in _WORDS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def safe(value: Value) -> str | int | float:
    """A cell for a spreadsheet: text that would be a formula begins with a quote."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else value
