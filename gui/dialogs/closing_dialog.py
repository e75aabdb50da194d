"""Asks what becomes of a running optimization when the window is closed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gui.dialogs.sheet import Sheet


class ClosingDialog(Sheet):
    stop_chosen = Signal()
    go_on_chosen = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            "An optimization is running",
            "It can go on without the window; its results will be in the project. If you stop it, "
            "what was measured so far is kept and used the next time.",
            parent,
            480,
        )
        self.stay = self.add_cancel("Keep the window open")
        self.stop = self.add_button("Stop and close")
        self.go_on = self.add_button("Close, let it finish", primary=True)
        self.stop.clicked.connect(self.accept)
        self.stop.clicked.connect(self.stop_chosen)
        self.go_on.clicked.connect(self.accept)
        self.go_on.clicked.connect(self.go_on_chosen)
