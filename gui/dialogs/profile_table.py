"""The groups of layers of a profile in rows: time, share, precision, kernel, members."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView
from typing_extensions import override

from core.benchmark.layer_profile import LayerGroup, LayerProfile
from core.model.graph import LayerId, ModelGraph
from gui.colourings import costliest
from gui.panels.text import plain_tip
from gui.wording import milliseconds_words, share_words

Index = QModelIndex | QPersistentModelIndex

_TOP = QModelIndex()
_SORT = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 26
_MOST_NAMED = 5
_CONVERSION, _OTHER = "conversion", "no layer"


class ProfileRow(NamedTuple):
    """One group of layers, one conversion, or one kernel of no layer."""

    title: str
    layer: LayerId | None
    """What is selected with it."""
    members: tuple[LayerId, ...]
    milliseconds: float
    precision: str
    kernel: str


class _Column(NamedTuple):
    title: str
    width: int
    words: Callable[[ProfileRow, float], str]
    order: Callable[[ProfileRow], float | str]


_COLUMNS = (
    _Column("Layers", 250, lambda row, all_: row.title, lambda row: row.title),
    _Column(
        "Time",
        76,
        lambda row, all_: milliseconds_words(row.milliseconds),
        lambda row: row.milliseconds,
    ),
    _Column(
        "Share",
        64,
        lambda row, all_: share_words(row.milliseconds, all_),
        lambda row: row.milliseconds,
    ),
    _Column("Precision", 88, lambda row, all_: row.precision, lambda row: row.precision),
    _Column("Kernel", 170, lambda row, all_: row.kernel, lambda row: row.kernel),
)


class ProfileModel(QAbstractTableModel):
    """All that ran, in the order of execution."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[ProfileRow] = ()
        self._counted = 0.0

    def show(self, profile: LayerProfile, graph: ModelGraph) -> None:
        self.beginResetModel()
        self.rows = rows_of(profile, graph)
        self._counted = profile.counted_ms
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    @override
    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section].title
        return None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], _COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.words(row, self._counted)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip("\n".join(row.members) or row.title)
            case Qt.ItemDataRole.TextAlignmentRole if isinstance(column.order(row), float):
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case _ if role == _SORT:
                return column.order(row)
        return None


class ProfileTable(QTableView):
    """Sortable; the costliest first. Arrow keys and clicks tell the layer of the row."""

    layer_picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.source = ProfileModel()
        self._sorted = QSortFilterProxyModel()
        self._sorted.setSourceModel(self.source)
        self._sorted.setSortRole(_SORT)
        self.setModel(self._sorted)
        self.setAccessibleName("What ran, by time")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSortingEnabled(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for number, column in enumerate(_COLUMNS):
            self.setColumnWidth(number, column.width)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._pick)

    def show_profile(self, profile: LayerProfile, graph: ModelGraph) -> None:
        self.source.show(profile, graph)
        self.sortByColumn(1, Qt.SortOrder.DescendingOrder)

    def row_at(self, place: int) -> ProfileRow:
        """The row that stands there now."""
        return self.source.rows[self._sorted.mapToSource(self._sorted.index(place, 0)).row()]

    def _pick(self, current: QModelIndex) -> None:
        if current.isValid() and (layer := self.row_at(current.row()).layer) is not None:
            self.layer_picked.emit(layer)


def rows_of(profile: LayerProfile, graph: ModelGraph) -> tuple[ProfileRow, ...]:
    groups = [_group_row(group, graph) for group in profile.groups()]
    others = [
        ProfileRow(
            title=f"{_CONVERSION if kernel.role == 'conversion' else _OTHER}: {kernel.name}",
            layer=costliest(kernel.layers, graph),
            members=kernel.layers,
            milliseconds=kernel.milliseconds,
            precision=_from_to(kernel.source_precision, kernel.precision),
            kernel=kernel.kernel or kernel.kind,
        )
        for kernel in profile.kernels
        if kernel.role != "layer"
    ]
    return (*groups, *others)


def _group_row(group: LayerGroup, graph: ModelGraph) -> ProfileRow:
    host = costliest(group.layers, graph)
    members = sorted(group.layers, key=lambda layer: layer != host)
    more = len(members) - _MOST_NAMED
    return ProfileRow(
        title=" + ".join(members[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else ""),
        layer=host,
        members=group.layers,
        milliseconds=group.milliseconds,
        precision=group.precision,
        kernel=", ".join(group.kernels),
    )


def _from_to(source: str, target: str) -> str:
    if not source:
        return target
    return f"layout, {target}" if source == target else f"{source} → {target}"
