"""Finds layers and groups by name, operator or shape."""

from bisect import bisect_right
from itertools import accumulate

from core.layout import Tree
from core.model.graph import ModelGraph
from gui.graph.labels import LONGEST
from gui.wording import shape_words

MOST_FOUND = 60


class SearchIndex:
    """All layers and groups as one lower-case text, so that one `find` scans everything."""

    def __init__(self, graph: ModelGraph, tree: Tree) -> None:
        self._tree = tree
        self._graph = graph
        texts = [
            f"{layer.name[:LONGEST]} {layer.operator} {layer.detail[:LONGEST]} "
            f"{shape_words(layer.output_shape)}\n"
            for layer in graph.layers
        ]
        texts += [f"{' '.join(path)[:LONGEST]}\n" for path in tree.paths[1:]]
        self._text = "".join(texts).casefold()
        self._starts = [0, *accumulate(len(text.casefold()) for text in texts)]

    def find(self, wanted: str, most: int = MOST_FOUND) -> list[int]:
        """Items whose text holds every word of `wanted`, in the model's order."""
        words = wanted.casefold().split()
        if not words:
            return []
        longest = max(words, key=len)
        found: list[int] = []
        at = self._text.find(longest)
        while at >= 0 and len(found) < most:
            place = bisect_right(self._starts, at) - 1
            text = self._text[self._starts[place] : self._starts[place + 1]]
            if all(word in text for word in words):
                found.append(self._item(place))
            at = self._text.find(longest, self._starts[place + 1])
        return found

    def line(self, item: int) -> str:
        """How a found item reads in the list."""
        tree = self._tree
        if tree.is_group(item):
            return f"{' › '.join(tree.path(item))[:LONGEST]}  ·  group"
        layer = self._graph.layers[item]
        return f"{layer.name[:LONGEST]}  ·  {layer.operator} {layer.detail}".rstrip()

    def _item(self, place: int) -> int:
        layers = self._tree.layers
        return place if place < layers else self._tree.root + 1 + place - layers
