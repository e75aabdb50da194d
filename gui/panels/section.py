"""A part of a panel under a heading that opens and closes it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gui import icons, theme


class Section(QWidget):
    """A heading with a count and an arrow; what is below it shows while the section is open."""

    toggled = Signal(bool)
    """A person opened or closed it."""

    def __init__(self, title: str, content: QWidget, *, opened: bool = True) -> None:
        super().__init__()
        self._title, self._note = title, ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(2)
        self.heading = QPushButton()
        self.heading.setProperty("look", "heading")
        self.heading.setFont(theme.font(theme.TINY, 600))
        self.heading.setCheckable(True)
        self.heading.clicked.connect(self._turn)
        self.content = content
        column.addWidget(self.heading)
        column.addWidget(content)
        theme.changed.connect(self._show)
        self.set_open(opened)

    @property
    def is_open(self) -> bool:
        return self.heading.isChecked()

    def set_open(self, opened: bool) -> None:
        self.heading.setChecked(opened)
        self._show()

    def set_note(self, note: str) -> None:
        """A few words behind the title, such as a count."""
        self._note = note
        self._show()

    def _turn(self, opened: bool) -> None:
        self._show()
        self.toggled.emit(opened)

    def _show(self) -> None:
        opened = self.is_open
        self.content.setVisible(opened)
        self.heading.setIcon(icons.icon("chevron-down" if opened else "chevron-right", "dim"))
        words = f"{self._title.upper()}  ·  {self._note}" if self._note else self._title.upper()
        self.heading.setText(words.replace("&", "&&"))
        state = "open" if opened else "closed"
        self.heading.setAccessibleName(f"{self._title} {self._note}, {state}".replace(" ,", ","))
        self.heading.setToolTip("Press to close" if opened else "Press to open")
