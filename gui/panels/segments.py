"""Buttons of which one is pressed, in a row, or in several where there are many."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy, QWidget

from gui import theme

SIDE = 8
"""Padding and border of the style at each side."""
_BETWEEN_ROWS = 4


@dataclass(frozen=True)
class Segment:
    """One button. `obstacle` says why it cannot be pressed."""

    value: str
    label: str
    help: str = ""
    obstacle: str = ""


class Segments(QWidget):
    """Exactly one of several; arrow keys move between them."""

    picked = Signal(str)
    """The value that a person pressed."""

    def __init__(self, name: str, most_in_row: int = 12) -> None:
        super().__init__()
        self._most_in_row = most_in_row
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setHorizontalSpacing(0)
        self._rows.setVerticalSpacing(_BETWEEN_ROWS)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        self._shown: tuple[Segment, ...] = ()

    def set_segments(self, segments: Sequence[Segment]) -> None:
        if tuple(segments) == self._shown:
            return
        self._shown = tuple(segments)
        for button in self._buttons.values():
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self._buttons = {}
        in_row = _in_row(len(segments), self._most_in_row)
        for index, segment in enumerate(segments):
            row, column = divmod(index, in_row)
            last = min(in_row, len(segments) - row * in_row)
            button = self._add(segment, _position(column, last))
            self._rows.addWidget(button, row, column)
            self._rows.setColumnStretch(column, 1)

    def _add(self, segment: Segment, position: str) -> QPushButton:
        button = QPushButton(segment.label)
        button.setCheckable(True)
        button.setProperty("segment", position)
        button.setAccessibleName(f"{self.accessibleName()}: {segment.label}")
        button.setToolTip(segment.obstacle or segment.help)
        button.setEnabled(not segment.obstacle)
        button.setMinimumWidth(_width_when_pressed(segment.label))
        button.clicked.connect(lambda: self.picked.emit(segment.value))
        self._group.addButton(button)
        self._buttons[segment.value] = button
        return button

    def press(self, value: str) -> None:
        """Show `value` as the pressed one, without telling anybody; unknown values press none."""
        self._group.setExclusive(False)
        for name, button in self._buttons.items():
            button.setChecked(name == value)
        self._group.setExclusive(True)

    def pressed(self) -> str | None:
        return next((name for name, button in self._buttons.items() if button.isChecked()), None)

    def button(self, value: str) -> QPushButton:
        return self._buttons[value]


def _width_when_pressed(label: str) -> int:
    """The pressed one is bold, which the layout does not know beforehand."""
    bold = QFontMetrics(theme.font(theme.BODY, QFont.Weight.DemiBold))
    return bold.horizontalAdvance(label) + 2 * SIDE


def _in_row(count: int, most: int) -> int:
    """How many stand in a row so that all rows are about as long."""
    return max(1, math.ceil(count / math.ceil(count / most))) if count else 1


def _position(index: int, count: int) -> str:
    if count == 1:
        return "only"
    return "first" if index == 0 else "last" if index == count - 1 else "middle"
