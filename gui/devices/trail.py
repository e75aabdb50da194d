"""How far a task of several pages is: their names in a row, the past ones ticked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui import theme
from gui.panels.steps_bar import Mark
from gui.panels.text import Text


class Trail(QWidget):
    """Shows; pages are turned by the buttons below them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(names)
        self._marks: list[tuple[Mark, Text]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 8)
        row.setSpacing(theme.GAP)
        for name in names:
            if self._marks:
                row.addWidget(Text("›", tone="faint"))
            mark, text = Mark(), Text(name, size=theme.SMALL)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(text)
            self._marks.append((mark, text))
        row.addStretch(1)
        self.show_place(0)

    def show_place(self, place: int, *, done: bool = False) -> None:
        """`place` counts from 0; `done` ticks it too."""
        for index, (mark, text) in enumerate(self._marks):
            mark.show_state(settled=index < place or (done and index == place), trouble=False)
            text.set_tone("ink" if index == place else "dim")
        name = self._names[place]
        self.setAccessibleName(f"Step {place + 1} of {len(self._names)}: {name}")
