"""Pairs what is left by the order in which layers run, and conversions by what they convert."""

from collections.abc import Hashable, Iterable

import numpy as np

from core.diff.outline import Ints, Outline
from core.diff.pairing import Pairing
from core.diff.sequences import aligned, increasing


def pair_by_order(pairing: Pairing) -> None:
    """Between pairs that stand in the same order in both, align what is left."""
    anchors = [
        (i, j) for i, j in enumerate(pairing.to_b[: len(pairing.a.layers)].tolist()) if j >= 0
    ]
    kept = [anchors[place] for place in increasing([j for _, j in anchors])]
    last_i = last_j = -1
    for i, j in [*kept, (len(pairing.a.layers), len(pairing.b.layers))]:
        ones = _left(pairing.a, pairing.to_b, last_i + 1, i)
        others = _left(pairing.b, pairing.to_a, last_j + 1, j)
        last_i, last_j = i, j
        if not ones or not others:
            continue
        signs_a, signs_b = pairing.a.signatures[ones], pairing.b.signatures[others]
        for one, other in aligned(signs_a.tolist(), signs_b.tolist()):
            if _fits(pairing, ones[one], others[other]):
                pairing.pair(ones[one], others[other], "structure")


def _fits(pairing: Pairing, i: int, j: int) -> bool:
    """Whether what is known of the layers before does not speak against a pair."""
    others = pairing.b.wiring.producers.get(j, {})
    votes = 0
    for slot, one in pairing.a.wiring.producers.get(i, {}).items():
        other = others.get(slot)
        if other is not None and pairing.to_b[one] >= 0 and pairing.to_a[other] >= 0:
            votes += 1 if pairing.to_b[one] == other else -1
    return votes >= 0


def pair_conversions(pairing: Pairing) -> None:
    """Conversions of one kind that stand in the same place behind paired layers."""
    of_b: dict[Hashable, list[int]] = {}
    for j, key in _conversion_keys(pairing, pairing.b, pairing.to_a):
        of_b.setdefault(key, []).append(j)
    for i, key in _conversion_keys(pairing, pairing.a, pairing.to_b):
        others = of_b.get(key)
        if others:
            pairing.pair(i, others.pop(0), "structure")


def _conversion_keys(
    pairing: Pairing, side: Outline, paired: Ints
) -> Iterable[tuple[int, Hashable]]:
    """Free conversions with the item of A behind them, seen through other conversions."""
    maker: dict[str, tuple[int, int]] = {
        name: (len(side.layers) + number, 0) for number, name in enumerate(side.inputs)
    }
    for index, layer in enumerate(side.layers):
        place = (index, 0)
        if side.conversions[index]:
            root, hops = maker.get(layer.inputs[0], (-1, 0)) if layer.inputs else (-1, 0)
            place = (root, hops + 1)
            known = root if side is pairing.a else int(pairing.to_a[root]) if root >= 0 else -1
            if paired[index] < 0 and root >= 0 and known >= 0 and _is_known(pairing, side, root):
                yield index, (known, hops, layer.operator)
        for name in layer.outputs:
            maker.setdefault(name, place)


def _is_known(pairing: Pairing, side: Outline, item: int) -> bool:
    return bool((pairing.to_b if side is pairing.a else pairing.to_a)[item] >= 0)


def _left(side: Outline, paired: Ints, start: int, stop: int) -> list[int]:
    """Layers in a stretch that are neither paired nor conversions."""
    if stop - start <= 0:
        return []
    free = (np.flatnonzero(paired[start:stop] < 0) + start).tolist()
    return [index for index in free if not side.conversions[index]]
