"""What flows from where to where in a graph, and which scope each layer lies in, as columns."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]


class Wires(NamedTuple):
    """Producer to consumer, each pair once, sorted; no item feeds itself.

    Items are the layers (0 … n-1), then the model's inputs, then its outputs.
    """

    sources: Ints
    targets: Ints


class ScopeColumn(NamedTuple):
    """Scopes as a column of numbers."""

    paths: tuple[tuple[str, ...], ...]
    """The different scopes, from the outermost module inwards, in order of first appearance."""
    of: Ints
    """Layer to its place in `paths`."""


def scope_column_of(scopes: Sequence[tuple[str, ...]]) -> ScopeColumn:
    """The column for the scope of each layer."""
    numbers: dict[tuple[str, ...], int] = {}
    of = np.array([numbers.setdefault(scope, len(numbers)) for scope in scopes], np.int64)
    return ScopeColumn(tuple(numbers), of)


def wires_of(
    layers: Sequence[tuple[Sequence[str], Sequence[str]]],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Wires:
    """From the names of the tensors that each layer takes and makes.

    A tensor that is made twice counts as the last one's; a layer's comes before an input's.
    """
    made = {name: len(layers) + index for index, name in enumerate(inputs)}
    made |= {name: index for index, (_, names) in enumerate(layers) for name in names}
    pairs = {
        (made[name], i) for i, (names, _) in enumerate(layers) for name in names if name in made
    }
    first = len(layers) + len(inputs)
    pairs |= {(made[name], first + i) for i, name in enumerate(outputs) if name in made}
    ends = np.array(sorted(pair for pair in pairs if pair[0] != pair[1]), np.int64).reshape(-1, 2)
    return Wires(ends[:, 0].copy(), ends[:, 1].copy())
