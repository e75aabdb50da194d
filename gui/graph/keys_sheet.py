"""What every key does in the graph, on one sheet."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui import theme
from gui.dialogs.sheet import Sheet
from gui.graph.commands import (
    COMMANDS,
    FIND,
    FIXED_KEYS,
    FOLLOW,
    GROUPS,
    KEEP,
    MOVE,
    SHOW,
    keys_text,
)
from gui.panels.text import Chip, Heading, Text

COLUMNS = ((FIND, MOVE, GROUPS), (FOLLOW, KEEP, SHOW))
WIDTH = 760


class KeysSheet(Sheet):
    """Escape closes it."""

    def __init__(self, parent: QWidget | None) -> None:
        sentence = "Single keys act while the graph has the focus. Right-click shows what fits."
        super().__init__("Keys", sentence, parent, WIDTH)
        sides = QHBoxLayout()
        sides.setSpacing(36)
        for sections in COLUMNS:
            side = QVBoxLayout()
            side.setSpacing(2)
            for section in sections:
                side.addWidget(Heading(section))
                side.addLayout(_rows(section))
            side.addStretch(1)
            sides.addLayout(side, 1)
        self.body.addLayout(sides)
        self.add_cancel("Close")


def rows_of(section: str) -> list[tuple[str, str]]:
    """What is done, and by which keys."""
    found = [(each.text, keys_text(each)) for each in COMMANDS if each.section == section]
    return found + [(text, keys) for where, keys, text in FIXED_KEYS if where == section]


def _rows(section: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    for row, (text, keys) in enumerate(rows_of(section)):
        grid.addWidget(Text(text, size=theme.SMALL), row, 0)
        grid.addWidget(Chip(keys), row, 1, Qt.AlignmentFlag.AlignRight)
    return grid
