"""The chip over the graph that says how much was edited, and leads to saving it."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui import icons, theme
from gui.panels.text import Text
from gui.session import Session

_PLACE = QPoint(12, 60)
"""At the left under the bar: the graph begins in the middle."""
_BUSY = "Editing…"


class EditChip(QFrame):
    """Keeps its place over the canvas; hidden while nothing is edited."""

    save_wanted = Signal()

    def __init__(self, canvas: QWidget, session: Session) -> None:
        super().__init__(canvas)
        self._edits = session.edits
        self._results = session.results
        self.setProperty("notice", "accent")
        self.move(_PLACE)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        row.setSpacing(theme.GAP)
        self.count = Text(size=theme.SMALL)
        row.addWidget(self.count)
        self.save = QPushButton("Save as…")
        self.save.setProperty("look", "link")
        self.save.setIcon(icons.icon("file-output"))
        self.save.clicked.connect(self.save_wanted)
        row.addWidget(self.save)
        session.edits.changed.connect(self._show)
        session.results.changed.connect(self._show)
        theme.changed.connect(self._tint)
        self._show()

    def _tint(self) -> None:
        self.save.setIcon(icons.icon("file-output"))

    def _show(self) -> None:
        made = self._edits.sentences
        busy = self._edits.is_busy
        words = f"{len(made)} edit{'' if len(made) == 1 else 's'}, not saved"
        if self._results.report is not None:
            words += " · figures are those of the file"
        self.count.setText(f"{_BUSY} {words if made else ''}".strip() if busy else words)
        listed = "\n".join(f"{number}. {words}" for number, words in enumerate(made, 1))
        self.setToolTip(f"{listed}\nThe file itself is unchanged.")
        self.setAccessibleName(f"{self.count.text()}. {'. '.join(made)}")
        self.save.setVisible(bool(made))
        self.save.setEnabled(not busy)
        self.setVisible(busy or bool(made))
        self.adjustSize()
        self.raise_()
