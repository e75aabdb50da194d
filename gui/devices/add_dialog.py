"""Adding a device: where it is, whether it is the right one, signing in, and what it can do."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from core.errors import ChangedHostKey, LoginRefused, UnknownHostKey
from core.jobs.events import Failed
from core.jobs.kinds.device_contact import Contact
from core.remote.board import Board
from core.remote.checks import Check
from core.remote.ssh_hosts import ssh_hosts
from gui.devices.adding import Adding
from gui.devices.address_page import AddressPage
from gui.devices.host_key_page import HostKeyPage
from gui.devices.job_progress import JobProgress
from gui.devices.result_page import ResultPage
from gui.devices.sign_in_page import SignInPage
from gui.devices.trail import Trail
from gui.dialogs.sheet import Sheet
from gui.jobs import Errand, RunningJob
from gui.panels.trouble_card import TroubleCard
from gui.session import Session
from gui.trouble import trouble_of

_SENTENCE = (
    "A Jetson, a Raspberry Pi, an Intel NUC or any other Linux board that answers to SSH. Models "
    "are then measured on the board itself."
)
_NAMES = ("Where it is", "Its key", "Sign in", "What it can do")
_WHERE, _KEY, _SIGN_IN, _RESULT = range(4)
_ON = ("Look there", "It is the right one", "Sign in and set up", "Use this device")
"""What the primary button does on each page."""
_BACK_TO = {LoginRefused.__name__: _SIGN_IN, UnknownHostKey.__name__: _WHERE,
            ChangedHostKey.__name__: _WHERE}  # fmt: skip
"""Where a failure of signing in can be mended, if not where it happened."""


class AddDeviceDialog(Sheet):
    """Turns its pages as the work goes on; failures stay beside the page where they are mended."""

    added = Signal(object)
    """The Board, once the person wants to use it."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Add a device", _SENTENCE, parent, 620)
        self._session = session
        self._adding = Adding(session.jobs, session.fleet)
        self._place = _WHERE
        self._build_pages()
        self.progress = JobProgress()
        self.body.addWidget(self.progress)
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(lambda: self.trouble.show_trouble(None))
        self.body.addWidget(self.trouble)
        self.back = self.add_button("Back")
        self.back.clicked.connect(lambda: self._turn_to(self._place - 1))
        self.close_button = self.add_cancel("Cancel")
        self.on = self.add_button(_ON[_WHERE], primary=True)
        self.on.clicked.connect(self._go_on)
        self.finished.connect(self._leave)
        self._connect()
        self._read_ssh_hosts()
        self._turn_to(_WHERE)

    def _build_pages(self) -> None:
        self.trail = Trail(_NAMES)
        self.body.addWidget(self.trail)
        self.where, self.key = AddressPage(), HostKeyPage()
        self.sign_in, self.found = SignInPage(), ResultPage()
        self._pages: tuple[QWidget, ...] = (self.where, self.key, self.sign_in, self.found)
        for page in self._pages:
            self.body.addWidget(page)

    def _connect(self) -> None:
        adding = self._adding
        adding.started.connect(self._begin_waiting)
        adding.contacted.connect(self._show_key)
        adding.check_arrived.connect(self._show_check)
        adding.added.connect(self._show_board)
        adding.failed.connect(self._fail)
        adding.ended.connect(self._end_waiting)
        self.found.offer.agreed.connect(self._prepare)
        for page in (self.where, self.key, self.sign_in):
            page.changed.connect(self._show_buttons)

    def _read_ssh_hosts(self) -> None:
        reading = Errand(ssh_hosts)
        reading.done.connect(self.where.offer)
        reading.start()

    # turning pages

    def _turn_to(self, place: int) -> None:
        self._place = place
        self.trouble.show_trouble(None)
        for index, page in enumerate(self._pages):
            page.setVisible(index == place)
        self._show_buttons()
        self._pages[place].setFocus()
        self.fit()

    def _go_on(self) -> None:
        destination = self.where.destination
        assert destination is not None
        self.trouble.show_trouble(None)
        if self._place == _WHERE:
            self._adding.contact(destination)
        elif self._place == _KEY:
            self._turn_to(_SIGN_IN)
            self.sign_in.begin(f"{destination.user}@{destination.host}")
        elif self._place == _SIGN_IN:
            self.found.clear()
            self._adding.sign_in(self.sign_in.password, remember=self.sign_in.remember.isChecked())
            self._turn_to(_RESULT)
        else:
            self.accept()

    def _prepare(self) -> None:
        """What is typed as the name stays; the checks are told anew."""
        self.trouble.show_trouble(None)
        self.found.offer.hide()
        self._adding.prepare()

    def _show_buttons(self) -> None:
        running, board = self._adding.job is not None, self._adding.board
        self.trail.show_place(self._place, done=board is not None)
        ready = (
            self.where.destination is not None,
            self.key.accepted,
            True,
            board is not None,
        )[self._place]
        self.on.setText(_ON[self._place])
        self.on.setEnabled(ready and not running)
        self.back.setVisible(self._place > _WHERE and board is None)
        self.back.setEnabled(not running)
        self.close_button.setText("Cancel" if board is None else "Close")

    # what the work tells

    def _begin_waiting(self, job: RunningJob) -> None:
        self.progress.follow(job)
        job.ended.connect(self.fit)  # once the progress is away
        self._show_buttons()
        self.fit()

    def _end_waiting(self) -> None:
        if self._place == _RESULT and self._adding.board is None:  # it was cancelled
            self._turn_to(_SIGN_IN)
        self._show_buttons()
        self.fit()

    def _show_key(self, contact: Contact) -> None:
        self.key.show_key(contact.key, contact.known)
        self._turn_to(_KEY)
        self.sign_in.allow_remembering(contact.keyring_problem)

    def _show_check(self, check: Check) -> None:
        self.found.add(check)
        self.fit()

    def _show_board(self, board: Board) -> None:
        self.sign_in.forget()
        self.found.show_board(board)
        self._show_buttons()
        self.fit()

    def _fail(self, failed: Failed) -> None:
        """Go back to where it can be mended, and say there what went wrong."""
        board = self._adding.board
        if board is not None:
            self.found.offer.show_board(board, busy=False)
        elif self._place == _RESULT:
            self._turn_to(_BACK_TO.get(failed.error, _SIGN_IN))
        self.trouble.show_trouble(trouble_of(failed))
        self._pages[self._place].setFocus()  # where it is mended
        self.fit()

    # leaving

    def _leave(self, outcome: int) -> None:
        self.sign_in.forget()
        self._adding.stop()
        board = self._adding.board
        if board is not None:
            self._rename(board)
            if outcome == self.DialogCode.Accepted:
                self.added.emit(board)

    def _rename(self, board: Board) -> None:
        name = self.found.name.text().strip()
        if name and name != board.name:
            self._session.fleet.rename(board, name)

    @override
    def reject(self) -> None:
        """While something runs, Escape and Cancel stop that first."""
        if self._adding.job is not None:
            self.progress.stop()
        else:
            super().reject()
