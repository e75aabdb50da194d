"""Where the board is and who signs in there: the first page of adding a device."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from core.remote.board import USB_HOST, Host, User
from core.remote.ssh_hosts import SshHost
from gui import theme
from gui.panels.inputs import NumberField, Picker
from gui.panels.text import Text

_USB = SshHost("Jetson on its USB cable", USB_HOST)
_HOSTS, _USERS = TypeAdapter[str](Host), TypeAdapter[str](User)
_ELSEWHERE = "Another address"
_HELP = (
    f"Every Jetson has the address {USB_HOST} on the cable that flashes it; that needs no network. "
    "The board must be on, and its SSH server must run: it does on a Jetson after its first start, "
    "and on a Raspberry Pi once SSH is enabled in raspi-config."
)


@dataclass(frozen=True)
class Destination:
    """Where to sign in, and as whom."""

    host: str
    port: int
    user: str


class AddressPage(QWidget):
    """`destination` is None while something is missing or cannot be right."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._places: list[SshHost | None] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self._build_fields(column)
        self._fault = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        column.addWidget(self._fault)
        column.addWidget(Text(_HELP, size=theme.SMALL, tone="dim", overflow="wrap"))
        self.offer(())
        self._take(0)

    def _build_fields(self, column: QVBoxLayout) -> None:
        self.place, self.port = Picker(), NumberField(1, 65535)
        self.host, self.user = QLineEdit(), QLineEdit()
        self.host.setPlaceholderText("192.168.1.20, or a name such as pi.local")
        self.user.setPlaceholderText("your account on the board")
        self.port.setFixedWidth(84)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(theme.GAP)
        grid.setColumnStretch(1, 1)
        for name, field, row, at, width in (
            ("Device", self.place, 0, 0, 3),
            ("Address", self.host, 1, 0, 1),
            ("Port", self.port, 1, 2, 1),
            ("User", self.user, 2, 0, 1),
        ):
            field.setAccessibleName(name)
            grid.addWidget(Text(name, tone="dim"), row, at)
            grid.addWidget(field, row, at + 1, 1, width)
        column.addLayout(grid)
        self.place.activated.connect(self._take)
        self.host.textEdited.connect(self._leave_offers)
        for field in (self.host, self.user):
            field.textChanged.connect(self._tell)
        self.port.valueChanged.connect(self._tell)

    def offer(self, hosts: Sequence[SshHost]) -> None:
        """The USB cable first, then the hosts of the person's own SSH configuration."""
        chosen = self.place.currentText()
        self._places = [_USB, *hosts, None]
        self.place.clear()
        self.place.addItems([_place_words(place) for place in self._places])
        self.place.setCurrentIndex(max(self.place.findText(chosen), 0))

    def _take(self, index: int) -> None:
        """Fill the fields; a user that was typed stays where the place names none."""
        place = self._places[index]
        self.host.setText(place.host if place else "")
        if place is not None:
            self.port.setValue(place.port)
            self.user.setText(place.user or self.user.text())
        self.setFocusProxy(self.user if place else self.host)
        self.setFocus()

    def _leave_offers(self) -> None:
        self.setFocusProxy(self.host)
        self.place.setCurrentIndex(len(self._places) - 1)

    @property
    def destination(self) -> Destination | None:
        host, user = self.host.text().strip(), self.user.text().strip()
        if not host or not user or self._faults():
            return None
        self.port.interpretText()  # what is typed counts before its field is left
        return Destination(host, round(self.port.value()), user)

    def _faults(self) -> list[str]:
        """What is typed and cannot be right; an empty field is no fault yet."""
        typed = ((self.host.text().strip(), _HOSTS), (self.user.text().strip(), _USERS))
        return [fault for text, kind in typed if text and (fault := _fault_of(kind, text))]

    def _tell(self) -> None:
        faults = self._faults()
        self._fault.setText("\n".join(faults))
        self._fault.setVisible(bool(faults))
        self.changed.emit()


def _place_words(place: SshHost | None) -> str:
    if place is None:
        return _ELSEWHERE
    return f"{place.name} ({place.host})" if place.host != place.name else place.name


def _fault_of(kind: TypeAdapter[str], text: str) -> str:
    try:
        kind.validate_python(text)
    except ValidationError as error:
        return error.errors()[0]["msg"].removeprefix("Value error, ")
    return ""
