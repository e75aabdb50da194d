"""What signing in found: the checks as they arrive, then the device's name."""

from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from core.remote.board import Board
from core.remote.checks import Check
from gui import theme
from gui.devices.check_list import CheckList
from gui.devices.prepare_offer import PrepareOffer
from gui.panels.scrolled import scrolled_column
from gui.panels.text import Text

_WHAT_NEXT = (
    "“Use this device” lets this project measure on it from now on; “Close” keeps it for later."
)
_HIGHEST = 330
_LONGEST_NAME = 200


class ResultPage(QWidget):
    """The list scrolls when it gets long."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self.verdict = Text(bold=True, overflow="wrap")
        column.addWidget(self.verdict)
        self.checks = CheckList()
        self._scroll = scrolled_column(self.checks)
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
        grid.addWidget(Text(_WHAT_NEXT, size=theme.SMALL, tone="dim", overflow="wrap"), 1, 0, 1, 2)
        self.setFocusProxy(self.name)
        column.addWidget(self._naming)
        self.clear()

    def clear(self) -> None:
        self.checks.clear()
        self.verdict.hide()
        self._naming.hide()
        self.offer.hide()

    def add(self, check: Check) -> None:
        self.checks.add(check)
        self.verdict.hide()
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())

    def show_board(self, board: Board) -> None:
        """It was added: what it is called can be changed here."""
        self.verdict.setText(self.checks.verdict)
        self.verdict.show()
        self._scroll.verticalScrollBar().setValue(0)
        self.offer.show_board(board, busy=False)
        self.name.setText(board.name)
        self._naming.show()
        self.setFocus()
        self.name.selectAll()
