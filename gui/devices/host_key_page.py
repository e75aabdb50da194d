"""The key that a board shows, in words: new, changed, or another board's at the same address."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.remote.board import USB_HOST, Board, HostKey
from gui import theme
from gui.panels.cards import Notice
from gui.panels.inputs import Tickbox
from gui.panels.text import Text

_COMMAND = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
_COMPARE = (
    "Compare it with the board itself: on its own screen or serial console, run the command below. "
    "If it prints the same fingerprint, you talk to this board and to nobody in between. No "
    "password has been sent so far."
)
_NEW = "Nobody has accepted the key of this board yet"
_FIRST_TIME = "That is so for every board that is added for the first time."
_SWAPPED = (
    "Every Jetson has this address on its USB cable: another board is plugged in, or the same one "
    "was flashed anew. Each is told by its serial number, so a new one is added beside the other."
)
_SUSPICIOUS = (
    "Either the board was installed anew, or another one has its address now, or somebody stands "
    "between you and it. Go on only when the fingerprint is the board’s own."
)
_CHANGED = "This address showed another key before"


class HostKeyPage(QWidget):
    """Obeys `show_key`; `accepted` says whether the person compared the fingerprint."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.GAP)
        self._notice: Notice | None = None
        self._column.addWidget(Text("Fingerprint", size=theme.SMALL, tone="dim"))
        self.fingerprint = _copied_line("Fingerprint", self._column)
        self._column.addWidget(Text(_COMPARE, size=theme.SMALL, tone="dim", overflow="wrap"))
        self.command = _copied_line("Command", self._column)
        self.command.setText(_COMMAND)
        self.same = Tickbox("I compared it: the fingerprint is the same")
        self.same.toggled.connect(self.changed)
        self.setFocusProxy(self.same)
        self._column.addWidget(self.same)

    def show_key(self, key: HostKey, known_here: tuple[Board, ...]) -> None:
        """`known_here` are the boards that were added at this address before."""
        self.fingerprint.setText(key.fingerprint)
        self.same.setChecked(False)
        if self._notice is not None:
            self._notice.hide()
            self._notice.deleteLater()
        self._notice = notice_about(key, known_here)
        self._column.insertWidget(0, self._notice)

    @property
    def accepted(self) -> bool:
        return self.same.isChecked()


def notice_about(key: HostKey, known_here: tuple[Board, ...]) -> Notice:
    """Unknown and changed keys told apart; several boards share the address of the USB cable."""
    if not known_here:
        return Notice(_NEW, _FIRST_TIME, "accent")
    names = " and ".join(f"“{board.name}”" for board in known_here)
    if any(board.host_key == key.key for board in known_here):
        return Notice(f"This is the key of {names}", "It is known and has not changed.", "good")
    on_usb = any(board.host == USB_HOST for board in known_here)
    changed = f"{_CHANGED}: that of {names}"
    return Notice(changed, _SWAPPED, "warn") if on_usb else Notice(changed, _SUSPICIOUS, "bad")


def _copied_line(name: str, column: QVBoxLayout) -> QLineEdit:
    """A line of text to select, with a button that copies it."""
    text = QLineEdit()
    text.setReadOnly(True)
    text.setFont(theme.fixed_font())
    text.setAccessibleName(name)
    copy = QPushButton("Copy")
    copy.setProperty("look", "quiet")
    copy.setAutoDefault(False)
    copy.setAccessibleName(f"Copy: {name}")
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text.text()))
    row = QHBoxLayout()
    row.addWidget(text, 1)
    row.addWidget(copy)
    column.addLayout(row)
    return text
