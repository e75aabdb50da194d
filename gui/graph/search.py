"""The field that finds layers while a person types, and the list below it."""

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QWidget
from typing_extensions import override

from gui import theme
from gui.graph.search_index import SearchIndex
from gui.icons import icon
from gui.panels.text import Chip

ROWS_SHOWN = 9
ROW_HEIGHT = 26
HINT_HEIGHT = 20


class SearchField(QLineEdit):
    """Shows what it finds below itself; Enter or a click takes one."""

    chosen = Signal(int)
    """The item to go to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._ground = parent
        self._index: SearchIndex | None = None
        self.setPlaceholderText("Find layer, operator, shape…")
        self.setAccessibleName("Find layer, operator, shape")
        self._glass = self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._hint = Chip("Ctrl K")
        self._hint.setParent(self)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._list = _Results(parent)
        self._list.itemClicked.connect(self._take)
        self._nothing = QLabel("Nothing found", self._list)
        self._nothing.setContentsMargins(12, 6, 0, 0)
        self.textEdited.connect(self._look)
        theme.changed.connect(self._recolour)
        self.installEventFilter(self)

    def set_index(self, index: SearchIndex | None) -> None:
        self._index = index
        self.clear()
        self._list.hide()

    def results(self) -> list[str]:
        """The lines that are listed now."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def _look(self, wanted: str) -> None:
        self._hint.setVisible(not wanted)
        index = self._index
        if index is None or not wanted.strip():
            self._list.hide()
            return
        self._list.clear()
        for item in index.find(wanted):
            entry = QListWidgetItem(index.line(item))
            entry.setData(Qt.ItemDataRole.UserRole, item)
            entry.setSizeHint(QSize(0, ROW_HEIGHT))
            self._list.addItem(entry)
        self._list.setCurrentRow(0)
        self._nothing.setVisible(self._list.count() == 0)
        self._place_list()

    def _place_list(self) -> None:
        corner = self.mapTo(self._ground, QPoint(0, self.height() + 4))
        rows = min(max(self._list.count(), 1), ROWS_SHOWN)
        width = min(max(self.width(), 420), self._ground.width() - corner.x() - 12)
        self._list.setGeometry(corner.x(), corner.y(), width, rows * ROW_HEIGHT + 12)
        self._list.show()
        self._list.raise_()

    def _take(self, entry: QListWidgetItem | None) -> None:
        if entry is not None:
            self._list.hide()
            self.clear()
            self._hint.show()
            self.chosen.emit(entry.data(Qt.ItemDataRole.UserRole))

    def _recolour(self) -> None:
        self._glass.setIcon(icon("search"))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._list.hide()
        return super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._list.isVisible():
            self._take(self._list.currentItem())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._list.count():
            step = 1 if key == Qt.Key.Key_Down else -1
            self._list.setCurrentRow((self._list.currentRow() + step) % self._list.count())
        elif key == Qt.Key.Key_Escape:
            self.clear()
            self._hint.show()
            self._list.hide()
            self._ground.setFocus()
        else:
            super().keyPressEvent(event)

    @override
    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        hint = self._hint.sizeHint()
        top = (self.height() - HINT_HEIGHT) // 2
        self._hint.setGeometry(self.width() - hint.width() - 9, top, hint.width(), HINT_HEIGHT)


class _Results(QListWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Found layers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUniformItemSizes(True)
        self.hide()
        theme.changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        colours = theme.current()
        chosen = theme.mix(colours.accent, colours.raised, 0.18).name()
        self.setStyleSheet(
            f"QListWidget {{ background: {colours.raised.name()}; color: {colours.ink.name()};"
            f" border: 1px solid {colours.line.name()}; border-radius: 8px; padding: 5px; }}"
            "QListWidget::item { border-radius: 5px; padding-left: 6px; }"
            f"QListWidget::item:selected {{ background: {chosen}; color: {colours.ink.name()}; }}"
        )
