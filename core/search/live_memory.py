"""Which tensors exist at the same time, for limits on memory."""

from collections.abc import Iterator, Mapping, Sequence

from core.model.graph import LayerId
from core.search.layer_map import Border, Flow

BYTES: Mapping[Flow, int] = {"float32": 4, "float16": 2, "int8": 1}
"""Of one element."""


def crowded_moments(
    borders: Sequence[Border], order: Mapping[LayerId, int]
) -> Iterator[tuple[Border, ...]]:
    """The sets of tensors that exist together; sets that another one contains are left out.

    A tensor exists from the layer that makes it to the last one that takes it, as in
    core.model.memory; `order` is each layer's place in the order of execution.
    """
    lives = sorted(
        (order[border.maker], max(order[taker] for taker in border.takers), index)
        for index, border in enumerate(borders)
        if border.maker in order and border.takers and all(t in order for t in border.takers)
    )
    alive: list[tuple[int, int]] = []
    for position, (start, end, index) in enumerate(lives):
        alive = [life for life in alive if life[0] >= start]
        alive.append((end, index))
        following = lives[position + 1][0] if position + 1 < len(lives) else None
        if following is None or min(alive)[0] < following:
            yield tuple(borders[member] for _, member in alive)
