"""Pairs the neighbours of layers that are paired already, where there is only one way to do it."""

from collections.abc import Hashable

import numpy as np

from core.diff.outline import Ints, Outline
from core.diff.pairing import Pairing


class Spreading:
    """Walks from pair to pair along the wires."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing

    def spread(self, *, exactly: bool) -> None:
        """Pair the neighbours of pairs where there is only one way to do it.

        `exactly`: only layers that are alike by themselves; else doing the same is enough.
        """
        waiting = self._beside_free_ones()
        self._pairing.fresh = []
        while waiting:
            i = waiting.pop()
            j = int(self._pairing.to_b[i])
            self._spread_up(i, j, exactly)
            self._spread_down(i, j, exactly)
            waiting += self._pairing.fresh
            self._pairing.fresh = []

    def _beside_free_ones(self) -> list[int]:
        """Paired items of A that have a neighbour without a pair."""
        wires = self._pairing.a.wiring
        free = self._pairing.to_b < 0
        up = wires.targets[free[wires.sources] & ~free[wires.targets]]
        down = wires.sources[free[wires.targets] & ~free[wires.sources]]
        return np.unique(np.concatenate([up, down])).tolist()

    def _key(self, side: Outline, item: int, exactly: bool) -> Hashable:
        if exactly or item >= len(side.layers):
            return int(side.signatures[item])
        return side.family(item)

    def _spread_up(self, i: int, j: int, exactly: bool) -> None:
        others = self._pairing.b.wiring.producers.get(j, {})
        for slot, one in self._pairing.a.wiring.producers.get(i, {}).items():
            other = others.get(slot)
            if other is None or not self._pairing.is_free(one, other):
                continue
            if self._key(self._pairing.a, one, exactly) == self._key(
                self._pairing.b, other, exactly
            ):
                self._pairing.pair(one, other, "structure")

    def _spread_down(self, i: int, j: int, exactly: bool) -> None:
        groups_a = self._readers(self._pairing.a, i, self._pairing.to_b, exactly)
        if not groups_a:
            return
        groups_b = self._readers(self._pairing.b, j, self._pairing.to_a, exactly)
        for key, ones in groups_a.items():
            others = groups_b.get(key, [])
            if len(ones) == len(others) == 1 and self._pairing.is_free(ones[0], others[0]):
                self._pairing.pair(ones[0], others[0], "structure")

    def _readers(
        self, side: Outline, item: int, paired: Ints, exactly: bool
    ) -> dict[Hashable, list[int]]:
        found: dict[Hashable, list[int]] = {}
        for slot, reader in side.wiring.consumers.get(item, ()):
            if paired[reader] < 0:
                found.setdefault((slot, self._key(side, reader, exactly)), []).append(reader)
        return found
