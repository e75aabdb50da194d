"""Pairs layers by what names say, as long as the names do not contradict what the layers are."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property

import numpy as np

from core.diff.outline import Outline, base_name
from core.diff.pairing import Pairing
from core.model.summary import full_name


class Naming:
    """By LayerId, by the names of weights and of results, by the layers' own names."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing

    def pair_inputs(self) -> None:
        """The models' inputs: by name, the rest by place where as many are left."""
        first_a, first_b = len(self._pairing.a.layers), len(self._pairing.b.layers)
        places = {name: index for index, name in enumerate(self._pairing.b.inputs)}
        for index, name in enumerate(self._pairing.a.inputs):
            if name in places:
                self._pairing.pair(first_a + index, first_b + places[name], "name")
        left_a = np.flatnonzero(self._pairing.to_b[first_a:] < 0).tolist()
        left_b = np.flatnonzero(self._pairing.to_a[first_b:] < 0).tolist()
        if len(left_a) == len(left_b):
            for one, other in zip(left_a, left_b, strict=True):
                self._pairing.pair(first_a + one, first_b + other, "structure")

    def pair_by_id(self) -> None:
        """Layers with one id that are the same by themselves, or have weights of one name."""
        for i, j in self._same_ids():
            if self._are_alike(i, j) and not self._weights_contradict(i, j):
                self._pairing.pair(i, j, "id")

    def pair_by_names(self) -> None:
        """By the names of their weights, of what they give out, and their own."""
        keys: tuple[Callable[[Outline, int], Hashable], ...] = (
            lambda side, index: side.weight_names(index) or None,
            lambda side, index: next(
                (base_name(name) for name in side.layers[index].outputs), None
            ),
            lambda side, index: full_name(side.layers[index]),
        )
        for key in keys:
            for i, j in self._unique_pairs(key):
                alike = self._pairing.a.signature(i) == self._pairing.b.signature(j)
                related = self._pairing.a.family(i) == self._pairing.b.family(
                    j
                ) and self._pairing.have_same_conversion(i, j)
                if related and (alike or not self._weights_contradict(i, j)):
                    self._pairing.pair(i, j, "name")

    def pair_rest_by_id(self) -> None:
        """What nothing else paired; first those that still do the same."""
        for i, j in list(self._same_ids()):
            if self._pairing.a.family(i) == self._pairing.b.family(j):
                self._pairing.pair(i, j, "id")
        for i, j in list(self._same_ids()):
            if self._pairing.have_same_conversion(i, j):
                self._pairing.pair(i, j, "id")

    def _same_ids(self) -> Iterable[tuple[int, int]]:
        index = {layer.id: number for number, layer in enumerate(self._pairing.b.layers)}
        for i, layer in enumerate(self._pairing.a.layers):
            j = index.get(layer.id)
            if j is not None and self._pairing.is_free(i, j):
                yield i, j

    def _are_alike(self, i: int, j: int) -> bool:
        one, other = self._pairing.a.layers[i], self._pairing.b.layers[j]
        same = (one.operator, one.weights) == (other.operator, other.weights)
        if same and (one.weights or one.attributes == other.attributes):
            return True
        if self._pairing.a.signature(i) == self._pairing.b.signature(j):
            return True
        related = self._pairing.a.family(i) == self._pairing.b.family(j)
        return related and bool(self._pairing.a.weight_names(i) & self._pairing.b.weight_names(j))

    def _weights_contradict(self, i: int, j: int) -> bool:
        """Whether both have named weights, all different, and B has A's elsewhere.

        Exporters number their nodes; after an insertion one number means another layer.
        """
        if self._pairing.a.layers[i].weights == self._pairing.b.layers[j].weights:
            return False
        names_a, names_b = self._pairing.a.weight_names(i), self._pairing.b.weight_names(j)
        if not names_a or not names_b or names_a & names_b:
            return False
        return not names_a.isdisjoint(self._all_weights_of_b)

    @cached_property
    def _all_weights_of_b(self) -> frozenset[str]:
        return frozenset(base_name(name) for name in self._pairing.b.graph.weights)

    def _unique_pairs(self, key: Callable[[Outline, int], Hashable]) -> Iterable[tuple[int, int]]:
        """Free layers of which each side has just one with some key, not None."""
        of_a = _unique(
            self._pairing.a,
            key,
            np.flatnonzero(self._pairing.to_b[: len(self._pairing.a.layers)] < 0).tolist(),
        )
        of_b = _unique(
            self._pairing.b,
            key,
            np.flatnonzero(self._pairing.to_a[: len(self._pairing.b.layers)] < 0).tolist(),
        )
        for found, i in of_a.items():
            j = of_b.get(found)
            if j is not None and self._pairing.is_free(i, j):
                yield i, j


def _unique(
    side: Outline, key: Callable[[Outline, int], Hashable], layers: Sequence[int]
) -> dict[Hashable, int]:
    found: dict[Hashable, int] = {}
    twice: set[Hashable] = set()
    for index in layers:
        value = key(side, index)
        if value in found:
            twice.add(value)
        elif value is not None:
            found[value] = index
    return {value: index for value, index in found.items() if value not in twice}
