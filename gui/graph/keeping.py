"""Bookmarks and copies of what is selected, and what is remembered of each model."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from core.model.graph import Layer
from gui.graph.memory import Remembered, ViewMemory
from gui.graph.menus import plain
from gui.graph.places import Bookmarks, Place, item_at, place_of
from gui.graph.stage import Stage
from gui.graph.visibility import Visibility
from gui.wording import shape_words


class Keeping(QObject):
    """Bookmarks and what is hidden belong to a model and come back with it."""

    seen_changed = Signal()
    """Other operators are to be drawn."""

    def __init__(self, stage: Stage, memory: ViewMemory) -> None:
        super().__init__(stage)
        self._stage = stage
        self.memory = memory
        self.visibility = Visibility()
        self.colouring = ""
        self.bookmarks = Bookmarks(self)
        self.bookmarks.changed.connect(self.save)

    def recall(self) -> None:
        """Take up what was remembered of the model that is shown now."""
        graph = self._stage.graph
        kept = self.memory.load(graph) if graph is not None else Remembered()
        self.bookmarks.replace(kept.bookmarks)
        self.visibility, self.colouring = kept.visibility, kept.colouring

    def see(self, visibility: Visibility) -> None:
        """Draw all but these operators from now on."""
        if visibility != self.visibility:
            self.visibility = visibility
            self.save()
            self.seen_changed.emit()

    def save(self) -> None:
        if (graph := self._stage.graph) is not None:
            kept = Remembered(tuple(self.bookmarks), self.visibility, self.colouring)
            self.memory.save(graph, kept)

    def selected_place(self) -> Place | None:
        arrangement = self._stage.arrangement
        if arrangement is None:
            return None
        return place_of(arrangement.graph, arrangement.tree, self._stage.item)

    def toggle_bookmark(self) -> None:
        if (place := self.selected_place()) is not None:
            self.bookmarks.toggle(place)

    def fill_bookmarks(self, menu: QMenu, take: Callable[[int], object]) -> None:
        """One entry per bookmark that the model still has."""
        menu.clear()
        arrangement = self._stage.arrangement
        for place in self.bookmarks:
            item = item_at(arrangement.graph, arrangement.tree, place) if arrangement else None
            if item is not None:
                entry = menu.addAction(plain(place.words))
                entry.triggered.connect(partial(_take, take, item))
        if menu.isEmpty():
            menu.addAction("No bookmarks yet; Ctrl+B sets one").setEnabled(False)

    def copy_name(self) -> None:
        """The name of the selected layer, or the path of the group."""
        if (place := self.selected_place()) is not None:
            text = place.layer or ".".join(place.group)
            graph = self._stage.graph
            if place.layer and graph is not None:
                text = graph.layers[self._stage.item].name
            QGuiApplication.clipboard().setText(text)

    def copy_text(self) -> None:
        """All that the selected layer says of itself."""
        graph, tree = self._stage.graph, self._stage.tree
        if graph is not None and tree is not None and 0 <= self._stage.item < tree.layers:
            QGuiApplication.clipboard().setText(text_of(graph.layers[self._stage.item]))
        else:
            self.copy_name()


def _take(take: Callable[[int], object], item: int, *_: object) -> None:
    take(item)


def text_of(layer: Layer) -> str:
    """A layer in lines of “name: value”."""
    lines = {
        "name": layer.name,
        "operator": f"{layer.domain}::{layer.operator}" if layer.domain else layer.operator,
        "scope": ".".join(layer.scope),
        "inputs": ", ".join(layer.inputs),
        "outputs": ", ".join(layer.outputs),
        "output": f"{layer.output_dtype} {shape_words(layer.output_shape)}".strip(),
        "weights": ", ".join(layer.weights),
        "parameters": f"{layer.parameters:,}" if layer.parameters else "",
        "operations": f"{layer.operations:,}" if layer.operations else "",
        **{f"attribute {name}": value for name, value in layer.attributes.items()},
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
