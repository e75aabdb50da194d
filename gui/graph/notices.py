"""Chips below the search: what is hidden or followed now, and a button that ends it."""

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui import theme
from gui.panels.text import Text

LONGEST = 90
HEIGHT = 26


class Notices(QWidget):
    """One chip per key, in the order in which they came."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.GAP)
        self._chips: dict[str, QFrame] = {}
        self.hide()

    def put(self, key: str, text: str, button: str = "", act: Callable[..., object] = bool) -> None:
        """Show a chip; an empty text takes it away."""
        self._drop(key)
        if text:
            self._chips[key] = self._chip(text, button, act)
            self._row.addWidget(self._chips[key])
        self.setVisible(bool(self._chips))
        self.adjustSize()

    def clear(self) -> None:
        for key in list(self._chips):
            self._drop(key)
        self.hide()

    def texts(self) -> list[str]:
        """What the chips say."""
        return [chip.accessibleName() for chip in self._chips.values()]

    def button(self, key: str) -> QPushButton:
        """The button of a chip."""
        return self._chips[key].findChildren(QPushButton)[0]

    def _drop(self, key: str) -> None:
        if (chip := self._chips.pop(key, None)) is not None:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()

    def _chip(self, text: str, button: str, act: Callable[..., object]) -> QFrame:
        chip = QFrame(self)
        chip.setProperty("notice", "plain")
        chip.setAccessibleName(text)
        line = QHBoxLayout(chip)
        line.setContentsMargins(10, 0, 4, 0)
        line.setSpacing(4)
        shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
        line.addWidget(Text(shown, size=theme.SMALL, tone="dim"))
        if button:
            press = QPushButton(button)
            press.setProperty("look", "link")
            press.setFont(theme.font(theme.SMALL))
            press.setAccessibleName(f"{button}: {text}")
            press.clicked.connect(act)
            line.addWidget(press)
        chip.setFixedHeight(HEIGHT)
        chip.show()
        return chip
