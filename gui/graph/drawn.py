"""Which operators are drawn: hides them, brings them back, and says so below the search."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.layout import folded_by_default
from core.model.graph import ModelGraph
from gui.graph.chrome import Chrome
from gui.graph.keeping import Keeping
from gui.graph.stage import Stage
from gui.graph.visibility import Visibility

HIDDEN, FOLDED = "hidden", "folded"
"""Keys of the chips."""


class Drawn(QObject):
    """Turns what a person chose to see into the layers that are left out."""

    told = Signal()
    """The chips changed, and with them the room that is left."""

    def __init__(self, stage: Stage, chrome: Chrome, keeping: Keeping) -> None:
        super().__init__(stage)
        self._stage = stage
        self._chrome = chrome
        self._keeping = keeping
        self._folded: tuple[ModelGraph | None, int] = (None, 0)
        """The model that is shown, and how many of its layers are folded into others."""
        keeping.seen_changed.connect(self.hide_layers)

    def begin(self) -> None:
        """A model was opened: leave out what was left out before."""
        if self._keeping.visibility != Visibility():
            self.hide_layers()

    def hide_layers(self) -> None:
        if (graph := self._stage.graph) is not None:
            self._stage.hide(self._keeping.visibility.hidden_layers(graph))

    def hide_selected(self) -> None:
        """Leave out every layer with the operator of the selected one."""
        graph, tree = self._stage.graph, self._stage.tree
        if graph is not None and tree is not None and 0 <= self._stage.item < tree.layers:
            operator = graph.operators[self._stage.item]
            self._keeping.see(self._keeping.visibility.toggled(operator))

    def show_all(self) -> None:
        self._keeping.see(replace(self._keeping.visibility, hidden=frozenset()))

    def toggle_quantization(self) -> None:
        """Draw the layers that only quantize and dequantize on their own, or not."""
        seen = self._keeping.visibility
        self._keeping.see(replace(seen, quantization=not seen.quantization))

    def bring_back(self, graph: ModelGraph, item: int) -> None:
        """Draw the operator of a hidden layer again, and go there."""
        seen = self._keeping.visibility
        self._stage.ring(-1)
        hidden = seen.hidden - {graph.operators[item]}
        shows_folded = seen.quantization or item in folded_by_default(graph)
        self._stage.wanted = graph.layers[item].id
        self._keeping.see(replace(seen, hidden=hidden, quantization=shows_folded))

    def tell(self) -> None:
        """Say what is not drawn, with a button that brings it back."""
        if (graph := self._stage.graph) is None:
            return
        seen, notices = self._keeping.visibility, self._chrome.notices
        notices.put(HIDDEN, seen.words(graph), "Show", self.show_all)
        folded = 0 if seen.quantization else self._folded_in(graph)
        text = f"{folded:,} Q/DQ folded into their layers" if folded else ""
        notices.put(FOLDED, text, "Show", self.toggle_quantization)
        self.told.emit()

    def _folded_in(self, graph: ModelGraph) -> int:
        if self._folded[0] is not graph:
            self._folded = graph, len(folded_by_default(graph))
        return self._folded[1]
