"""Closing the window while an optimization runs: ask, then stop it or let it finish unseen."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from gui.jobs import Jobs


def ask_before_closing(window: QWidget, jobs: Jobs) -> None:
    """The window closes when nothing runs any more."""
    from gui.dialogs.closing_dialog import ClosingDialog

    def stop() -> None:
        jobs.cancel_all()
        _close_when_done(window, jobs)

    def let_finish() -> None:
        window.hide()
        _close_when_done(window, jobs)

    dialog = ClosingDialog(window)
    dialog.stop_chosen.connect(stop)
    dialog.go_on_chosen.connect(let_finish)
    dialog.open()


def _close_when_done(window: QWidget, jobs: Jobs) -> None:
    job = jobs.of_kind("optimize")
    if job is None:
        window.close()
    else:
        job.ended.connect(lambda: QTimer.singleShot(0, window.close))
