"""The profile that the graph is coloured by, if one was taken of the open model or a candidate."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from core.benchmark.layer_profile import LayerProfile


class Profiled(QObject):
    """Holds the latest profile until another model is opened."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.profile: LayerProfile | None = None

    def show(self, profile: "LayerProfile | None") -> None:
        if profile is not self.profile:
            self.profile = profile
            self.changed.emit()
