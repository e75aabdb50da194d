"""Leads through the model: from hit to hit, along tensors, along paths, and back."""

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QCursor

from gui.graph.chrome import Chrome
from gui.graph.emphasis import Emphasis, Flags
from gui.graph.menus import choice_menu
from gui.graph.places import History, item_at, place_of
from gui.graph.search_index import Found
from gui.graph.stage import Stage
from gui.graph.tracer import Tracer, Way
from gui.wording import counted

FARTHEST = 4
"""Steps from a hidden layer to look for one that is drawn."""
START, TRACE = "start", "trace"
"""Keys of the chips."""


class Guide(QObject):
    """What stands out in the graph is either what was found or what was traced."""

    def __init__(self, stage: Stage, chrome: Chrome) -> None:
        super().__init__(stage)
        self._stage = stage
        self._chrome = chrome
        self._history = History()
        self._found: Found | None = None
        self._traced: Flags | None = None
        self.is_revisiting = False
        """While one goes back or forward, which is no new visit."""
        self.tracer = Tracer(self)
        self.tracer.traced.connect(self._show_trace)
        chrome.bar.search.found.connect(self._show_found)

    def begin(self) -> None:
        """Forget the model before."""
        self._history.clear()
        self._found = self._traced = None
        self.tracer.show(self._stage.graph)

    def visit(self, item: int) -> None:
        """An item was selected: one can come back to it."""
        stage = self._stage
        if stage.arrangement is not None and not self.is_revisiting:
            place = place_of(stage.arrangement.graph, stage.arrangement.tree, item)
            if place is not None:
                self._history.visit(place)

    def step(self, way: int) -> int | None:
        """The item that was visited before (−1) or after (1) this one."""
        arrangement = self._stage.arrangement
        while arrangement is not None and (place := self._history.step(way)) is not None:
            item = item_at(arrangement.graph, arrangement.tree, place)
            if item is not None:
                return item
        return None

    def host_of(self, item: int) -> int:
        """The item itself, or for a hidden layer the nearest drawn one that its tensors reach."""
        tree, graph = self._stage.tree, self._stage.graph
        if tree is None or graph is None or item not in tree.hidden:
            return item
        hidden = set(tree.hidden.tolist())
        for before in (graph.operators[item] == "QuantizeLinear", True, False):
            seen, around = {item}, [item]
            for _ in range(FARTHEST):
                around = [
                    each
                    for one in around
                    for each in self.tracer.neighbours(one, before=before)
                    if each not in seen
                ]
                seen.update(around)
                drawn = [each for each in around if each not in hidden and each < tree.layers]
                if drawn:
                    return drawn[0]
        return -1

    # along tensors

    def choose_neighbour(self, *, before: bool) -> None:
        """Go to where a tensor comes from or flows to; a small list where there are several."""
        stage = self._stage
        if stage.tree is None or not 0 <= stage.item < stage.tree.root:
            return
        items = self._seen(self.tracer.neighbours(stage.item, before=before))
        if len(items) == 1:
            self._chrome.bar.search.taken.emit(items[0])
        elif items:
            names = [(stage.qualified(item), item) for item in items]
            menu = choice_menu(stage.surface, names, self._chrome.bar.search.taken.emit)
            menu.setAccessibleName("Comes from" if before else "Flows to")
            menu.popup(self._beside_selection())

    def _seen(self, items: list[int]) -> list[int]:
        """Without hidden layers, which only stand between others."""
        hidden = set(self._stage.tree.hidden.tolist()) if self._stage.tree is not None else set()
        return [item for item in items if item not in hidden] or items

    def _beside_selection(self) -> QPoint:
        surface = self._stage.surface
        view = surface.view()
        box = view.scene.rectangle(self._stage.item) if view else None
        if box is None:
            return QCursor.pos()
        return surface.mapToGlobal(surface.camera.to_view(box.center()).toPoint())

    # along paths

    def mark_start(self) -> None:
        stage = self._stage
        if stage.tree is not None and 0 <= stage.item < stage.tree.root:
            self.tracer.start = stage.item
            text = (
                f"Paths start at {stage.qualified(stage.item)}: choose where they end, then press P"
            )
            self._chrome.notices.put(START, text, "Forget", self.forget_start)

    def forget_start(self) -> None:
        self.tracer.start = None
        self._chrome.notices.put(START, "")

    def trace(self, way: Way) -> None:
        """Let what comes before or after the selection stand out, or the paths to it."""
        stage = self._stage
        if stage.tree is not None and 0 <= stage.item < stage.tree.root:
            self.tracer.ask(way, stage.item)

    def end(self) -> bool:
        """Nothing stands out any more; False where nothing did."""
        busy = self._found is not None or self._traced is not None or self.tracer.start is not None
        self._traced = None
        self.forget_start()
        self._chrome.notices.put(TRACE, "")
        if self._found is not None:
            self._chrome.bar.search.finish()
        self.emphasize()
        return busy

    def _show_trace(self, way: str, item: int, flags: Flags) -> None:
        name, count = self._stage.qualified(item), counted(int(flags.sum()), "layer")
        start = self._stage.qualified(self.tracer.start) if self.tracer.start is not None else ""
        text = {
            "before": f"{name} depends on {counted(int(flags.sum()) - 1, 'layer')}",
            "after": f"{counted(int(flags.sum()) - 1, 'layer')} depend on {name}",
            "paths": f"Paths from {start} to {name}: {count}",
        }[way]
        if not flags.any():
            text = f"There is no path from {start} to {name}"
        else:
            self._chrome.notices.put(START, "")
        self._traced = flags if flags.any() else None
        self._chrome.notices.put(TRACE, text, "End", self.end)
        self.emphasize()

    # what stands out

    def _show_found(self, found: Found | None) -> None:
        self._found = found
        self.emphasize()

    def emphasize(self) -> None:
        """Paint anew what stands out; call it after groups opened or layers were hidden."""
        tree = self._stage.tree
        if tree is None:
            return
        emphasis = None
        if self._found is not None and len(self._found):
            emphasis = Emphasis.of(tree, self._found.items)
        elif self._traced is not None:
            emphasis = Emphasis.of(tree, self._traced.nonzero()[0], lines=True)
        self._stage.surface.emphasize(emphasis)
        self._chrome.minimap.show_emphasis(emphasis)
