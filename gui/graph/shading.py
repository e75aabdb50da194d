"""What a colouring means for every item: its colour, its share of the scale, its words."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from core.layout import Tree
from core.model.graph import ModelGraph
from gui import theme
from gui.graph.colouring import Colouring, Scale
from gui.graph.palette import category

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS = 24
"""Colours of the heat scale; enough to look smooth, few enough to draw in batches."""
NEUTRAL = -1


@dataclass(frozen=True)
class Look:
    """How a box is coloured. `ground` is None for a neutral one."""

    ground: QColor | None = None
    tint: QColor | None = None
    """For a category: shown as a stripe and a breath of colour."""
    parts: tuple[tuple[float, QColor], ...] = ()
    """For a group: shares of its layers and the colours of their categories."""
    figure: str = ""


class Shading:
    """A colouring applied to a tree. `scale` spans the figures of the visible boxes."""

    def __init__(self, graph: ModelGraph, tree: Tree, colouring: Colouring) -> None:
        self.colouring = colouring
        self._graph = graph
        self._tree = tree
        self._layers = colouring.column(graph)
        self.heat = colouring.kind == "heat"
        self.values = self._gathered() if self.heat else np.empty(0)
        self._counts = np.empty((0, 0)) if self.heat else self._per_category()
        self._main = np.empty(0, np.int64) if self.heat else _most_frequent(self._counts)
        """Group (from the root) to the category that most of its layers have."""
        self.scale = Scale(0.0, 0.0)
        self._bins = np.empty(0, np.int64)

    def is_of(self, tree: Tree, colouring: Colouring) -> bool:
        """Whether it need not be made anew for these."""
        return self._tree is tree and self.colouring is colouring

    @property
    def known(self) -> tuple[int, int]:
        """How many layers have a figure, and how many there are."""
        return int(np.isfinite(self._layers).sum()), len(self._layers)

    def look_at(self, visible: Ints) -> None:
        """Let the scale span these items."""
        if self.heat:
            self.scale = Scale.over(self.values[visible])
            shares = self.scale.fractions(self.values)
            known = np.isfinite(shares)
            self._bins = np.full(len(shares), NEUTRAL, np.int64)
            self._bins[known] = np.round(shares[known] * (STEPS - 1)).astype(np.int64)

    def bins(self, items: Ints) -> Ints:
        """Number of the colour of each item; NEUTRAL where it has none."""
        if self.heat:
            return self._bins[items]
        found = np.full(len(items), NEUTRAL, np.int64)
        layers = items < self._tree.layers
        values = self._layers[items[layers]]
        found[layers] = np.where(np.isnan(values), NEUTRAL, np.nan_to_num(values))
        groups = items >= self._tree.root
        found[groups] = self._main[items[groups] - self._tree.root]
        return found

    def colour(self, number: int) -> QColor:
        """The colour for a number from `bins`."""
        if number == NEUTRAL:
            return theme.mix(theme.current().faint, theme.current().panel, 0.45)
        return theme.heat(number / (STEPS - 1)) if self.heat else category(number)

    def kinds(self) -> list[int]:
        """The categories that occur, the most frequent first."""
        counts = self._counts[0]
        return [int(kind) for kind in np.argsort(-counts, kind="stable") if counts[kind]]

    def look(self, item: int) -> Look:
        figure = self._figure(item)
        if self.heat:
            number = int(self._bins[item])
            return Look(None if number == NEUTRAL else self.colour(number), figure=figure)
        if item >= self._tree.root:
            return Look(parts=self._parts(item), figure=figure)
        value = self._layers[item] if item < self._tree.layers else np.nan
        return Look(tint=None if np.isnan(value) else category(int(value)), figure=figure)

    def _figure(self, item: int) -> str:
        if item < self._tree.layers:
            text = self.colouring.text(self._graph, item, float(self._layers[item]))
            if text is not None:
                return text
        if not self.heat or np.isnan(self.values[item]):
            return ""
        return self.colouring.words(float(self.values[item]))

    def _gathered(self) -> Floats:
        """Item to its figure; a group's is the sum or the largest of its layers' known ones."""
        tree = self._tree
        summed = self.colouring.combine == "sum"
        values = np.full(tree.items, 0.0 if summed else -np.inf)
        known = np.zeros(tree.items, bool)
        known[: tree.layers] = np.isfinite(self._layers)
        values[: tree.layers][known[: tree.layers]] = self._layers[known[: tree.layers]]
        for level in _deepest_first(tree):
            members = level[known[level]]
            (np.add if summed else np.maximum).at(values, tree.parent[members], values[members])
            known[tree.parent[members]] = True
        return np.where(known, values, np.nan)

    def _per_category(self) -> Floats:
        """Group (from the root) to the count of its layers of each category."""
        tree = self._tree
        counts = np.zeros((tree.items - tree.root, max(len(self.colouring.palette), 1)))
        known = np.flatnonzero(np.isfinite(self._layers))
        kinds = self._layers[known].astype(np.int64)
        shown = tree.parent[known] >= 0  # layers that are folded into others have no group
        fits = (kinds >= 0) & (kinds < counts.shape[1]) & shown
        width = counts.shape[1]
        places = (tree.parent[known[fits]] - tree.root) * width + kinds[fits]
        flat = counts.reshape(-1)
        flat += np.bincount(places, minlength=len(flat))
        for members in _deepest_first(tree):
            groups = members[members > tree.root]
            some, kind = np.nonzero(counts[groups - tree.root])
            places = (tree.parent[groups[some]] - tree.root) * width + kind
            np.add.at(flat, places, counts[groups[some] - tree.root, kind])
        return counts

    def _parts(self, group: int) -> tuple[tuple[float, QColor], ...]:
        counts = self._counts[group - self._tree.root]
        total = float(self._tree.counts[group])
        return tuple(
            (float(counts[kind]) / total, category(int(kind)))
            for kind in np.flatnonzero(counts).tolist()
        )


def _most_frequent(counts: Floats) -> Ints:
    return np.where(counts.any(axis=1), counts.argmax(axis=1), NEUTRAL)


def _deepest_first(tree: Tree) -> Iterator[Ints]:
    """The items of each depth, without the root."""
    order = np.argsort(-tree.depth, kind="stable")
    bounds = np.flatnonzero(np.diff(tree.depth[order])) + 1
    return (level for level in np.split(order, bounds) if tree.depth[level[0]] > 0)
