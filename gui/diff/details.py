"""What differs in one layer: each fact, old and new."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from core.diff.report import NumericDiff
from gui import theme
from gui.diff.changes_table import MARKS
from gui.diff.opened import Row
from gui.panels.text import Heading, Text

_HINT = "Select a line above or a layer in a graph."


class Details(QScrollArea):
    """Shows one row at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("surface", "panel")
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.PADDING, 4, theme.PADDING, theme.PADDING)
        self.title = Text(bold=True, overflow="wrap")
        self._kind = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(5)
        for place, stretch in enumerate((4, 5, 5)):
            self._grid.setColumnStretch(place, stretch)
        self._notes = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        column.addWidget(Heading("Old and new"))
        for widget in (self.title, self._kind):
            column.addWidget(widget)
        column.addLayout(self._grid)
        column.addWidget(self._notes)
        column.addStretch(1)
        self.setWidget(inner)
        self.show_row(None)

    def show_row(self, row: Row | None, numeric: NumericDiff | None = None) -> None:
        """A layer that differs, or the hint; with how far its results are apart, where known."""
        self._clear()
        self.title.setText(row.title if row else "")
        self.title.setVisible(row is not None)
        self._kind.setText(f"{row.operator} · {MARKS[row.kind][2]}" if row else _HINT)
        self._notes.setText("\n".join(row.notes) if row else "")
        if row is None:
            return
        facts = [(each.what, each.before or "–", each.after or "–") for each in row.changes]
        facts += _distances(row, numeric)
        if facts:
            self._add(("", "A", "B"), heading=True)
        for fact in facts:
            self._add(fact)

    def show_alike(self, title: str, operator: str) -> None:
        """A layer that is the same in both."""
        self._clear()
        self.title.setText(title)
        self.title.setVisible(True)
        self._kind.setText(f"{operator} · the same in both")
        self._notes.setText("")

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, fact: tuple[str, str, str], *, heading: bool = False) -> None:
        number = self._grid.rowCount()
        for place, words in enumerate(fact):
            tone = "dim" if heading or place == 0 else "ink"
            text = Text(words, size=theme.SMALL, tone=tone, bold=heading, overflow="wrap")
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(text, number, place, Qt.AlignmentFlag.AlignTop)


def _distances(row: Row, numeric: NumericDiff | None) -> list[tuple[str, str, str]]:
    if numeric is None:
        return []
    return [
        ("result apart by", "", f"{100 * each.relative:.3g} %")
        for each in numeric.tensors
        if each.layer == row.a
    ]
