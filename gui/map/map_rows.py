"""The rows of the map's table: one layer, its figures under an option, whether it is treated."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from typing_extensions import override

from core.model.graph import Layer, LayerId, ModelGraph
from core.search.layer_worth import LayerWorth
from gui.map.words import (
    NOT_KNOWN,
    flips_words,
    loss_words,
    points_with_band,
    signed_milliseconds,
    worth_words,
)
from gui.panels.layer_rows import Value, safe
from gui.panels.text import plain_tip
from gui.wording import milliseconds_words, size_words

Index = QModelIndex | QPersistentModelIndex
SORT = Qt.ItemDataRole.UserRole
_TOP = QModelIndex()
_LAST = -math.inf
"""What is not known sorts behind everything that is."""


class MapRow(NamedTuple):
    """One layer."""

    layer: Layer
    worth: LayerWorth
    now: str
    """What the plan in the editor does with it, in words."""
    treated: bool


class Column(NamedTuple):
    """`words` is what people read, `figure` what is sorted by and saved."""

    name: str
    title: str
    tip: str
    width: int
    words: Callable[[MapRow], str]
    figure: Callable[[MapRow], Value]


def _optional(value: float | None, words: Callable[[float], str]) -> str:
    return NOT_KNOWN if value is None else words(value)


def _points(row: MapRow) -> str:
    points = row.worth.points
    return NOT_KNOWN if points is None else points_with_band(points)


def _flips(row: MapRow) -> str:
    flips = row.worth.flips
    return NOT_KNOWN if flips is None else flips_words(flips, row.worth.images)


COMPRESS = 0
"""The column with the tick boxes."""
COLUMNS = (
    Column(
        "compress",
        "",
        "Ticked: the plan treats this layer. Press, or Space on selected rows, to change it",
        34,
        lambda row: "",
        lambda row: int(row.treated),
    ),
    Column(
        "name", "Layer", "", 150, lambda row: row.layer.name, lambda row: row.layer.name.casefold()
    ),
    Column(
        "operator", "Operator", "", 84, lambda row: row.layer.operator, lambda r: r.layer.operator
    ),
    Column(
        "now", "In the plan", "What your plan does with it", 118, lambda r: r.now, lambda r: r.now
    ),
    Column(
        "kept_ms",
        "As it is",
        "Measured: its time untreated, its share of the kernel that ran it",
        66,
        lambda row: _optional(row.worth.kept_ms, milliseconds_words),
        lambda row: row.worth.kept_ms,
    ),
    Column(
        "treated_ms",
        "Treated",
        "Measured: its time where the whole model is treated this way",
        66,
        lambda row: _optional(row.worth.treated_ms, milliseconds_words),
        lambda row: row.worth.treated_ms,
    ),
    Column(
        "saved_ms",
        "Saves",
        "Measured: as it is, less treated. A minus means that treating makes it slower",
        70,
        lambda row: _optional(row.worth.saved_ms, signed_milliseconds),
        lambda row: row.worth.saved_ms,
    ),
    Column(
        "points",
        "Costs, points",
        "Predicted from the measured loss: points of accuracy if it alone is treated, "
        "with the band that the number of images leaves",
        126,
        _points,
        lambda row: row.worth.points and row.worth.points.value,
    ),
    Column(
        "loss",
        "Loss",
        "Measured: how far the answers move with it alone treated (KL divergence where answers "
        "are class scores, else noise)",
        66,
        lambda row: _optional(row.worth.loss, loss_words),
        lambda row: row.worth.loss,
    ),
    Column(
        "flips",
        "Flips",
        "Measured: images whose answer changed with it alone treated",
        66,
        _flips,
        lambda row: row.worth.flips and row.worth.flips.value,
    ),
    Column(
        "saved_bytes",
        "File",
        "Predicted: bytes that treating it saves",
        84,
        lambda row: size_words(row.worth.saved_bytes) if row.worth.saved_bytes else NOT_KNOWN,
        lambda row: row.worth.saved_bytes or None,
    ),
    Column(
        "ms_per_point",
        "Value",
        "Time saved for each point of accuracy; “free” costs next to nothing",
        88,
        lambda row: worth_words(row.worth.ms_per_point),
        lambda row: row.worth.ms_per_point,
    ),
)
_OF_TICK_BOXES = (Qt.ItemDataRole.CheckStateRole, Qt.ItemDataRole.AccessibleTextRole)
_TEXTS = ("compress", "name", "operator", "now")


class MapModel(QAbstractTableModel):
    """Layers in running order; a proxy sorts and narrows them."""

    toggled = Signal(object, bool)
    """Layer ids, and whether they shall be treated."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[MapRow] = ()
        self._place_of: Mapping[LayerId, int] = {}

    def show(
        self,
        graph: ModelGraph | None,
        worths: Mapping[LayerId, LayerWorth],
        words: Mapping[LayerId, str],
        kept: str,
    ) -> None:
        """`words` say what the plan does with the layers that it treats, `kept` with others."""
        rows = [
            MapRow(layer, worths[layer.id], words.get(layer.id, kept), layer.id in words)
            for layer in (graph.layers if graph else ())
            if layer.id in worths
        ]
        same = [row.layer.id for row in rows] == list(self._place_of)
        if not same:
            self.beginResetModel()
        self.rows = rows
        self._place_of = {row.layer.id: place for place, row in enumerate(rows)}
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))

    def place_of(self, layer: LayerId) -> int:
        """−1 for a layer that is not in the map."""
        return self._place_of.get(layer, -1)

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section].title
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(COLUMNS[section].tip)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
            case Qt.ItemDataRole.InitialSortOrderRole if COLUMNS[section].name not in _TEXTS:
                return Qt.SortOrder.DescendingOrder.value
        return None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == COMPRESS and self.rows[index.row()].worth.treatable:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        if index.column() == COMPRESS and role in _OF_TICK_BOXES:
            return said(row) if role == Qt.ItemDataRole.AccessibleTextRole else _tick(row)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return column.words(row)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(_tip(row))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
            case _ if role == SORT:
                return _order(column.figure(row))
        return None

    @override
    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        wanted = Qt.CheckState(value) == Qt.CheckState.Checked
        self.toggled.emit((self.rows[index.row()].layer.id,), wanted)
        return True


