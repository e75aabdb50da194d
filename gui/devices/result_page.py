"""What signing in found: the checks as they arrive, then the device's name."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from core.remote.board import Board
from core.remote.checks import Check
from gui import theme
from gui.devices.check_list import CheckList
from gui.devices.prepare_offer import PrepareOffer
from gui.panels.text import Text

_HIGHEST = 330
_LONGEST_NAME = 200


class ResultPage(QWidget):
    """The list scrolls when it gets long."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self.checks = CheckList()
        page = QWidget()
        page.setProperty("surface", "panel")
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 6, 0)
        inner.addWidget(self.checks)
        inner.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(page)
        self._scroll.setFixedHeight(_HIGHEST)
        column.addWidget(self._scroll)
        self.offer = PrepareOffer()
        column.addWidget(self.offer)
        self.name = QLineEdit()
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setAccessibleName("Name")
        self._naming = QWidget()
        grid = QGridLayout(self._naming)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.addWidget(Text("Name", tone="dim"), 0, 0)
        grid.addWidget(self.name, 0, 1)
        column.addWidget(self._naming)
        self.clear()

    def clear(self) -> None:
        self.checks.clear()
        self._naming.hide()
        self.offer.hide()

    def add(self, check: Check) -> None:
        self.checks.add(check)
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())

    def show_board(self, board: Board) -> None:
        """It was added: what it is called can be changed here."""
        self.offer.show_board(board, busy=False)
        self.name.setText(board.name)
        self._naming.show()
        self.name.setFocus()
        self.name.selectAll()
