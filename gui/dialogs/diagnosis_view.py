"""What a doctor says: a verdict, findings with their facts, remedies with a button, the table."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.doctors.base import Diagnosis, Finding, Remedy, Table
from gui import theme
from gui.panels.section import Section
from gui.panels.text import Chip, Text

_ROW_HEIGHT = 24
_MOST_ROWS = 8

Outlook = Callable[[Remedy], str]
"""What a remedy's plan would give, predicted, in words; empty where nothing is known."""


class DiagnosisView(QWidget):
    """One doctor's page."""

    layer_picked = Signal(str)
    remedy_wanted = Signal(object)
    """A Remedy."""

    def __init__(self, diagnosis: Diagnosis, outlook: Outlook) -> None:
        super().__init__()
        self.diagnosis = diagnosis
        self.remedies: list[RemedyRow] = []
        self.show_buttons: list[QPushButton] = []
        self._outlook = outlook
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 12)
        column.setSpacing(8)
        column.addLayout(_headline(diagnosis))
        column.addWidget(_selectable(Text(diagnosis.sentence, overflow="wrap")))
        for finding in diagnosis.findings:
            column.addWidget(self._card(finding))
        for note in diagnosis.notes:
            column.addWidget(Text(note, size=theme.SMALL, tone="dim", overflow="wrap"))
        for table in diagnosis.tables:
            column.addWidget(Section(table.title, _table_of(table), opened=diagnosis.healthy))

    def _card(self, finding: Finding) -> QFrame:
        card = QFrame()
        card.setProperty("notice", "plain")
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 9, 12, 10)
        column.setSpacing(5)
        first = QHBoxLayout()
        first.addWidget(Text(finding.title, bold=True, overflow="wrap"), 1)
        if finding.layer is not None:
            first.addWidget(self._show_button(finding.layer), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(first)
        for fact in finding.facts:
            column.addWidget(_selectable(Text(fact, size=theme.SMALL, overflow="wrap")))
        for remedy in finding.remedies:
            row = RemedyRow(remedy, self._outlook(remedy))
            row.wanted.connect(lambda one=remedy: self.remedy_wanted.emit(one))
            self.remedies.append(row)
            column.addWidget(row)
        return card

    def _show_button(self, layer: str) -> QPushButton:
        button = QPushButton("Show in the graph")
        button.setProperty("look", "link")
        button.setAutoDefault(False)
        button.setAccessibleName(f"Show {layer} in the graph")
        button.clicked.connect(lambda: self.layer_picked.emit(layer))
        self.show_buttons.append(button)
        return button


class RemedyRow(QWidget):
    """What can be done, where its effect is known from, and a button that does it."""

    wanted = Signal()

    def __init__(self, remedy: Remedy, predicted: str) -> None:
        super().__init__()
        self.remedy = remedy
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Text(remedy.label, overflow="wrap"))
        words.addLayout(_figure(remedy.basis, remedy.effect))
        if predicted:
            words.addLayout(_figure("predicted", predicted))
        row.addLayout(words, 1)
        self.apply = QPushButton("Apply")
        self.apply.setAutoDefault(False)
        self.apply.setAccessibleName(f"Apply: {remedy.label}")
        self.apply.clicked.connect(self.wanted)
        row.addWidget(self.apply, 0, Qt.AlignmentFlag.AlignTop)

    def show_applied(self, *, applied: bool) -> None:
        self.apply.setText("Applied" if applied else "Apply")
        self.apply.setEnabled(not applied)


def _headline(diagnosis: Diagnosis) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 8, 0, 0)
    row.addWidget(Text(diagnosis.label, bold=True))
    kind = "good" if diagnosis.healthy else "warn"
    row.addWidget(Chip("all well" if diagnosis.healthy else "something is wrong", kind))
    row.addStretch(1)
    return row


def _figure(basis: str, words: str) -> QHBoxLayout:
    """“measured  38 points more …”."""
    row = QHBoxLayout()
    row.setSpacing(7)
    chip = Chip(basis, "good" if basis == "measured" else "accent")
    row.addWidget(chip, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(_selectable(Text(words, size=theme.SMALL, tone="dim", overflow="wrap")), 1)
    return row


def _selectable(text: Text) -> Text:
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return text


def _table_of(table: Table) -> QTableWidget:
    made = QTableWidget(len(table.rows), len(table.header))
    made.setAccessibleName(table.title)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setShowGrid(False)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setTabKeyNavigation(False)
    made.setHorizontalHeaderLabels(list(table.header))
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
    made.setFont(theme.font(theme.SMALL))
    for row, cells in enumerate(table.rows):
        for column, words in enumerate(cells):
            item = QTableWidgetItem(words)
            item.setToolTip("")
            made.setItem(row, column, item)
    header = made.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    shown = min(len(table.rows), _MOST_ROWS)
    made.setFixedHeight(header.sizeHint().height() + _ROW_HEIGHT * shown + 6)
    return made
