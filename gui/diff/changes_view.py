"""The tab of layers: which kinds of difference, a search, the list, and one layer's facts."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.diff.report import StructureDiff
from gui import theme
from gui.diff.changes_table import ChangesTable
from gui.diff.details import Details
from gui.diff.opened import Row, RowKind
from gui.panels.segments import Segment, Segments
from gui.panels.text import Text

_ALL = "all"
_KINDS: dict[str, tuple[str, tuple[RowKind, ...]]] = {
    _ALL: ("All", get_args(RowKind)),
    "precision": ("Precision", ("precision", "rounded")),
    "changed": ("Changed", ("changed",)),
    "added": ("Added", ("added",)),
    "removed": ("Removed", ("removed",)),
}
"""Filter to its words and the kinds that it lets through."""


class ChangesView(QWidget):
    """Shows the rows of one comparison."""

    picked = Signal(object)
    """A Row that a person selected."""

    def __init__(self) -> None:
        super().__init__()
        self.filter = Segments("Which differences")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find in the differences")
        self.search.setClearButtonEnabled(True)
        self.table = ChangesTable()
        self.details = Details()
        self._alike = Text(tone="dim", overflow="wrap")
        self._alike.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._build()
        self.filter.picked.connect(self._narrow)
        self.search.textChanged.connect(lambda: self._narrow(self.filter.pressed() or _ALL))
        self.table.picked.connect(self.picked)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GAP, 0, 0)
        head = QVBoxLayout()
        head.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        head.addWidget(self.filter)
        head.addWidget(self.search)
        column.addLayout(head)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._alike)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._stack)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        column.addWidget(splitter, 1)

    def show_rows(self, rows: Sequence[Row], structure: StructureDiff) -> None:
        counts = Counter(row.kind for row in rows)
        self.filter.set_segments(
            [
                Segment(value, f"{words} {sum(counts[kind] for kind in kinds)}")
                for value, (words, kinds) in _KINDS.items()
            ]
        )
        self.filter.press(_ALL)
        self.table.rows.show_rows(rows)
        self.details.show_row(None)
        self._alike.setText(_alike_words(structure))
        self._stack.setCurrentIndex(0 if rows else 1)

    def _narrow(self, value: str) -> None:
        self.table.rows.narrow(_KINDS[value][1], self.search.text())


def _alike_words(structure: StructureDiff) -> str:
    if structure.same:
        return "The models are alike."
    return "Every layer is the same in both; what differs is told below the title."