def said(row: MapRow) -> str:
    """For a screen reader: what the tick box of a row means."""
    if not row.worth.treatable:
        return f"{row.layer.name} cannot be treated"
    return f"{row.layer.name}, {'compressed' if row.treated else 'kept'}"


def lines_of(rows: Iterable[MapRow]) -> str:
    """Rows as people see them, parted by tabs, titles first."""
    titles = [column.title for column in COLUMNS[1:]]
    cells = ([column.words(row) for column in COLUMNS[1:]] for row in rows)
    return "\n".join("\t".join(line) for line in (titles, *cells))


def comma_separated(rows: Iterable[MapRow]) -> str:
    """All rows with bare numbers, for a spreadsheet."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(("id", *(column.name for column in COLUMNS)))
    for row in rows:
        writer.writerow([safe(row.layer.id), *(safe(column.figure(row)) for column in COLUMNS)])
    return target.getvalue()


def _tick(row: MapRow) -> Qt.CheckState | None:
    """None, so no box, for a layer that cannot be treated."""
    checked = Qt.CheckState.Checked if row.treated else Qt.CheckState.Unchecked
    return checked if row.worth.treatable else None


def _order(figure: Value) -> Value:
    return _LAST if figure is None else figure


def _tip(row: MapRow) -> str:
    worth = row.worth
    if not worth.treatable:
        return f"{row.layer.id}\nThis option cannot treat it."
    others = [layer for layer in worth.together if layer != worth.layer]
    lines = [str(row.layer.id), f"In the plan: {row.now}"]
    if others:
        lines.append(f"Runs in one kernel with {', '.join(others)}: they are treated alike.")
    if worth.flips is not None:
        low, high = 100 * worth.flips.low, 100 * worth.flips.high
        lines.append(f"Flips {low:.1f} to {high:.1f} % of the images (95 % interval).")
    return "\n".join(lines)


def _alignment(section: int) -> Qt.AlignmentFlag:
    text = COLUMNS[section].name in (*_TEXTS, "ms_per_point")
    side = Qt.AlignmentFlag.AlignLeft if text else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
