"""Asks before anything is installed on a board: what, where, how much, and how it is undone."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.remote.board import Board
from gui import theme
from gui.panels.cards import Notice

_WHAT = (
    "NumPy, OpenVINO, ONNX Runtime and what they need, in the versions that are used here. They go "
    "into a private environment in Edgewright’s own folder on the board and take about 400 MB "
    "there; nothing else of the board is changed, and no administrator’s rights are needed. The "
    "board fetches them from its package index, so it needs a way to the internet. Removing the "
    "device removes them too."
)


class PrepareOffer(QWidget):
    """Shown only for a board on which nothing can run models yet."""

    agreed = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(theme.GAP)
        column.addWidget(Notice("Models cannot run there yet: install what they need?", _WHAT))
        self.install = QPushButton("Install it on the board")
        self.install.setAutoDefault(False)
        self.install.clicked.connect(self.agreed)
        column.addWidget(self.install)
        self.hide()

    def show_board(self, board: Board, *, busy: bool) -> None:
        """Offers, where it would help."""
        lacks = board.facts is not None and not board.facts.runtimes
        self.setVisible(board.kind == "linux" and lacks and not busy)
