"""Choosing the device that a model is made for: cards, search, facts, up to four side by side."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from core.devices.profile import FAMILIES, DeviceProfile, Profiles, profiles
from core.devices.profile_files import remove_own
from core.devices.profile_words import matches
from core.jobs.events import Failed
from gui import theme
from gui.devices.profile_cards import MOST_COMPARED, ProfileCards
from gui.devices.profile_form import ProfileForm
from gui.devices.profile_page import ProfilePage
from gui.devices.profile_target import profile_of
from gui.dialogs.sheet import Sheet
from gui.jobs import Errand
from gui.panels.cards import Notice
from gui.panels.inputs import Picker
from gui.panels.question import DeletionQuestion
from gui.panels.text import Text
from gui.session import Session

_WIDTH, _HEIGHT, _LIST, _NARROW = 1120, 720, 380, 300
_SENTENCE = (
    "What the model is made for. Predictions and advice are about this device; it need not be "
    "here. Where models are measured is chosen under Devices."
)
_MOST_BROKEN = 2
"""Files told with their reasons; of more only the names."""
_READING = "Reading the profiles…"
_NOTHING = "No profile says that. Fewer words, or another kind?"


class ProfileDialog(Sheet):
    """Looks at profiles; choosing goes to the session, own profiles to their files."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Target device", _SENTENCE, parent, _WIDTH, grows=True)
        self._session = session
        self._known: Profiles | None = None
        self._here: str | None = None
        self._wanted = session.target.choice.profile if session.target.choice else ""
        self._build_places()
        self._build_question()
        self._build_buttons()
        self._connect()
        self._read()

    def _build_places(self) -> None:
        places = self._places = QSplitter(Qt.Orientation.Horizontal)
        places.setChildrenCollapsible(False)
        places.addWidget(self._build_list())
        self.page = ProfilePage()
        places.addWidget(self.page)
        places.setStretchFactor(1, 1)
        places.setSizes([_LIST, _WIDTH - _LIST])
        self.body.addWidget(places, 1)

    def _build_list(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, theme.GAP, 0)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: orin 8gb, vnni, raspberry, i7…  (Ctrl+F)")
        self.search.setAccessibleName("Search profiles")
        self.search.setClearButtonEnabled(True)
        self.family = Picker()
        self.family.setAccessibleName("Kind of device")
        self.family.addItem("Every kind", "")
        for family, words in FAMILIES.items():
            self.family.addItem(words, family)
        self.cards = ProfileCards()
        self._told = Text(_READING, size=theme.SMALL, tone="dim", overflow="wrap")
        column.addWidget(self.search)
        column.addWidget(self.family)
        column.addWidget(self._told)
        column.addWidget(self.cards, 1)
        self.broken: list[Notice] = []
        self._notices = QVBoxLayout()
        column.addLayout(self._notices)
        return side

    def _build_question(self) -> None:
        self._question = DeletionQuestion()
        self._question.confirmed.connect(self._delete)
        self.confirm = self._question.confirm
        self.body.addWidget(self._question)

    def _build_buttons(self) -> None:
        self.compare = self.add_button("Compare")
        self.delete = self.add_button("Delete…")
        self.edit = self.add_button("Edit…")
        self.copy = self.add_button("Copy and edit…")
        self.add_cancel("Close")
        self.choose = self.add_button("Choose", primary=True)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._show_list)
        self.family.activated.connect(self._show_list)
        self.cards.looked_at.connect(self._look)
        self.cards.picked.connect(self._choose)
        self.cards.cards.ticked.connect(self._show_ticks)
        self.cards.cards.refused.connect(self._refuse_tick)
        self.compare.clicked.connect(self._compare)
        self.page.left.connect(self._leave_comparison)
        self.delete.clicked.connect(self._ask)
        self.edit.clicked.connect(lambda: self._open_form(copies=False))
        self.copy.clicked.connect(lambda: self._open_form(copies=True))
        self.choose.clicked.connect(self._choose)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.search.setFocus)
        down = QShortcut(QKeySequence(Qt.Key.Key_Down), self.search, self.cards.setFocus)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._show_ticks()

    @override
    def fit(self) -> None:
        self.resize(_WIDTH, _HEIGHT)

    # reading

    def _read(self) -> None:
        device = self._session.device
        errand = Errand(lambda: (profiles(), profile_of(device)))
        errand.done.connect(self._take)
        errand.failed.connect(self._tell_failure)
        errand.start()

    def _read_again(self, _: object) -> None:
        self._session.target.read()
        self._read()

    def _take(self, found: tuple[Profiles, str | None]) -> None:
        self._known, self._here = found
        self._show_broken(self._known)
        self._show_list()
        self.cards.look_at(self._wanted or self._here or "")
        self.cards.setFocus()

    def _show_broken(self, known: Profiles) -> None:
        for notice in self.broken:
            notice.hide()
            notice.deleteLater()
        files = list(known.failed.items())
        self.broken = [Notice(f"{file} cannot be used", why) for file, why in files[:_MOST_BROKEN]]
        if len(files) > _MOST_BROKEN:
            more = ", ".join(file for file, _ in files[_MOST_BROKEN:])
            self.broken.append(Notice("Nor can these be used", more))
        for notice in self.broken:
            self._notices.addWidget(notice)

    def _tell_failure(self, failed: Failed) -> None:
        self._told.setText(f"{failed.what} {failed.why} {failed.remedy}")
        self._told.show()

    # showing

    def _show_list(self) -> None:
        if self._known is None:
            return
        family = self.family.currentData()
        shown = [
            one
            for one in self._known.values()
            if family in ("", one.family) and matches(one, self.search.text())
        ]
        order = list(FAMILIES)
        shown.sort(key=lambda one: order.index(one.family))
        self._told.setText(_NOTHING)
        self._told.setVisible(not shown)
        self.cards.show_profiles(shown, self._chips(self._known))

    def _chips(self, known: Profiles) -> dict[str, str]:
        chips = dict.fromkeys(known.own, "yours")
        if self._here:
            chips[self._here] = "like this computer"
        if (choice := self._session.target.choice) is not None:
            chips[choice.profile] = "target"
        return chips

    def _look(self, profile: DeviceProfile | None) -> None:
        self._question.hide()
        own = self._known is not None and profile is not None and profile.id in self._known.own
        choice = self._session.target.choice
        mode = choice.mode if choice and profile and choice.profile == profile.id else None
        self.page.show_profile(profile, mode)
        self.delete.setVisible(own)
        self.edit.setVisible(own)
        for button in (self.choose, self.copy):
            button.setEnabled(profile is not None)

    def _show_ticks(self) -> None:
        count = len(self.cards.cards.compared)
        self.compare.setEnabled(count > 1)
        self.compare.setText(f"Compare {count}" if count > 1 else "Compare")
        self.compare.setToolTip("Tick two to four cards, by their box or with Space")
        if self.page.compares:
            self._compare()

    def _refuse_tick(self) -> None:
        self._told.setText(f"At most {MOST_COMPARED} fit side by side: untick one first.")
        self._told.show()

    def _compare(self) -> None:
        if self._known is not None:
            compared = [self._known[id] for id in self.cards.cards.compared]
            self._places.setSizes([_NARROW, _WIDTH - _NARROW])
            self.page.show_comparison(compared)

    def _leave_comparison(self) -> None:
        self.cards.cards.forget_ticks()
        self._places.setSizes([_LIST, _WIDTH - _LIST])
        self._look(self.cards.current)
        self.cards.setFocus()

    # acting

    def _choose(self) -> None:
        if (profile := self.cards.current) is not None:
            self._session.target.choose(profile.id, self.page.mode)
            self.accept()

    def _open_form(self, *, copies: bool) -> None:
        if (profile := self.cards.current) is not None:
            form = ProfileForm(profile, self, copies=copies)
            form.saved.connect(self._take_saved)
            form.open()

    def _take_saved(self, profile: DeviceProfile) -> None:
        self._wanted = profile.id
        self.search.clear()
        self.family.setCurrentIndex(0)
        self._read_again(None)

    def _ask(self) -> None:
        """Deletion cannot be undone."""
        if (profile := self.cards.current) is not None:
            self._question.ask(f"Delete “{profile.name}”, your own? This cannot be undone.")

    def _delete(self) -> None:
        profile = self.cards.current
        if profile is None:
            return
        id, self._wanted = profile.id, ""
        errand = Errand(lambda: remove_own(id))
        errand.done.connect(self._read_again)
        errand.failed.connect(self._tell_failure)
        errand.start()
