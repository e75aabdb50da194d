"""A failure as the window shows it: three sentences, and the label of a button that helps."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from core.jobs.events import Failed

Place = Literal["model", "device", "images", "optimize", "map"]
"""What a trouble concerns, and so where it is shown."""


@dataclass(frozen=True)
class Trouble:
    """What happened, why, what to do. `action` labels the button that starts the remedy."""

    what: str
    why: str
    remedy: str
    action: str = ""
    log: tuple[str, ...] = ()


def trouble_of(failed: Failed, action: str = "") -> Trouble:
    return Trouble(failed.what, failed.why, failed.remedy, action, failed.log)


class Troubles(QObject):
    """At most one at each place."""

    changed = Signal(str)
    """The Place."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[Place, Trouble] = {}

    def at(self, place: Place) -> Trouble | None:
        return self._known.get(place)

    def tell(self, place: Place, failed: Failed, action: str = "") -> None:
        self._known[place] = trouble_of(failed, action)
        self.changed.emit(place)

    def forget(self, place: Place, failed: Failed) -> None:
        """Clear a place of this trouble; another one stays."""
        known = self._known.get(place)
        if known is not None and known.what == failed.what:
            self.clear(place)

    def clear(self, place: Place) -> None:
        if self._known.pop(place, None) is not None:
            self.changed.emit(place)
