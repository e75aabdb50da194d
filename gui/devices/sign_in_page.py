"""Signing in once, and what that leaves on the board: read it, then agree."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.panels.cards import Notice
from gui.panels.inputs import Tickbox
from gui.panels.text import Text

_PASSWORD = (
    "It is used now, to put Edgewright’s own key on the board; from then on no password is needed. "
    "It is kept in memory for this and written nowhere. Leave it empty if the board takes one of "
    "your SSH keys."
)
_PLACED = (
    "• One line in ~/.ssh/authorized_keys: Edgewright’s public key, marked as such.\n"
    "• One folder of Edgewright’s own in your home folder there, for models and results.\n"
    "• A Jetson gets nothing else: its own trtexec and tegrastats do the work. On other boards you "
    "are asked again before anything is installed in that folder.\n"
    "• Removing the device here takes both away again, if you want."
)


class SignInPage(QWidget):
    """The password leaves this page only through `password`, and is forgotten by `forget`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self._who = Text(bold=True, overflow="cut")
        column.addWidget(self._who)
        column.addLayout(self._build_password())
        column.addWidget(Text(_PASSWORD, size=theme.SMALL, tone="dim", overflow="wrap"))
        self.remember = Tickbox("Remember the password in the system keyring")
        column.addWidget(self.remember)
        self._no_keyring = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        column.addWidget(self._no_keyring)
        column.addWidget(Notice("What this puts on the board", _PLACED, "accent"))

    def _build_password(self) -> QGridLayout:
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName("Password")
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self.changed)
        self.reveal = QPushButton("Show")
        self.reveal.setCheckable(True)
        self.reveal.setAutoDefault(False)
        self.reveal.setAccessibleName("Show the password")
        self.reveal.toggled.connect(self._reveal)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setColumnStretch(1, 1)
        grid.addWidget(Text("Password", tone="dim"), 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.reveal, 0, 2)
        return grid

    def begin(self, who: str) -> None:
        """`who` is “user@host”."""
        self._who.setText(who)

    def allow_remembering(self, problem: str) -> None:
        """`problem` says why nothing can be kept here; empty where it can."""
        self.remember.setEnabled(not problem)
        self._no_keyring.setText(problem)
        self._no_keyring.setVisible(bool(problem))

    @property
    def password(self) -> str:
        return self.field.text()

    def forget(self) -> None:
        """Overwrite what was typed."""
        self.field.clear()
        self.reveal.setChecked(False)

    def _reveal(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.field.setEchoMode(mode)
        self.reveal.setText("Hide" if shown else "Show")
