"""What becomes selected, opened or closed by what a person does in the graph."""

from PySide6.QtCore import QObject, Signal

from gui.graph.drawn import Drawn
from gui.graph.guide import Guide
from gui.graph.stage import Stage


class Selecting(QObject):
    """Tells what a person did; selections from outside do not come here."""

    layer_selected = Signal(str)
    layer_activated = Signal(str)
    cleared = Signal()

    def __init__(self, stage: Stage, guide: Guide, drawn: Drawn) -> None:
        super().__init__(stage)
        self._stage = stage
        self._guide = guide
        self._drawn = drawn

    def pick(self, item: int) -> None:
        """A click or an arrow key chose an item; −1 is the ground."""
        if item >= 0:
            self._stage.bring_to_view(item)
        else:
            self._stage.ring(-1)
        self._tell(item)

    def go_to(self, item: int) -> None:
        """Show an item that was looked for; a hidden layer comes back, for it was asked for."""
        graph, tree = self._stage.graph, self._stage.tree
        if graph is None or tree is None:
            return
        if item < tree.layers and item in tree.hidden:
            self._drawn.bring_back(graph, item)
            self.layer_selected.emit(graph.layers[item].id)
            return
        self._stage.bring_to_view(item)
        self._tell(item)

    def revisit(self, way: int) -> None:
        """Back (−1) to what was selected before, or forward (1) again."""
        if (item := self._guide.step(way)) is not None:
            self._guide.is_revisiting = True
            self.go_to(item)
            self._guide.is_revisiting = False

    def enter(self, item: int) -> None:
        """A closed group opens, an open one closes, a layer is activated."""
        arrangement = self._stage.arrangement
        if arrangement is None:
            return
        if arrangement.tree.is_group(item):
            self._stage.toggle(item)
        elif item < arrangement.tree.layers:
            self.layer_activated.emit(arrangement.graph.layers[item].id)

    def close_group(self, group: int) -> None:
        if self._stage.close(group):
            self.cleared.emit()

    def end(self) -> None:
        """Escape: first what stands out goes, then the selection."""
        if not self._guide.end():
            self.pick(-1)

    def _tell(self, item: int) -> None:
        layer = self._stage.layer
        self._stage.wanted = layer
        self._guide.visit(item)
        if layer is not None and item >= 0:
            self.layer_selected.emit(layer)
        else:
            self.cleared.emit()
