"""Finds which layer of one model is which layer of another.

First what names say: LayerIds, then names of layers, results and weights, as long as they do not
contradict what the layers are. Then structure: from pairs that are known to their neighbours, by
colours that describe everything within some hops (Weisfeiler and Leman 1968; the pairs that are
known serve as landmarks), and by the order in which layers run. At last what only an id says.
Nearly linear in the number of layers.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.diff.outline import Ints, Outline, base_name
from core.diff.report import MatchedBy
from core.diff.sequences import aligned, increasing
from core.model.summary import full_name

_RADII = (16, 8, 4, 2, 1)

Colours = NDArray[np.uint64]


@dataclass(frozen=True)
class Alignment:
    """Which layers belong together. Layers are numbers: their places in the graphs."""

    to_b: Ints
    """Layer of A to its layer of B; −1 where there is none."""
    matched_by: dict[int, MatchedBy]
    """Layer of A to how it was found."""

    @cached_property
    def of_b(self) -> frozenset[int]:
        """Layers of B that have one in A."""
        return frozenset(self.to_b[self.to_b >= 0].tolist())

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """In A's order."""
        found = np.flatnonzero(self.to_b >= 0)
        return list(zip(found.tolist(), self.to_b[found].tolist(), strict=True))


def align(a: Outline, b: Outline) -> Alignment:
    """Pair the layers of two models."""
    aligner = _Aligner(a, b)
    aligner.run()
    return Alignment(aligner.to_b[: len(a.layers)], aligner.matched_by)


