"""What a search found: how much, ways to narrow it, and the best of it as a list."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.model.graph_index import Facet
from core.model.query import HINT, word_for
from gui import theme
from gui.panels.text import Text

ROWS_SHOWN = 9
ROW_HEIGHT = 26
FACET_TITLE = 104
FACET_PADDING = 24
LONGEST_VALUE = 24
INSET = 8
SHORT_HINT = "Words, or op: name: scope: shape: dtype: attr: params>1M · a minus excludes"
KEYS = "Enter next · Shift+Enter previous · Esc ends"


class SearchResults(QFrame):
    """Lies below the search field. Only shows; the field decides."""

    taken = Signal(int)
    """The item of a row that was clicked."""
    narrowed = Signal(str)
    """The word of a facet that was pressed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("notice", "plain")
        self.setAccessibleName("Search results")
        self._count = Text(size=theme.SMALL, bold=True)
        self._hint = Text(size=theme.TINY, tone="faint", overflow="cut")
        self._rows: list[QWidget] = []
        self._facets = QVBoxLayout()
        self._facets.setSpacing(2)
        self.list = _List()
        self.list.itemClicked.connect(
            lambda entry: self.taken.emit(entry.data(Qt.ItemDataRole.UserRole))
        )
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self._count)
        head.addWidget(self._hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(INSET, INSET, INSET, INSET)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(self._facets)
        column.addWidget(self.list)
        self.hide()

    def say(self, count: str, hint: str = KEYS) -> None:
        self._count.setText(count)
        self._hint.setText(hint)

    def show_facets(self, facets: Sequence[Facet], width: int) -> None:
        """As many values of each as fit into `width` pixels."""
        for row in self._rows:
            self._facets.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._facet_row(facet, width - 2 * INSET) for facet in facets]
        for row in self._rows:
            self._facets.addWidget(row)

    def show_items(self, lines: Sequence[tuple[int, str]]) -> None:
        """Items with how they read; the first becomes the current one."""
        self.list.clear()
        for item, line in lines:
            entry = QListWidgetItem(line)
            entry.setData(Qt.ItemDataRole.UserRole, item)
            entry.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(entry)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(lines))
        self.list.setFixedHeight(min(len(lines), ROWS_SHOWN) * ROW_HEIGHT + 4)

    def place(self, left: int, top: int, width: int) -> None:
        """Show it there, as high as it needs to be."""
        layout = self.layout()
        assert layout is not None
        self.show()
        for row in self._rows:
            row.show()  # the layout counts only what is shown
        for part in self.findChildren(QWidget):
            part.ensurePolished()  # new ones have no size of their style before
        layout.invalidate()
        layout.activate()
        self.setGeometry(left, top, width, layout.totalSizeHint().height())
        self.raise_()

    def _facet_row(self, facet: Facet, width: int) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        title = Text(facet.title, size=theme.TINY, tone="dim")
        title.setFixedWidth(FACET_TITLE)
        line.addWidget(title)
        metrics = QFontMetrics(theme.font(theme.TINY))
        room = width - FACET_TITLE
        for value, count in facet.counts:
            words = f"{_cut(value)}  {count:,}"
            room -= metrics.horizontalAdvance(words) + FACET_PADDING
            if room < 0:
                break
            line.addWidget(self._facet_button(facet, value, words))
        line.addStretch(1)
        return row

    def _facet_button(self, facet: Facet, value: str, words: str) -> QPushButton:
        button = QPushButton(words.replace("&", "&&"))
        button.setProperty("look", "facet")
        button.setFont(theme.font(theme.TINY))
        button.setAccessibleName(f"Only {facet.title.lower()} {words}")
        button.clicked.connect(partial(self.narrowed.emit, word_for(facet.field, value)))
        return button


def all_fields() -> str:
    """What the field understands, for people."""
    return f"Plain words, or: {HINT}. A minus in front excludes."


def _cut(value: str) -> str:
    half = LONGEST_VALUE // 2
    return value if len(value) <= LONGEST_VALUE else f"{value[:half]}…{value[-half:]}"


class _List(QListWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Found layers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUniformItemSizes(True)
        theme.changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        colours = theme.current()
        chosen = theme.mix(colours.accent, colours.raised, 0.18).name()
        self.setStyleSheet(
            f"QListWidget {{ background: transparent; color: {colours.ink.name()}; border: 0; }}"
            "QListWidget::item { border-radius: 5px; padding-left: 6px; }"
            f"QListWidget::item:selected {{ background: {chosen}; color: {colours.ink.name()}; }}"
        )
