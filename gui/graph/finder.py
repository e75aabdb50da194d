"""Looks for layers in the open model; makes the index when it is first needed."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from core.layout import Tree
from core.model.graph import ModelGraph
from gui.graph.search_index import Found, SearchIndex
from gui.jobs import Errand

QUICK_LAYERS = 3000
"""The index of a smaller model is made at once."""

Floats = NDArray[np.float64]


class Finder(QObject):
    """Answers at once when the index is there; else it tells when it is."""

    ready = Signal()
    failed = Signal(object)
    """A Failed event; it is a defect."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._graph: ModelGraph | None = None
        self._index: SearchIndex | None = None
        self._making = False
        self.tree: Tree | None = None
        self.figures: Mapping[str, Floats] = {}
        """What the layers can be coloured by: queries may ask for it by name."""

    def show(self, graph: ModelGraph | None) -> None:
        """Look in this model from now on."""
        self._graph, self._index, self._making = graph, None, False

    @property
    def index(self) -> SearchIndex | None:
        """None until it is made."""
        return self._index

    def prepare(self) -> None:
        """Have the index made; `ready` tells when it is."""
        graph = self._graph
        if graph is None or self._index is not None or self._making:
            return
        if len(graph.layers) < QUICK_LAYERS:
            self._take(graph, SearchIndex(graph))
            return
        self._making = True
        errand = Errand(lambda: SearchIndex(graph))
        errand.done.connect(lambda index: self._take(graph, index))
        errand.failed.connect(self.failed)
        errand.start()

    def find(self, wanted: str) -> Found | None:
        """None while the index is being made."""
        self.prepare()
        if self._index is None or self.tree is None:
            return None
        return self._index.find(wanted, self.tree, self.figures)

    def line(self, item: int) -> str:
        """How an item reads in a list."""
        assert self._index is not None
        assert self.tree is not None
        return self._index.line(item, self.tree)

    def _take(self, graph: ModelGraph, index: SearchIndex) -> None:
        if graph is self._graph:
            self._index, self._making = index, False
            self.ready.emit()
