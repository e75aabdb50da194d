"""The colours of the graph: which colourings are offered, and the chosen one applied everywhere."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from gui import theme
from gui.graph.chrome import Chrome
from gui.graph.colouring import Colouring, colourings_of
from gui.graph.colouring_set import ColouringSet
from gui.graph.shading import Shading
from gui.graph.stage import Stage

Floats = NDArray[np.float64]


class Colours(QObject):
    """Applies the chosen colouring to the switch, the surface, the legend and the map."""

    applied = Signal()
    """Parts may have another size now."""

    def __init__(self, stage: Stage, chrome: Chrome) -> None:
        super().__init__(stage)
        self._stage = stage
        self._chrome = chrome
        self._known = ColouringSet()
        self._shading: Shading | None = None
        theme.changed.connect(self.apply)

    def clear(self) -> None:
        self._known.clear()
        self._shading = None

    def begin(self, wished: str) -> None:
        """Offer what follows from the model alone; choose what was wished for before."""
        if self._stage.graph is not None:
            self._known.put_first(colourings_of(self._stage.graph))
            if wished:
                self._known.choose(wished)

    def put(self, colouring: Colouring) -> None:
        """Offer one; it is seen at once only if its title is chosen already."""
        self._known.put(colouring)
        self._offer()
        if colouring.title == self._known.title:
            self.apply()

    def drop(self, title: str) -> None:
        was_chosen = title == self._known.title
        self._known.drop(title)
        self._offer()
        if was_chosen:
            self.apply()

    def choose(self, title: str) -> None:
        """Colour by one that is offered already."""
        self._known.choose(title)
        self.apply()

    @property
    def chosen(self) -> Colouring | None:
        return self._known.chosen

    @property
    def titles(self) -> list[str]:
        return self._known.titles

    def apply(self) -> None:
        self._offer()
        arrangement, colouring = self._stage.arrangement, self._known.chosen
        if arrangement is None or colouring is None:
            return
        shading = self._shading
        if shading is None or not shading.is_of(arrangement.tree, colouring):
            shading = self._shading = Shading(arrangement.graph, arrangement.tree, colouring)
        shading.look_at(arrangement.scene.boxes.items)
        self._stage.surface.show_scene(arrangement.scene, shading)
        self._chrome.legend.show_shading(shading)
        self._chrome.minimap.show_scene(arrangement.scene, shading)
        self.applied.emit()

    def figures(self) -> Mapping[str, Floats]:
        """The figures that can be asked for in a search, by their titles in lower case."""
        return _Figures(self._stage, self._known)

    def _offer(self) -> None:
        self._chrome.bar.show_colourings(self._known.titles, self._known.title)


class _Figures(Mapping[str, Floats]):
    """Makes a column only when it is asked for."""

    def __init__(self, stage: Stage, known: ColouringSet) -> None:
        self._stage = stage
        self._known = known

    @override
    def __getitem__(self, name: str) -> Floats:
        colouring = next((c for c in self._heats() if c.title.casefold() == name), None)
        if colouring is None or self._stage.graph is None:
            raise KeyError(name)
        return colouring.column(self._stage.graph)

    @override
    def __iter__(self) -> Iterator[str]:
        return (colouring.title.casefold() for colouring in self._heats())

    @override
    def __len__(self) -> int:
        return len(self._heats())

    def _heats(self) -> list[Colouring]:
        return [each for each in self._known.all if each.kind == "heat"]
