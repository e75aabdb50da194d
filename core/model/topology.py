"""The order in which the nodes of a graph can run."""

import heapq
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """`indices` sorts the nodes; where there is a cycle its nodes stand last, in file order."""

    indices: tuple[int, ...]
    cyclic: tuple[int, ...] = ()

    @property
    def changed(self) -> bool:
        return self.indices != tuple(range(len(self.indices)))


def running_order(
    inputs: Sequence[Iterable[Hashable]], outputs: Sequence[Iterable[Hashable]]
) -> Order:
    """Order nodes by the tensors they take and give, keeping file order wherever it is possible.

    Tensors go by names or by numbers; the empty name and 0 stand for none.

    Kahn's algorithm (1962) with the smallest index first. A tensor that several nodes give counts
    as the first one's.
    """
    producer: dict[Hashable, int] = {}
    for index, names in enumerate(outputs):
        for name in names:
            if name:
                producer.setdefault(name, index)
    waits = [{producer[name] for name in names if name in producer} for names in inputs]
    if all(max(before, default=-1) < index for index, before in enumerate(waits)):
        return Order(tuple(range(len(waits))))
    followers: list[list[int]] = [[] for _ in waits]
    for index, before in enumerate(waits):
        for other in before:
            followers[other].append(index)
    open_count = [len(before) for before in waits]
    ready = [index for index, count in enumerate(open_count) if count == 0]
    found: list[int] = []
    while ready:
        index = heapq.heappop(ready)
        found.append(index)
        for follower in followers[index]:
            open_count[follower] -= 1
            if open_count[follower] == 0:
                heapq.heappush(ready, follower)
    done = set(found)
    cyclic = tuple(index for index in range(len(waits)) if index not in done)
    return Order((*found, *cyclic), cyclic)
