"""Scopes and short names of operations whose modules are known."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_DEEPEST = 32


@dataclass(frozen=True)
class Place:
    """Where an operation stands, and what it is called there."""

    scope: tuple[str, ...]
    name: str


def places_in(modules: Sequence[tuple[str, ...]], names: Sequence[str]) -> list[Place]:
    """A module with a single operation is no scope: the operation takes the module's name."""
    paths = [module[:_DEEPEST] for module in modules]
    members = Counter(path[:depth] for path in paths for depth in range(1, len(path) + 1))
    found: list[Place] = []
    for path, own in zip(paths, names, strict=True):
        scope, name = path, ""
        while scope and members[scope] == 1:
            name = f"{scope[-1]}.{name}" if name else scope[-1]
            scope = scope[:-1]
        found.append(Place(scope, name or own.rpartition(".")[2]))
    return found
