"""Repaints once for many signals, and in a turn of the event loop of its own."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid


def later(owner: QObject, act: Callable[[], object]) -> Callable[..., None]:
    """A slot for any signal that has `act` run soon, once for however many calls came before.

    `act` is not run any more once `owner` is gone.
    """
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(0)
    timer.timeout.connect(act)

    def ask(*_: object) -> None:
        if isValid(timer):
            timer.start()

    return ask
