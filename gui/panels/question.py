"""The question before something is deleted that cannot be brought back."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.panels.text import Text


class DeletionQuestion(QWidget):
    """Hidden until it is asked; gone with either answer."""

    confirmed = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._asked = Text(tone="warn", overflow="wrap")
        row.addWidget(self._asked, 1)
        keep = QPushButton("Keep")
        self.confirm = QPushButton("Delete for good")
        for button in (keep, self.confirm):
            button.setAutoDefault(False)
            button.clicked.connect(self.hide)
            row.addWidget(button)
        self.confirm.clicked.connect(self.confirmed)
        self.hide()

    def ask(self, words: str) -> None:
        self._asked.setText(words)
        self.show()
        self.confirm.setFocus()
