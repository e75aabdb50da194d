"""What of a model’s own code would run in a conversion, how it is confined, and the consent."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.conversion.sandbox import protection
from gui import theme
from gui.panels.inputs import Tickbox
from gui.panels.text import Heading, Text

_BULLET = "•  "


class ConversionConsent(QWidget):
    """Nothing runs before `trust` is ticked."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Heading("Code will run"))
        self._runs = Text(overflow="wrap")
        column.addWidget(self._runs)
        found = protection()
        lines = [
            "Whoever made it could make it do anything that you may do. So it runs confined:",
            *(f"{_BULLET}{sentence}." for sentence in found.in_force),
            "This is not prevented:",
            *(f"{_BULLET}{sentence}." for sentence in found.missing),
        ]
        column.addWidget(Text("\n".join(lines), size=theme.SMALL, tone="dim", overflow="wrap"))
        self.trust = Tickbox("I trust where it comes from. Let this code run.")
        column.addSpacing(4)
        column.addWidget(self.trust)

    def show_code(self, words: str) -> None:
        """`words` say what would run; empty where nothing does, and no consent is asked."""
        self._runs.setText(words)
        self.setVisible(bool(words))
