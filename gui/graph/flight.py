"""Moves the camera smoothly from one place to another."""

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from gui.graph.camera import Camera

DURATION_MS = 150


class Flight(QObject):
    """One flight at a time; a new one starts from where the last one is."""

    def __init__(self, parent: QObject, arrive: Callable[[Camera], None]) -> None:
        super().__init__(parent)
        self._arrive = arrive
        self._start = self._end = Camera()
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION_MS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._step)

    @property
    def running(self) -> bool:
        return self._animation.state() == QVariantAnimation.State.Running

    def fly(self, start: Camera, end: Camera) -> None:
        self.stop()
        self._start, self._end = start, end
        self._animation.start()

    def stop(self) -> None:
        self._animation.stop()

    def _step(self, share: float) -> None:
        self._arrive(self._end if share >= 1.0 else self._start.between(self._end, share))
