"""The window on a session of its own, closed without leaving a worker behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.app import make_application, make_window
from gui.window import MainWindow

JOB_MS = 900_000
"""A job may take long on a busy machine; tests wait for what happens, never for a time."""


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    yield make_application()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """Shown, empty, with its own settings and projects folder."""
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    shown = make_window(settings, tmp_path / "projects")
    shown.resize(1400, 900)
    shown.show()
    with qtbot.waitActive(shown):
        shown.activateWindow()
    yield shown
    for job in shown.session.jobs.running:
        job.cancel()
    qtbot.waitUntil(lambda: not shown.session.jobs.running, timeout=JOB_MS)
    shown.close()
    shown.deleteLater()


@pytest.fixture
def drop() -> Callable[..., None]:
    """Drag files from outside onto a widget and let go."""

    def drop_file(widget: QWidget, *paths: Path) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        actions, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        keys = Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(20, 20), actions, mime, button, keys)
        QApplication.sendEvent(widget, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(widget, QDropEvent(QPointF(20, 20), actions, mime, button, keys))

    return drop_file


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> Callable[[type[QDialog]], QDialog]:
    """The dialog of a kind that is open now."""

    def find(kind: type[QDialog]) -> QDialog:
        def shown() -> list[QDialog]:
            return [each for each in window.findChildren(kind) if each.isVisible()]

        qtbot.waitUntil(lambda: bool(shown()))
        return shown()[0]

    return find
