"""The devices: this computer, what computes in it, and the boards that were added, each in full."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.remote.board import Board
from gui import theme
from gui.devices.board_page import BoardPage
from gui.devices.board_words import card_words, condition_kind, condition_tone, condition_words
from gui.devices.local_page import LocalPage
from gui.dialogs.sheet import Sheet
from gui.panels.cards import ThingCard
from gui.panels.project_panel import runtime_labels
from gui.panels.scrolled import scrolled
from gui.panels.text import ChipKind, Text
from gui.session import Session
from gui.wording import counted

_LIST_WIDTH = 270
_HEIGHT = 470
_NO_BOARD = "No board yet. A Jetson on its USB cable is found by its address."


class DevicesDialog(Sheet):
    """Cards on the left; on the right the one that was picked."""

    add_wanted = Signal()
    rebuild_wanted = Signal(str, object)
    """Id of a board, and the EngineRecord of what shall be built there."""

    def __init__(self, session: Session, parent: QWidget, shown: str = "") -> None:
        """`shown` is the id of the device to begin with."""
        super().__init__(
            "Devices",
            "Where models can run. Optimize, benchmarks and profiles of this project run on the "
            "device that is chosen for it.",
            parent,
            860,
            grows=True,
        )
        self._session, self._fleet = session, session.fleet
        self._cards: dict[str, ThingCard] = {}
        self._shown = shown or (session.device.id if session.device else "")
        self._page: QWidget | None = None
        self._build()
        again = self.add_button("Look again")
        again.clicked.connect(session.measuring.scan)
        close = self.add_button("Done", primary=True)
        close.clicked.connect(self.accept)
        session.device_changed.connect(self._show)
        self._fleet.changed.connect(self._show)
        self._show()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(18)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        side = QWidget()
        side.setProperty("surface", "panel")
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addLayout(self._list)
        self._no_board = Text(_NO_BOARD, size=theme.SMALL, tone="dim", overflow="wrap")
        column.addWidget(self._no_board)
        self.unreadable = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        column.addWidget(self.unreadable)
        self.add = QPushButton("+ Add a device…")
        self.add.setProperty("look", "link")
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self.add_wanted)
        column.addWidget(self.add)
        column.addStretch(1)
        left = scrolled(side)
        left.setFixedWidth(_LIST_WIDTH)
        self._right = scrolled(QWidget())
        self._right.setAccessibleName("The device in full")
        self._right.setMinimumHeight(_HEIGHT)
        row.addWidget(left)
        row.addWidget(self._right, 1)
        self.body.addLayout(row, 1)

    # the list

    def _show(self) -> None:
        boards = self._fleet.boards
        inside = [device for device in self._session.devices if not self._fleet.board(device.id)]
        self._drop_cards({each.id for each in (*inside, *boards)})
        for device in inside:
            card = self._card(device.id)
            words = f"{counted(device.cores, 'core')} · {', '.join(runtime_labels(device))}"
            card.show_thing(device.name, words, *self._chip(device.id, device.boost.split(" (")[0]))
            card.set_dot("good" if device.runtimes else "faint")
        for board in boards:
            self._show_board(board)
        for place, each in enumerate((*inside, *boards)):
            self._list.insertWidget(place, self._cards[each.id])
        unreadable = self._fleet.unreadable.items()
        self.unreadable.setText(
            "\n".join(f"{file} cannot be used. {why}" for file, why in unreadable)
        )
        self.unreadable.setVisible(bool(unreadable))
        self._no_board.setVisible(not boards)
        if self._shown not in self._cards and self._cards:
            self._shown = next(iter(self._cards))
            self._drop_page()
        if self._page is None and self._cards:
            self.pick(self._shown)

    def _show_board(self, board: Board) -> None:
        card, fleet = self._card(board.id), self._fleet
        chip = self._chip(board.id, condition_words(fleet, board), condition_kind(fleet, board))
        card.show_thing(board.name, card_words(fleet, board), *chip)
        card.set_dot(condition_tone(fleet, board))

    def _chip(self, device_id: str, words: str, kind: ChipKind = "plain") -> tuple[str, ChipKind]:
        chosen = self._session.device
        return ("in use", "accent") if chosen and chosen.id == device_id else (words, kind)

    def _card(self, device_id: str) -> ThingCard:
        if device_id not in self._cards:
            card = self._cards[device_id] = ThingCard("Device")
            card.clicked.connect(lambda: self.pick(device_id))
            self._list.addWidget(card)
        return self._cards[device_id]

    def card(self, device_id: str) -> ThingCard:
        return self._cards[device_id]

    def _drop_cards(self, kept: set[str]) -> None:
        for device_id in set(self._cards) - kept:
            card = self._cards.pop(device_id)
            card.hide()
            card.deleteLater()

    # the page beside it

    def pick(self, device_id: str) -> None:
        """Show this one in full."""
        self._shown = device_id
        for each, card in self._cards.items():
            card.set_chosen(each == device_id)
        self._drop_page()
        page = self._page = self._page_of(device_id)
        page.setProperty("surface", "panel")
        # As high as its wrapped texts are at this width; their least height is of a narrow page.
        page.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._right.setWidget(page)

    def _page_of(self, device_id: str) -> LocalPage | BoardPage:
        device = next((each for each in self._session.devices if each.id == device_id), None)
        if self._fleet.board(device_id) is not None or device is None:
            page = BoardPage(self._fleet, device_id)
            page.rebuild_wanted.connect(lambda record: self._rebuild(device_id, record))
        else:
            page = LocalPage(device)
        page.measure_wanted.connect(self._measure)
        return page

    def _drop_page(self) -> None:
        if self._page is not None:
            self._page = None
            self._right.takeWidget().deleteLater()

    def _rebuild(self, device_id: str, record: object) -> None:
        self.accept()
        self.rebuild_wanted.emit(device_id, record)

    def _measure(self, device_id: str) -> None:
        self._session.measuring.choose(device_id)
        self._show()
