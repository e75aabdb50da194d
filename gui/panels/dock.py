"""A dock with a quiet title: it can be moved, closed, and comes back with Reset layout."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QPushButton, QWidget

from gui import icons, theme
from gui.panels.text import Text


class Dock(QDockWidget):
    """One of the places around the graph."""

    def __init__(self, name: str, title: str, content: QWidget) -> None:
        super().__init__(title)
        self.setObjectName(name)
        self.setWidget(content)
        self.setTitleBarWidget(_Title(self, title))


class _Title(QWidget):
    def __init__(self, dock: QDockWidget, title: str) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setToolTip("Drag to move, double-click to float")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 8, 0)
        row.addWidget(Text(title, size=theme.SMALL, tone="dim", bold=True))
        row.addStretch(1)
        self._close = QPushButton()
        self._close.setProperty("look", "quiet")
        self._close.setFixedSize(20, 20)
        self._close.setToolTip(f"Close {title.lower()}; Reset layout brings it back")
        self._close.setAccessibleName(f"Close {title.lower()}")
        self._close.clicked.connect(dock.close)
        row.addWidget(self._close)
        theme.changed.connect(self._tint)
        self._tint()

    def _tint(self) -> None:
        self._close.setIcon(icons.icon("x", "faint"))