class _Aligner:
    def __init__(self, a: Outline, b: Outline) -> None:
        self.a, self.b = a, b
        self.to_b = np.full(a.items, -1, np.int64)
        self.to_a = np.full(b.items, -1, np.int64)
        self.matched_by: dict[int, MatchedBy] = {}
        self._fresh: list[int] = []
        """Items of A that were paired and whose neighbours were not looked at yet."""

    def run(self) -> None:
        self._pair_inputs()
        self._pair_by_id()
        if self._is_done():
            return
        self._pair_by_names()
        self._pair_conversions()
        if self._is_done():
            return
        self._spread(exactly=True)
        self._pair_by_order()
        self._spread(exactly=True)
        for radius in _RADII:
            if self._pair_by_surroundings(radius):
                self._spread(exactly=True)
        self._pair_by_order()
        self._spread(exactly=True)
        self._pair_rest_by_id()
        self._spread(exactly=False)
        self._pair_conversions()

    def _is_done(self) -> bool:
        """Whether one of the two has no layer left."""
        return bool(
            (self.to_b[: len(self.a.layers)] >= 0).all()
            or (self.to_a[: len(self.b.layers)] >= 0).all()
        )

    def _pair(self, i: int, j: int, by: MatchedBy) -> None:
        self.to_b[i], self.to_a[j] = j, i
        self.matched_by[i] = by
        self._fresh.append(i)

    def _is_free(self, i: int, j: int) -> bool:
        return self.to_b[i] < 0 and self.to_a[j] < 0

    # what names say

    def _pair_inputs(self) -> None:
        """The models' inputs: by name, the rest by place where as many are left."""
        first_a, first_b = len(self.a.layers), len(self.b.layers)
        places = {name: index for index, name in enumerate(self.b.inputs)}
        for index, name in enumerate(self.a.inputs):
            if name in places:
                self._pair(first_a + index, first_b + places[name], "name")
        left_a = np.flatnonzero(self.to_b[first_a:] < 0).tolist()
        left_b = np.flatnonzero(self.to_a[first_b:] < 0).tolist()
        if len(left_a) == len(left_b):
            for one, other in zip(left_a, left_b, strict=True):
                self._pair(first_a + one, first_b + other, "structure")

    def _same_ids(self) -> Iterable[tuple[int, int]]:
        index = {layer.id: number for number, layer in enumerate(self.b.layers)}
        for i, layer in enumerate(self.a.layers):
            j = index.get(layer.id)
            if j is not None and self._is_free(i, j):
                yield i, j

    def _pair_by_id(self) -> None:
        """Layers with one id that are the same by themselves, or have weights of one name."""
        for i, j in self._same_ids():
            if self._are_alike(i, j) and not self._weights_contradict(i, j):
                self._pair(i, j, "id")

    def _are_alike(self, i: int, j: int) -> bool:
        one, other = self.a.layers[i], self.b.layers[j]
        same = (one.operator, one.weights) == (other.operator, other.weights)
        if same and (one.weights or one.attributes == other.attributes):
            return True
        if self.a.signature(i) == self.b.signature(j):
            return True
        related = self.a.family(i) == self.b.family(j)
        return related and bool(self._names_a(i) & self._names_b(j))

    def _weights_contradict(self, i: int, j: int) -> bool:
        """Whether both have named weights, all different, and B has A's elsewhere.

        Exporters number their nodes; after an insertion one number means another layer.
        """
        if self.a.layers[i].weights == self.b.layers[j].weights:
            return False
        names_a, names_b = self._names_a(i), self._names_b(j)
        if not names_a or not names_b or names_a & names_b:
            return False
        return not names_a.isdisjoint(self._all_weights_of_b)

    def _names_a(self, i: int) -> frozenset[str]:
        return self.a.weight_names(i)

    def _names_b(self, j: int) -> frozenset[str]:
        return self.b.weight_names(j)

    @cached_property
    def _all_weights_of_b(self) -> frozenset[str]:
        return frozenset(base_name(name) for name in self.b.graph.weights)

    def _pair_by_names(self) -> None:
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
                alike = self.a.signature(i) == self.b.signature(j)
                related = self.a.family(i) == self.b.family(j) and self._have_same_conversion(i, j)
                if related and (alike or not self._weights_contradict(i, j)):
                    self._pair(i, j, "name")

    def _have_same_conversion(self, i: int, j: int) -> bool:
        return self.a.conversions[i] == self.b.conversions[j]

    def _unique_pairs(self, key: Callable[[Outline, int], Hashable]) -> Iterable[tuple[int, int]]:
        """Free layers of which each side has just one with some key, not None."""
        of_a = _unique(self.a, key, np.flatnonzero(self.to_b[: len(self.a.layers)] < 0).tolist())
        of_b = _unique(self.b, key, np.flatnonzero(self.to_a[: len(self.b.layers)] < 0).tolist())
        for found, i in of_a.items():
            j = of_b.get(found)
            if j is not None and self._is_free(i, j):
                yield i, j

    def _pair_rest_by_id(self) -> None:
        """What nothing else paired; first those that still do the same."""
        for i, j in list(self._same_ids()):
            if self.a.family(i) == self.b.family(j):
                self._pair(i, j, "id")
        for i, j in list(self._same_ids()):
            if self._have_same_conversion(i, j):
                self._pair(i, j, "id")

    # what structure says

    def _spread(self, *, exactly: bool) -> None:
        """Pair the neighbours of pairs where there is only one way to do it.

        `exactly`: only layers that are alike by themselves; else doing the same is enough.
        """
        waiting = self._beside_free_ones()
        self._fresh = []
        while waiting:
            i = waiting.pop()
            j = int(self.to_b[i])
            self._spread_up(i, j, exactly)
            self._spread_down(i, j, exactly)
            waiting += self._fresh
            self._fresh = []

    def _beside_free_ones(self) -> list[int]:
        """Paired items of A that have a neighbour without a pair."""
        wires = self.a.wiring
        free = self.to_b < 0
        up = wires.targets[free[wires.sources] & ~free[wires.targets]]
        down = wires.sources[free[wires.targets] & ~free[wires.sources]]
        return np.unique(np.concatenate([up, down])).tolist()

    def _key(self, side: Outline, item: int, exactly: bool) -> Hashable:
        if exactly or item >= len(side.layers):
            return int(side.signatures[item])
        return side.family(item)

    def _spread_up(self, i: int, j: int, exactly: bool) -> None:
        others = self.b.wiring.producers.get(j, {})
        for slot, one in self.a.wiring.producers.get(i, {}).items():
            other = others.get(slot)
            if other is None or not self._is_free(one, other):
                continue
            if self._key(self.a, one, exactly) == self._key(self.b, other, exactly):
                self._pair(one, other, "structure")

    def _spread_down(self, i: int, j: int, exactly: bool) -> None:
        groups_a = self._readers(self.a, i, self.to_b, exactly)
        if not groups_a:
            return
        groups_b = self._readers(self.b, j, self.to_a, exactly)
        for key, ones in groups_a.items():
            others = groups_b.get(key, [])
            if len(ones) == len(others) == 1 and self._is_free(ones[0], others[0]):
                self._pair(ones[0], others[0], "structure")

    def _readers(
        self, side: Outline, item: int, paired: Ints, exactly: bool
    ) -> dict[Hashable, list[int]]:
        found: dict[Hashable, list[int]] = {}
        for slot, reader in side.wiring.consumers.get(item, ()):
            if paired[reader] < 0:
                found.setdefault((slot, self._key(side, reader, exactly)), []).append(reader)
        return found

    def _pair_by_surroundings(self, radius: int) -> bool:
        """Pair layers whose surroundings within `radius` hops nothing else in either has."""
        before = len(self.matched_by)
        colours_a = self._colours(self.a, self.to_b, radius, np.arange(self.a.items))
        colours_b = self._colours(self.b, self.to_a, radius, self.to_a)
        free_a = _free(self.to_b, self.a)
        free_b = _free(self.to_a, self.b)
        for i, j in _equal_and_alone(colours_a, free_a, colours_b, free_b):
            self._pair(i, j, "structure")
        return len(self.matched_by) > before

    def _colours(self, side: Outline, paired: Ints, radius: int, landmark: Ints) -> Colours:
        known = paired >= 0
        own = np.where(known, landmark + 1, side.signatures).astype(np.uint64)
        colours = _mixed(own + np.where(known, np.uint64(1) << np.uint64(62), np.uint64(0)))
        wires = side.wiring
        slots = _mixed(wires.slots.astype(np.uint64) + np.uint64(7))
        for _ in range(radius):
            come = np.zeros(side.items, np.uint64)
            go = np.zeros(side.items, np.uint64)
            np.add.at(come, wires.targets, _mixed(colours[wires.sources] ^ slots))
            np.add.at(go, wires.sources, _mixed(colours[wires.targets] + slots))
            fresh = _mixed(colours + _mixed(come + np.uint64(3)) + _mixed(go + np.uint64(5)))
            colours = np.where(known, colours, fresh)
        return colours

    def _pair_by_order(self) -> None:
        """Between pairs that stand in the same order in both, align what is left."""
        anchors = [(i, j) for i, j in enumerate(self.to_b[: len(self.a.layers)].tolist()) if j >= 0]
        kept = [anchors[place] for place in increasing([j for _, j in anchors])]
        last_i = last_j = -1
        for i, j in [*kept, (len(self.a.layers), len(self.b.layers))]:
            ones = _left(self.a, self.to_b, last_i + 1, i)
            others = _left(self.b, self.to_a, last_j + 1, j)
            last_i, last_j = i, j
            if not ones or not others:
                continue
            signs_a, signs_b = self.a.signatures[ones], self.b.signatures[others]
            for one, other in aligned(signs_a.tolist(), signs_b.tolist()):
                if self._fits(ones[one], others[other]):
                    self._pair(ones[one], others[other], "structure")

    def _fits(self, i: int, j: int) -> bool:
        """Whether what is known of the layers before does not speak against a pair."""
        others = self.b.wiring.producers.get(j, {})
        votes = 0
        for slot, one in self.a.wiring.producers.get(i, {}).items():
            other = others.get(slot)
            if other is not None and self.to_b[one] >= 0 and self.to_a[other] >= 0:
                votes += 1 if self.to_b[one] == other else -1
        return votes >= 0

    def _pair_conversions(self) -> None:
        """Conversions of one kind that stand in the same place behind paired layers."""
        of_b: dict[Hashable, list[int]] = {}
        for j, key in self._conversion_keys(self.b, self.to_a):
            of_b.setdefault(key, []).append(j)
        for i, key in self._conversion_keys(self.a, self.to_b):
            others = of_b.get(key)
            if others:
                self._pair(i, others.pop(0), "structure")

    def _conversion_keys(self, side: Outline, paired: Ints) -> Iterable[tuple[int, Hashable]]:
        """Free conversions with the item of A behind them, seen through other conversions."""
        maker: dict[str, tuple[int, int]] = {
            name: (len(side.layers) + number, 0) for number, name in enumerate(side.inputs)
        }
        for index, layer in enumerate(side.layers):
            place = (index, 0)
            if side.conversions[index]:
                root, hops = maker.get(layer.inputs[0], (-1, 0)) if layer.inputs else (-1, 0)
                place = (root, hops + 1)
                known = root if side is self.a else int(self.to_a[root]) if root >= 0 else -1
                if paired[index] < 0 and root >= 0 and known >= 0 and self._is_known(side, root):
                    yield index, (known, hops, layer.operator)
            for name in layer.outputs:
                maker.setdefault(name, place)

    def _is_known(self, side: Outline, item: int) -> bool:
        return bool((self.to_b if side is self.a else self.to_a)[item] >= 0)


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


