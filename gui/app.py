"""Starts the window: application, theme, session, and the dialog for defects."""

import gc
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.session import Session
from gui.window import MainWindow


def run(arguments: Sequence[str]) -> int:
    """Show the window until it is closed. `arguments`: nothing, `open PATH` or `demo`."""
    application = make_application()
    window = make_window(QSettings("edgewright", "edgewright"))
    sys.excepthook = _show_defect
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C ends it; workers end with their parent
    window.show()
    QTimer.singleShot(0, lambda: begin(window, arguments))
    return application.exec()


def make_application() -> QApplication:
    """The one application object, with the theme not yet installed."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("edgewright")
    application.setApplicationDisplayName("Edgewright")
    application.setStyle("Fusion")
    return application


def make_window(settings: QSettings, projects: Path | None = None) -> MainWindow:
    """A window over a new session, in the appearance that was used last.

    `projects` is where new projects go; None means the user's data folder.
    """
    mode = settings.value("appearance", "system")
    theme.install(mode if mode in ("light", "dark") else "system")
    return MainWindow(Session(projects), settings)


def begin(window: MainWindow, arguments: Sequence[str]) -> None:
    """What follows the first paint."""
    gc.freeze()
    gc.enable()
    window.session.measuring.scan()
    window.session.get_ready()
    if arguments[:1] == ["open"] and len(arguments) > 1:
        window.session.open(Path(arguments[1]).absolute())
    elif arguments[:1] == ["demo"]:
        window.open_sample()
        window.optimize_when_ready()


def _show_defect(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A fault of ours: say so, keep the window, and let the person copy what we need to know."""
    from gui.dialogs.defect_dialog import DefectDialog

    details = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(details)
    DefectDialog(details).exec()
