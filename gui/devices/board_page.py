"""One board in full: how it is, what it is, its checks, and what can be done with it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.remote.board import Board
from core.remote.checks import Check
from core.tensorrt.ledger import Ledger, ledger
from gui import theme
from gui.devices.board_words import condition_kind, condition_words, seen_words
from gui.devices.check_list import CheckList
from gui.devices.engines_view import EnginesView
from gui.devices.fleet import Fleet
from gui.devices.job_progress import JobProgress
from gui.devices.local_page import add_hardware, add_runtimes
from gui.devices.prepare_offer import PrepareOffer
from gui.jobs import Errand
from gui.panels.cards import Notice
from gui.panels.section import Section
from gui.panels.text import Chip, Facts
from gui.panels.trouble_card import TroubleCard

_LONGEST_NAME = 200
_FORGET = (
    "Its results stay. Edgewright’s key and folder can be taken off the board as well, which needs "
    "the board to be reached."
)


class BoardPage(QWidget):
    """Obeys the fleet; emits what a person wants."""

    measure_wanted = Signal(str)
    """Id of the board that models shall be measured on."""
    rebuild_wanted = Signal(object)
    """The EngineRecord of an engine that shall be built here anew."""

    def __init__(self, fleet: Fleet, board_id: str) -> None:
        super().__init__()
        self._fleet, self._id = fleet, board_id
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self._build_head(column)
        self.progress = JobProgress()
        self.trouble = TroubleCard()
        self.trouble.action_wanted.connect(self._check)
        self.trouble.dismissed.connect(lambda: self.trouble.show_trouble(None))
        self.facts = Facts(120)
        for widget in (self.progress, self.trouble, self.facts):
            column.addWidget(widget)
        self._build_buttons(column)
        self._build_removal(column)
        self.offer = PrepareOffer()
        self.offer.agreed.connect(self._prepare)
        column.addWidget(self.offer)
        self.checks = CheckList()
        self._checks = Section("Checks", self.checks)
        column.addWidget(self._checks)
        self._build_engines(column)
        column.addStretch(1)
        fleet.changed.connect(self._show)
        fleet.check_arrived.connect(self._show_check)
        self._show_checks()
        self._show()

    def _build_head(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        self.name = QLineEdit()
        self.name.setFont(theme.font(theme.TITLE, 600))
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setAccessibleName("Name of the device")
        self.name.editingFinished.connect(self._rename)
        self._condition = Chip()
        row.addWidget(self.name, 1)
        row.addWidget(self._condition)
        column.addLayout(row)

    def _build_buttons(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        self.measure = _button("Measure here")
        self.measure.setToolTip("Optimize, benchmarks and profiles of this project run on it")
        self.measure.clicked.connect(lambda: self.measure_wanted.emit(self._id))
        self.again = _button("Check again")
        self.again.clicked.connect(self._check)
        self.remove = _button("Remove…")
        self.remove.clicked.connect(lambda: self._removal.setVisible(True))
        for button in (self.measure, self.again, self.remove):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    def _build_removal(self, column: QVBoxLayout) -> None:
        self._removal = QWidget()
        inner = QVBoxLayout(self._removal)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(Notice("Remove this device?", _FORGET, "warn"))
        row = QHBoxLayout()
        self.clean, self.forget = _button("Clean it up and remove"), _button("Only forget it here")
        keep = _button("Keep it")
        self.clean.clicked.connect(self._clean)
        self.forget.clicked.connect(self._forget)
        keep.clicked.connect(self._removal.hide)
        for button in (self.clean, self.forget, keep):
            row.addWidget(button)
        row.addStretch(1)
        inner.addLayout(row)
        self._removal.hide()
        column.addWidget(self._removal)

    def _build_engines(self, column: QVBoxLayout) -> None:
        self.engines = EnginesView()
        self.engines.rebuild_wanted.connect(self.rebuild_wanted)
        self._ledger: Ledger | None = None
        self._engines = Section("Engines", self.engines)
        self._engines.hide()
        column.addWidget(self._engines)
        board = self._fleet.board(self._id)
        if board is not None and board.kind == "jetson":
            reading = Errand(ledger)
            reading.done.connect(self._take_ledger)
            reading.start()

    # showing

    def _show(self) -> None:
        board = self._fleet.board(self._id)
        if board is None:  # it was removed, and the list shows another at once
            return
        if not self.name.hasFocus():
            self.name.setText(board.name)
            self.name.setCursorPosition(0)
        words = condition_words(self._fleet, board)
        self._condition.show_as(words, condition_kind(self._fleet, board))
        self.trouble.show_trouble(self._fleet.look(self._id).trouble)
        self._show_facts(board)
        busy = self._fleet.job(self._id) is not None
        self.offer.show_board(board, busy=busy)
        self._show_engines()
        for button in (self.again, self.clean, self.forget):
            button.setEnabled(not busy)

    def _show_facts(self, board: Board) -> None:
        self.facts.clear()
        self.facts.add("Address", board.address)
        self.facts.add("Model", board.model or "not known")
        self.facts.add("Serial number", board.serial or "none")
        if board.facts is not None:
            if board.facts.processor != board.model:
                self.facts.add("Processor", board.facts.processor)
            add_hardware(self.facts, board.facts)
            add_runtimes(self.facts, board.facts)
        self.facts.add("Last seen", seen_words(board))

    def _take_ledger(self, found: Ledger) -> None:
        self._ledger = found
        self._show_engines()

    def _show_engines(self) -> None:
        if self._ledger is not None:
            self.engines.show_engines(self._ledger.records, self._fleet.look(self._id).engine_host)
            self._engines.set_note(str(len(self._ledger.records)))
            self._engines.show()

    def _show_check(self, board_id: str, check: Check) -> None:
        if board_id == self._id:
            self.checks.add(check)
            self._checks.show()

    def _show_checks(self) -> None:
        found = self._fleet.look(self._id).checks
        self.checks.show_checks(found)
        self._checks.setVisible(bool(found))

    # what a person does

    def _rename(self) -> None:
        board, name = self._fleet.board(self._id), self.name.text().strip()
        if board is not None and name and name != board.name:
            self._fleet.rename(board, name)

    def _check(self) -> None:
        self.checks.clear()
        self.progress.follow(self._fleet.check(self._id))

    def _prepare(self) -> None:
        self.checks.clear()
        self.progress.follow(self._fleet.prepare(self._id))

    def _clean(self) -> None:
        self.progress.follow(self._fleet.clean_up(self._id))

    def _forget(self) -> None:
        self.progress.follow(self._fleet.forget(self._id))


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    return button
