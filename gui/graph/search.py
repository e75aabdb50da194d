"""The field that finds layers while a person types."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from typing_extensions import override

from gui import theme
from gui.graph.finder import Finder
from gui.graph.search_index import Found
from gui.graph.search_results import KEYS, SHORT_HINT, SearchResults, all_fields
from gui.icons import icon
from gui.panels.text import Chip, plain_tip

HINT_HEIGHT = 20
MOST_LISTED = 100
LEAST_WIDTH = 560
"""Of the results, where the window is wide enough."""


class SearchField(QLineEdit):
    """Shows what it finds below itself; Enter goes from one to the next."""

    chosen = Signal(int)
    """The item to go to; the field keeps the focus, so that Enter goes on."""
    taken = Signal(int)
    """The same by a click: the search is done for now."""
    found = Signal(object)
    """A Found, or None when the search ends."""
    left = Signal()
    """Escape: back to the graph."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._ground = parent
        self.finder = Finder(self)
        self._found: Found | None = None
        self._at = -1
        self.setPlaceholderText("Find layer, operator, shape…")
        self.setAccessibleName("Find layer, operator, shape")
        self.setToolTip(plain_tip(f"{all_fields()}\n{KEYS}"))
        self._glass = self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._chip = Chip("Ctrl K")
        self._chip.setParent(self)
        self._chip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.popup = SearchResults(parent)
        self.popup.taken.connect(self._take)
        self.popup.narrowed.connect(self._narrow)
        self.textEdited.connect(self._look)
        self.finder.ready.connect(self._look_again)
        QApplication.instance().focusChanged.connect(self._follow_focus)  # type: ignore[union-attr]
        theme.changed.connect(self._recolour)

    def start(self) -> None:
        """Put the cursor here and show the ways to look for something."""
        self.setFocus()
        self.selectAll()
        if self.popup.isHidden():
            self._look(self.text())

    def finish(self) -> None:
        """Forget what was looked for."""
        self.clear()
        self.popup.hide()
        self._found, self._at = None, -1
        self._show_place()
        self.found.emit(None)

    def results(self) -> list[str]:
        """The lines that are listed now."""
        return [self.popup.list.item(row).text() for row in range(self.popup.list.count())]

    def step(self, forwards: bool = True) -> None:
        """Go to the next of what was found, or to the one before; from the last to the first."""
        if self._found is None or not len(self._found):
            return
        if self._at < 0:
            self._at = self.popup.list.currentRow() if forwards else len(self._found)
            self._at = max(self._at, 0) if forwards else self._at - 1
        else:
            self._at = (self._at + (1 if forwards else -1)) % len(self._found)
        self.popup.hide()
        self._show_place()
        self.chosen.emit(int(self._found.items[self._at]))

    def _look(self, wanted: str) -> None:
        self._at = -1
        self._found = self.finder.find(wanted)
        self._show_place()
        self._show_results(wanted)
        self.found.emit(self._found if wanted.strip() else None)

    def _look_again(self) -> None:
        """The index is there: answer what was asked meanwhile."""
        if self.hasFocus():
            self._look(self.text())

    def _show_results(self, wanted: str) -> None:
        found, popup = self._found, self.popup
        corner = self.mapTo(self._ground, QPoint(0, self.height() + 4))
        room = self._ground.width() - 24
        width = min(max(self.width(), LEAST_WIDTH), room)
        if found is None:
            popup.say("Preparing the search…", "")
        elif not wanted.strip():
            popup.say("Find", SHORT_HINT)
        else:
            popup.say(f"{len(found):,} found" if len(found) else "Nothing found")
        popup.show_facets(() if found is None else found.facets, width)
        items = [] if found is None else found.items[:MOST_LISTED].tolist()
        popup.show_items([(item, self.finder.line(item)) for item in items])
        popup.place(min(corner.x(), room + 12 - width), corner.y(), width)

    def _show_place(self) -> None:
        """“1 of 214” at the right end, once a person goes through what was found."""
        found = self._found
        if not self.text():
            self._chip.show_as("Ctrl K")
        elif found is None or not len(found):
            self._chip.show_as("0 found" if found is not None else "")
        elif self._at < 0:
            self._chip.show_as(f"{len(found):,} found")
        else:
            self._chip.show_as(f"{self._at + 1:,} of {len(found):,}", "accent")
        self._place_chip()

    def _narrow(self, word: str) -> None:
        self.setText(f"{self.text().rstrip()} {word} ".lstrip())
        self.setFocus()
        self._look(self.text())

    def _take(self, item: int) -> None:
        if self._found is not None:
            self._at = self._found.items.tolist().index(item)
        self.popup.hide()
        self._show_place()
        self.taken.emit(item)

    def _follow_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        """The results go when the focus is neither in the field nor in them."""
        if now is None or (now is not self and not self.popup.isAncestorOf(now)):
            self.popup.hide()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ways to narrow before anything is typed; keep what was gone through."""
        super().focusInEvent(event)
        if self._at < 0:
            self._look(self.text())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shown = event.key(), self.popup.list
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and shown.count():
            self._at = -1
            self.popup.show()
            step = 1 if key == Qt.Key.Key_Down else -1
            shown.setCurrentRow((shown.currentRow() + step) % shown.count())
        elif key == Qt.Key.Key_Escape:
            self.finish()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _recolour(self) -> None:
        self._glass.setIcon(icon("search"))

    def _place_chip(self) -> None:
        hint = self._chip.sizeHint()
        top = (self.height() - HINT_HEIGHT) // 2
        self._chip.setGeometry(self.width() - hint.width() - 9, top, hint.width(), HINT_HEIGHT)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_chip()
