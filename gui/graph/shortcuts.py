"""Single keys that act only while one widget has the focus."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def add_shortcuts(widget: QWidget, actions: Mapping[tuple[str, ...], Callable[[], object]]) -> None:
    """Each action is bound to all of its keys."""
    for keys, action in actions.items():
        for key in keys:
            shortcut = QShortcut(QKeySequence(key), widget)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(action)
