"""What went wrong, why, and what to do, beside the thing that it concerns."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from gui import icons, theme
from gui.panels.text import Text
from gui.trouble import Trouble


class TroubleCard(QFrame):
    """Hidden while there is no trouble."""

    action_wanted = Signal()
    log_wanted = Signal()
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("notice", "bad")
        self._what = Text(size=theme.SMALL, tone="bad", bold=True, overflow="wrap")
        self._why = Text(size=theme.SMALL, tone="ink", overflow="wrap")
        self._remedy = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self._action = _link(self.action_wanted)
        self._log = _link(self.log_wanted, "Show the log")
        self._close = QPushButton()
        self._close.setProperty("look", "quiet")
        self._close.setAccessibleName("Dismiss this message")
        self._close.clicked.connect(self.dismissed)
        theme.changed.connect(self._tint)
        self._build()
        self._tint()
        self.show_trouble(None)

    def _build(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(11, 8, 8, 8)
        body.setSpacing(4)
        first = QHBoxLayout()
        first.addWidget(self._what, 1)
        first.addWidget(self._close)
        body.addLayout(first)
        body.addWidget(self._why)
        body.addWidget(self._remedy)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self._action)
        buttons.addWidget(self._log)
        buttons.addStretch(1)
        body.addLayout(buttons)

    def _tint(self) -> None:
        self._close.setIcon(icons.icon("x"))

    def show_trouble(self, trouble: Trouble | None) -> None:
        self.setVisible(trouble is not None)
        if trouble is None:
            return
        self._what.setText(trouble.what)
        self._why.setText(trouble.why)
        self._remedy.setText(trouble.remedy)
        self._action.setText(trouble.action)
        self._action.setVisible(bool(trouble.action))
        self._log.setVisible(bool(trouble.log))
        self.setAccessibleName(f"{trouble.what} {trouble.why} {trouble.remedy}")


def _link(signal: SignalInstance, text: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setProperty("look", "link")
    button.clicked.connect(signal)
    return button
