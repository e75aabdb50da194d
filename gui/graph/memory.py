"""What the window remembers of each model: bookmarks, what is hidden, how it is coloured."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QSettings

from core.model.graph import ModelGraph
from gui.graph.places import Place
from gui.graph.visibility import Visibility


@dataclass(frozen=True)
class Remembered:
    bookmarks: tuple[Place, ...] = ()
    visibility: Visibility = field(default_factory=Visibility)
    colouring: str = ""


class ViewMemory:
    """Keeps it in the program's settings; nothing is kept of defaults."""

    def __init__(self, settings: QSettings | None = None) -> None:
        """Without settings it forgets everything."""
        self._settings = settings

    def load(self, graph: ModelGraph) -> Remembered:
        """What was kept; defaults where nothing was or where it cannot be read."""
        text = self._settings.value(_key(graph)) if self._settings else None
        if not isinstance(text, str):
            return Remembered()
        try:
            return _from_json(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError):
            return Remembered()

    def save(self, graph: ModelGraph, remembered: Remembered) -> None:
        if self._settings is None:
            return
        if remembered == Remembered():
            self._settings.remove(_key(graph))
        else:
            self._settings.setValue(_key(graph), json.dumps(_to_json(remembered)))


def _key(graph: ModelGraph) -> str:
    """By the names of its layers: the same model with other weights keeps its bookmarks."""
    columns = graph.columns
    digest = hashlib.sha256(columns.texts.joined(columns.ids))
    return f"graph/{digest.hexdigest()[:32]}"


def _to_json(remembered: Remembered) -> dict[str, Any]:
    return {
        "bookmarks": [[place.layer, list(place.group)] for place in remembered.bookmarks],
        "hidden": sorted(remembered.visibility.hidden),
        "quantization": remembered.visibility.quantization,
        "colouring": remembered.colouring,
    }


def _from_json(document: dict[str, Any]) -> Remembered:
    places = tuple(Place(str(layer), tuple(group)) for layer, group in document["bookmarks"])
    hidden = frozenset(str(each) for each in document["hidden"])
    visibility = Visibility(hidden, document["quantization"] is True)
    return Remembered(places, visibility, str(document["colouring"]))
