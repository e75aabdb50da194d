"""What tells a good drawing from a bad one in figures; for tests and benchmarks."""

import numpy as np
from numpy.typing import NDArray

from core.layout.drawing import Drawing, Floats

TOUCHING = 1e-9


def crossings(drawing: Drawing) -> int:
    """How often a person sees one line cross another.

    Lines that run on top of each other for a stretch are one line there. Ends that only touch do
    not cross. The time grows with the square of the lines that pass one height.
    """
    pieces = _pieces(drawing)
    upper = np.minimum(pieces[:, 1], pieces[:, 3])
    pieces = pieces[np.argsort(upper, kind="stable")]
    upper = np.minimum(pieces[:, 1], pieces[:, 3])
    stops = np.searchsorted(upper, np.maximum(pieces[:, 1], pieces[:, 3]))
    return sum(
        int(_crossing(pieces[index], pieces[index + 1 : stop]).sum())
        for index, stop in enumerate(stops.tolist())
        if stop > index + 1
    )


def _pieces(drawing: Drawing) -> Floats:
    """Every straight piece of a line once: x1, y1, x2, y2; shape (pieces, 4)."""
    inner = np.ones(max(len(drawing.points) - 1, 0), bool)
    inner[drawing.starts[1:-1] - 1] = False
    pieces = np.concatenate([drawing.points[:-1], drawing.points[1:]], axis=1)[inner]
    return np.unique(pieces.round(3), axis=0)


def _crossing(one: Floats, others: Floats) -> NDArray[np.bool_]:
    """Which of the others have their ends on both sides of this piece, and it on both of theirs."""
    sides = _side(one[:2], one[2:], others[:, :2]) * _side(one[:2], one[2:], others[:, 2:])
    back = _side(others[:, :2], others[:, 2:], one[:2]) * _side(
        others[:, :2], others[:, 2:], one[2:]
    )
    return (sides < -TOUCHING) & (back < -TOUCHING)


def _side(start: Floats, stop: Floats, point: Floats) -> Floats:
    """Positive on one side of the line through two points, negative on the other."""
    way, to = stop - start, point - start
    return way[..., 0] * to[..., 1] - way[..., 1] * to[..., 0]
