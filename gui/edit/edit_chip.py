"""The chip over the graph that says how much was edited, and leads to saving it."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget
from typing_extensions import override

from gui import icons, theme
from gui.edit.model_edits import ModelEdits
from gui.panels.text import Text

_BELOW_BAR = 60
_BUSY = "Editing…"


class EditChip(QFrame):
    """Keeps itself at the top of the canvas, in the middle; hidden while nothing is edited."""

    save_wanted = Signal()

    def __init__(self, canvas: QWidget, edits: ModelEdits) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._edits = edits
        self.setProperty("notice", "accent")
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
        canvas.installEventFilter(self)
        edits.changed.connect(self._show)
        theme.changed.connect(lambda: self.save.setIcon(icons.icon("file-output")))
        self._show()

    def _show(self) -> None:
        made = self._edits.sentences
        busy = self._edits.is_busy
        words = f"{len(made)} edit{'' if len(made) == 1 else 's'}, not saved"
        self.count.setText(f"{_BUSY} {words if made else ''}".strip() if busy else words)
        listed = "\n".join(f"{number}. {words}" for number, words in enumerate(made, 1))
        self.setToolTip(f"{listed}\nThe file itself is unchanged. Figures belong to the file.")
        self.setAccessibleName(f"{self.count.text()}. {'. '.join(made)}")
        self.save.setVisible(bool(made))
        self.save.setEnabled(not busy)
        self.setVisible(busy or bool(made))
        self._place()

    def _place(self) -> None:
        self.adjustSize()
        self.move((self._canvas.width() - self.width()) // 2, _BELOW_BAR)
        self.raise_()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
