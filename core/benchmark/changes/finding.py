"""Finds the images whose answer changed, and orders them by damage."""

from collections.abc import Sequence

from core.benchmark.changes import kind_for
from core.benchmark.changes.base import Asked, ImageChange
from core.data.datasets.base import Sample
from core.data.decode import Progress

_TOLD_EVERY = 50
"""Images between two reports of progress."""


def find_changes(
    asked: Asked, samples: Sequence[Sample], progress: Progress
) -> tuple[tuple[int, ImageChange], ...]:
    """Index of the sample and the change, the most damaged first."""
    kind = kind_for(asked)
    found: list[tuple[int, ImageChange]] = []
    for index, sample in enumerate(samples):
        if index % _TOLD_EVERY == 0:
            progress(index, len(samples), "Looking for what changed")
        if (difference := kind.difference(asked, index)) is not None:
            found.append((index, difference.of(sample.key)))
    return tuple(sorted(found, key=lambda pair: (-pair[1].damage, pair[0])))
