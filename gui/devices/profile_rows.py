"""One profile in full, or several side by side, as a table whose differences stand out."""

import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)
from typing_extensions import override

from core.devices.profile import Confidence, DeviceProfile
from core.devices.profile_words import CONFIDENCE_WORDS, mode_words, side_by_side
from gui import theme
from gui.devices.profile_marks import mark
from gui.later import later
from gui.panels.text import plain_tip

UNKNOWN = "—"
_DIFFERS = "≠ "
_MODES = "Power modes"
_ROW, _LABELS = 24, 150
_PADDING, _ROOM = 6, 10
"""At the sides of a cell, as in window.qss, and above and below its words together."""
_LETTERS, _LINES = 19, 3
"""Of a profile's name above its column."""
_SOFT = 0.12
_TOP = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class Row(NamedTuple):
    """A heading where there are no values."""

    label: str
    values: tuple[str, ...] = ()
    confidences: tuple[Confidence, ...] = ()

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def rows_of(profiles: Sequence[DeviceProfile]) -> list[Row]:
    """Headings and rows; the power modes only of a single one."""
    rows: list[Row] = []
    group = ""
    for fact in side_by_side(profiles):
        if fact.group != group:
            group = fact.group
            rows.append(Row(group))
        rows.append(Row(fact.label, fact.values, fact.confidences))
    if len(profiles) == 1 and profiles[0].power_modes:
        rows.append(Row(_MODES))
        rows += [
            Row(mode.name, (mode_words(mode),), (mode.confidence_of("gpu_mhz"),))
            for mode in profiles[0].power_modes
        ]
    return rows


class ProfileRowsModel(QAbstractTableModel):
    """Labels, one column for each profile, and in words how a single one's facts are known."""

    def __init__(self) -> None:
        super().__init__()
        self._profiles: Sequence[DeviceProfile] = ()
        self.rows: list[Row] = []

    def show(self, profiles: Sequence[DeviceProfile]) -> None:
        self.beginResetModel()
        self._profiles = profiles
        self.rows = rows_of(profiles) if profiles else []
        self.endResetModel()

    @property
    def _is_single(self) -> bool:
        return len(self._profiles) == 1

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return len(self.rows)

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 1 + len(self._profiles) + self._is_single

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        names = ["", *(one.name for one in self._profiles), "How it is known"]
        if role == Qt.ItemDataRole.DisplayRole:
            return "\n".join(textwrap.wrap(names[section], _LETTERS)[:_LINES])
        return plain_tip(names[section]) if role == Qt.ItemDataRole.ToolTipRole else None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(row, column)
        if role == Qt.ItemDataRole.FontRole:
            return self._font(row, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(row, column)
        if role == Qt.ItemDataRole.BackgroundRole and self._stands_out(row, column):
            colours = theme.current()
            return theme.mix(colours.accent, colours.panel, _SOFT)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._mark(row, column)
        return self._tip(row, column) if role == Qt.ItemDataRole.ToolTipRole else None

    def _words(self, row: Row, column: int) -> str:
        if column == 0:
            return (_DIFFERS if row.differs else "") + row.label
        if not row.values:
            return ""
        if column > len(row.values):
            return CONFIDENCE_WORDS[row.confidences[0]]
        return row.values[column - 1] or UNKNOWN

    def _font(self, row: Row, column: int) -> QFont:
        if not row.values or self._stands_out(row, column):
            return theme.font(theme.SMALL, QFont.Weight.DemiBold)
        return theme.font(theme.SMALL)

    def _ink(self, row: Row, column: int) -> Any:
        colours = theme.current()
        quiet = column == 0 or (self._is_single and column == 2)
        return colours.dim if quiet and row.values else colours.ink

    def _stands_out(self, row: Row, column: int) -> bool:
        return row.differs and column > 0

    def _mark(self, row: Row, column: int) -> Any:
        marked = 2 if self._is_single else column
        if column != marked or column == 0 or not row.values:
            return None
        confidence = row.confidences[0 if self._is_single else column - 1]
        return mark(confidence) if self._is_single or row.values[column - 1] else None

    def _tip(self, row: Row, column: int) -> str:
        if not row.values or not 0 < column <= len(row.values):
            return ""
        known = CONFIDENCE_WORDS[row.confidences[column - 1]]
        value = row.values[column - 1]
        return plain_tip(f"{value}\n{known}" if value else "Not known, or does not apply")


class _Wrapping(QStyledItemDelegate):
    """Measures with the style sheet's padding, which Qt forgets: else the last word is cut."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        narrower = QStyleOptionViewItem(option)
        inner = option.rect.adjusted(0, 0, -2 * _PADDING, 0)  # type: ignore[attr-defined]  # missing from PySide6's stubs
        narrower.rect = inner  # type: ignore[attr-defined]  # the same
        return super().sizeHint(narrower, index) + QSize(0, _ROOM)


class ProfileRows(QTableView):
    """Read only; what differs is bold, tinted and marked “≠”."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = ProfileRowsModel()
        self.setModel(self.facts)
        self.setItemDelegate(_Wrapping(self))
        self.setAccessibleName("Facts")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        theme.changed.connect(self.facts.layoutChanged)
        self._fit = later(self, self.resizeRowsToContents)

    def show_profiles(self, profiles: Sequence[DeviceProfile]) -> None:
        self.facts.show(profiles)
        self.clearSpans()
        header = self.horizontalHeader()
        header.setVisible(len(profiles) > 1)
        self.setColumnWidth(0, _LABELS)
        for column in range(1, self.facts.columnCount()):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        if len(profiles) == 1:
            header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        for number, row in enumerate(self.facts.rows):
            if not row.values:
                self.setSpan(number, 0, 1, self.facts.columnCount())
        self._fit()
        self.scrollToTop()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
