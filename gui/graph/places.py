"""Where a person was and wants to be again, by names that outlive a layout."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.layout import Tree
from core.model.graph import LayerId, ModelGraph

LONGEST_HISTORY = 200


@dataclass(frozen=True)
class Place:
    """A layer, or a group by its path; exactly one of the two."""

    layer: str = ""
    group: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """For a menu."""
        return self.layer or " › ".join(self.group)


def place_of(graph: ModelGraph, tree: Tree, item: int) -> Place | None:
    """None for an item that is neither: the ends of the model, the whole."""
    if 0 <= item < tree.layers:
        return Place(layer=graph.layers[item].id)
    if item > tree.root:
        return Place(group=tree.path(item))
    return None


def item_at(graph: ModelGraph, tree: Tree, place: Place) -> int | None:
    """The item of a place; None where the model has no such thing now."""
    if place.layer:
        return graph.index_of.get(LayerId(place.layer))
    return tree.root + tree.paths.index(place.group) if place.group in tree.paths else None


class History:
    """The places that were selected, and where in them a person is."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    def clear(self) -> None:
        self._places, self._at = [], -1

    def visit(self, place: Place) -> None:
        """Going somewhere new forgets what lay ahead."""
        if self._at >= 0 and self._places[self._at] == place:
            return
        self._places = [*self._places[: self._at + 1], place][-LONGEST_HISTORY:]
        self._at = len(self._places) - 1

    def step(self, way: int) -> Place | None:
        """The place before (−1) or after (1); None at the end."""
        if not 0 <= self._at + way < len(self._places):
            return None
        self._at += way
        return self._places[self._at]


class Bookmarks(QObject):
    """In the order in which they were set."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._places: tuple[Place, ...] = ()

    def __iter__(self):
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, place: object) -> bool:
        return place in self._places

    def replace(self, places: Sequence[Place]) -> None:
        """Those of another model; tells nobody."""
        self._places = tuple(places)

    def toggle(self, place: Place) -> None:
        """Set it, or take it away."""
        without = tuple(each for each in self._places if each != place)
        self._places = without if place in self._places else (*self._places, place)
        self.changed.emit()