def _left(side: Outline, paired: Ints, start: int, stop: int) -> list[int]:
    """Layers in a stretch that are neither paired nor conversions."""
    if stop - start <= 0:
        return []
    free = (np.flatnonzero(paired[start:stop] < 0) + start).tolist()
    return [index for index in free if not side.conversions[index]]


def _free(paired: Ints, side: Outline) -> Ints:
    """Layers that are neither paired nor conversions."""
    layers = len(side.layers)
    return np.flatnonzero((paired[:layers] < 0) & ~np.array(side.conversions, bool))


def _equal_and_alone(
    colours_a: Colours, free_a: Ints, colours_b: Colours, free_b: Ints
) -> list[tuple[int, int]]:
    """Pairs of free items with a colour that no other free item of either side has."""
    ones, first_a, count_a = np.unique(colours_a[free_a], return_index=True, return_counts=True)
    others, first_b, count_b = np.unique(colours_b[free_b], return_index=True, return_counts=True)
    alone_a, alone_b = first_a[count_a == 1], first_b[count_b == 1]
    _, at_a, at_b = np.intersect1d(
        ones[count_a == 1], others[count_b == 1], assume_unique=True, return_indices=True
    )
    return list(zip(free_a[alone_a[at_a]].tolist(), free_b[alone_b[at_b]].tolist(), strict=True))


def _mixed(values: Colours) -> Colours:
    """A bijection that spreads close numbers far apart (splitmix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
