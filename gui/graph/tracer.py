"""Follows tensors through the model: neighbours, everything before or after, paths between two."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from core.model.graph import ModelGraph
from core.model.paths import Paths
from gui.jobs import Errand

QUICK_LAYERS = 3000
"""Smaller models are followed at once."""

Flags = NDArray[np.bool_]
Way = Literal["before", "after", "paths"]


class Tracer(QObject):
    """Answers by signals; of several questions only the last is answered."""

    traced = Signal(str, object, object)
    """The way, the item that was asked about, and flags per layer and end of the model."""
    failed = Signal(object)
    """A Failed event; it is a defect."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._graph: ModelGraph | None = None
        self._paths: Paths | None = None
        self._asked = 0
        self.start: int | None = None
        """Where paths begin: a layer or an end of the model."""

    def show(self, graph: ModelGraph | None) -> None:
        """Follow this model from now on."""
        self._graph, self._paths, self.start = graph, None, None
        self._asked += 1

    def neighbours(self, item: int, *, before: bool) -> list[int]:
        """Items that a tensor joins to this one, in the model's order."""
        if (paths := self._known_paths()) is None:
            return []
        found = paths.producers(item) if before else paths.consumers(item)
        return found.tolist()

    def ask(self, way: Way, item: int) -> None:
        """`traced` gives the answer."""
        graph, start = self._graph, self.start
        if graph is None or (way == "paths" and start is None):
            return
        self._asked += 1
        number = self._asked

        def work() -> Flags:
            paths = self._known_paths()
            assert paths is not None
            if way == "paths":
                assert start is not None
                return paths.between(start, item)
            return paths.before(item) if way == "before" else paths.after(item)

        self._do(work, lambda flags: self._tell(number, way, item, flags), graph)

    def _do(self, work: Callable[[], Flags], then: Callable[[Flags], None], graph: ModelGraph):
        if len(graph.layers) < QUICK_LAYERS:
            then(work())
            return
        errand = Errand(work)
        errand.done.connect(then)
        errand.failed.connect(self.failed)
        errand.start()

    def _tell(self, number: int, way: Way, item: int, flags: Flags) -> None:
        if number == self._asked:
            self.traced.emit(way, item, flags)

    def _known_paths(self) -> Paths | None:
        if self._paths is None and self._graph is not None:
            self._paths = Paths(self._graph)
        return self._paths
