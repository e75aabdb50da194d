"""What every dialog looks like: a title, a sentence, the content, buttons at the lower right."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from gui import theme
from gui.panels.text import Text


class Sheet(QDialog):
    """A window-modal dialog; Escape closes it."""

    def __init__(
        self,
        title: str,
        sentence: str,
        parent: QWidget | None,
        width: int = 520,
        *,
        grows: bool = False,
    ) -> None:
        """`grows`: the content takes the room that is left; else it stays together at the top."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 16)
        outer.setSpacing(10)
        outer.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # see fit
        outer.addWidget(Text(title, size=theme.TITLE, bold=True))
        if sentence:
            outer.addWidget(Text(sentence, tone="dim", overflow="wrap"))
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.GAP)
        outer.addLayout(self.body, 1 if grows else 0)
        if not grows:
            outer.addStretch(1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.GAP)
        self._buttons.setContentsMargins(0, 6, 0, 0)
        self._buttons.addStretch(1)
        outer.addLayout(self._buttons)

    def fit(self) -> None:
        """As high as the content needs at this width; adjustSize guesses at wrapped text."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()

    def add_button(self, text: str, *, primary: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(primary)
        button.setDefault(primary)
        if primary:
            button.setProperty("look", "primary")
        self._buttons.addWidget(button)
        return button

    def add_cancel(self, text: str = "Cancel") -> QPushButton:
        button = self.add_button(text)
        button.clicked.connect(self.reject)
        return button
