"""Finds layers, groups and the model's ends by what a person types."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.layout import Tree
from core.model.graph import Layer, ModelGraph
from core.model.graph_index import Facet, GraphIndex
from core.model.query import Query, Words, fold, parse_query
from gui.graph.labels import LONGEST

MOST_GROUPS = 8
"""Groups that are listed before the layers; who looks for groups sees them by their names."""

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Found:
    """What fits a query."""

    layers: Flags
    """Per layer."""
    items: NDArray[np.int64]
    """Items of the tree, the best first: groups, ends of the model, layers."""
    facets: tuple[Facet, ...]

    def __len__(self) -> int:
        return len(self.items)


class SearchIndex:
    """Made once per model, beside the window's thread where the model is large."""

    def __init__(self, graph: ModelGraph) -> None:
        self._graph = graph
        self._layers = GraphIndex.of(graph)
        self._ends = [fold(tensor.name[:LONGEST]) for tensor in (*graph.inputs, *graph.outputs)]

    def find(self, wanted: str, tree: Tree, figures: Mapping[str, Floats] | None = None) -> Found:
        """What fits every word of `wanted`; without words nothing, but the facets of all.

        `figures` are those that the layers are coloured by, by their lower-case names.
        """
        query = parse_query(wanted)
        if not query:
            everything = np.ones(len(self._graph.layers), bool)
            facets = self._layers.facets(everything)
            return Found(~everything, np.empty(0, np.int64), facets)
        layers = self._layers.find(query, figures)
        words = _plain_words(query)
        others = [*self._groups(words, tree), *self._matching_ends(words)] if words else []
        items = np.concatenate([np.array(others, np.int64), self._layers.best_first(query, layers)])
        return Found(layers, items, self._layers.facets(layers))

    def line(self, item: int, tree: Tree) -> str:
        """How a found item reads in the list."""
        if tree.is_group(item):
            return f"{' › '.join(tree.path(item))[:LONGEST]}  ·  group"
        if item >= tree.layers:
            end = item - tree.layers
            tensor = (*self._graph.inputs, *self._graph.outputs)[end]
            role = "input" if end < tree.inputs else "output"
            return f"{tensor.name[:LONGEST]}  ·  {role} of the model"
        layer = self._graph.layers[item]
        return f"{qualified(layer)}  ·  {layer.operator} {layer.detail}".rstrip()

    def _groups(self, words: tuple[str, ...], tree: Tree) -> list[int]:
        """Groups whose path holds all words, the last of them in the group's own name."""
        found: list[int] = []
        for place, path in enumerate(tree.paths[1:], start=1):
            if words[-1] in fold(path[-1]) and all(w in fold(" ".join(path)) for w in words):
                found.append(tree.root + place)
                if len(found) == MOST_GROUPS:
                    break
        return found

    def _matching_ends(self, words: tuple[str, ...]) -> list[int]:
        first = len(self._graph.layers)
        return [
            first + place
            for place, name in enumerate(self._ends)
            if all(word in name for word in words)
        ]


def qualified(layer: Layer) -> str:
    """The name, with the scope in front where it does not say it itself."""
    name = layer.name[:LONGEST]
    if not layer.scope or layer.scope[-1] in name:
        return name
    return f"{'.'.join(layer.scope)}.{name}"[-LONGEST:]


def _plain_words(query: Query) -> tuple[str, ...]:
    """The words of a query that has no other terms; groups have nothing else to be found by."""
    terms = [term for term in query.terms if isinstance(term, Words)]
    plain = all(term.field == "any" and not term.negated for term in terms)
    return (
        tuple(term.texts[0] for term in terms) if plain and len(terms) == len(query.terms) else ()
    )
