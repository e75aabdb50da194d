"""Chooses where a scan cuts a model: cells, in which layers are treated, and legs between them.

A copy of the model that has one layer treated differs from the original from that layer's cell on.
Cells are small, so that little is run in vain before the layer; legs are long, so that runtimes
can fuse what lies in them, and few, so that few sessions are needed.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from core.search.sensitivity.parts import CutModel

LEGS = 6
"""Cutting EfficientNet-Lite0 into 6 legs costs 2 % of the time of the whole, into 34 cells 40 %."""
STORED_BYTES = 1_000_000_000
"""The calibration inputs' activations at one cut must fit in here, twice."""


@dataclass(frozen=True)
class Leg:
    """A stretch of the model: its cells' ends, the last one being its own."""

    start: int
    cells: tuple[int, ...]

    @property
    def end(self) -> int:
        return self.cells[-1]


def plan_route(
    cut_model: CutModel,
    layers: Collection[str],
    work_of: Callable[[str], float],
    bytes_at: Callable[[int], int | None],
    stored: int,
) -> tuple[Leg, ...]:
    """Legs from the model's start to its end.

    `layers` are those that will be treated, `work_of` tells the operations of one, `bytes_at` what
    one input's activations take at a cut or None where no cut is possible; `stored` inputs are
    kept at each.
    """
    last = len(cut_model)
    possible = [
        position
        for position in cut_model.cuts
        if 0 < position < last
        and (size := bytes_at(position)) is not None
        and size * stored <= STORED_BYTES
    ]
    cells = [*_worthwhile(cut_model, layers, possible), last]
    ends = _leg_ends(cut_model, cells, work_of, bytes_at)
    legs: list[Leg] = []
    start = 0
    for end in ends:
        legs.append(Leg(start, tuple(cell for cell in cells if start < cell <= end)))
        start = end
    return tuple(legs)


def _worthwhile(cut_model: CutModel, layers: Collection[str], possible: Sequence[int]) -> list[int]:
    """The cuts that part treated layers from each other."""
    places = [i for i, layer in enumerate(cut_model.layers) if layer in layers]
    found: list[int] = []
    before = 0
    for cut in possible:
        behind = any(place >= cut for place in places)
        if behind and any(before <= place < cut for place in places):
            found.append(cut)
            before = cut
    return found


def _leg_ends(
    cut_model: CutModel,
    cells: Sequence[int],
    work_of: Callable[[str], float],
    bytes_at: Callable[[int], int | None],
) -> list[int]:
    """About LEGS cells' ends that share the work evenly; of near ones that where least lives."""
    done = [0.0]
    for layer in cut_model.layers:
        done.append(done[-1] + work_of(layer))
    total = done[-1] or 1.0
    ends: list[int] = []
    for number in range(1, LEGS):
        near = [
            cell
            for cell in cells[:-1]
            if abs(done[cell] / total - number / LEGS) < 0.5 / LEGS and cell not in ends
        ]
        if near:
            ends.append(min(near, key=lambda cell: bytes_at(cell) or 0))
    return [*sorted(ends), cells[-1]]
