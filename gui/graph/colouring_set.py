"""The colourings that are offered for a model, and the one that is chosen."""

from collections.abc import Iterable

from gui.graph.colouring import Colouring


class ColouringSet:
    """Known by their titles; the first is chosen until another is."""

    def __init__(self) -> None:
        self._known: dict[str, Colouring] = {}
        self._title = ""

    @property
    def titles(self) -> list[str]:
        return list(self._known)

    @property
    def all(self) -> list[Colouring]:
        return list(self._known.values())

    @property
    def title(self) -> str:
        """Of the chosen one; empty while there is none."""
        return self._title if self._title in self._known else next(iter(self._known), "")

    @property
    def chosen(self) -> Colouring | None:
        return self._known.get(self.title)

    def clear(self) -> None:
        self._known, self._title = {}, ""

    def put_first(self, colourings: Iterable[Colouring]) -> None:
        """Offer these before those that are offered already."""
        self._known = {each.title: each for each in colourings} | self._known

    def put(self, colouring: Colouring) -> None:
        """Offer one; it replaces one of the same title."""
        self._known[colouring.title] = colouring

    def drop(self, title: str) -> None:
        self._known.pop(title, None)

    def choose(self, title: str) -> None:
        self._title = title
