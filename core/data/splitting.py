"""Divides a dataset into images that calibrate and images that judge."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.datasets.base import OpenDataset, Sample

FEWEST = 12
"""Images below which a division would leave too little on either side."""
LARGEST_SHARE = 0.25
"""Of the images that calibration may take."""


@dataclass(frozen=True)
class Split:
    """Both parts run through the classes in turn, so that any beginning of them is spread too."""

    calibration: tuple[Sample, ...]
    evaluation: tuple[Sample, ...]
    sentence: str
    """“400 of 500 images; 100 others calibrated the ranges”."""
    disjoint: bool
    """False when there were too few images to keep them apart."""


def split(dataset: OpenDataset, calibration: int, most: int | None = None) -> Split:
    """Take up to `calibration` images, at most a quarter, for calibration; the rest evaluates.

    At most `most` evaluate. The same dataset always gives the same split, on every computer. With
    fewer than FEWEST images all of them serve for both.
    """
    samples = spread(dataset.samples)
    total = len(samples)
    if total < FEWEST and calibration:
        sentence = f"all {total} images, which also calibrated: too few to keep them apart"
        return Split(samples, samples, sentence, disjoint=False)
    taken = min(calibration, int(total * LARGEST_SHARE))
    judging = samples[taken:][:most]
    sentence = f"{len(judging)} of {total} images"
    if taken:
        sentence += f"; {taken} others calibrated the ranges"
    return Split(samples[:taken], judging, sentence, disjoint=True)


def spread(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """All samples, one class after the other in turn, in a shuffled but fixed order."""
    classes: dict[int | None, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=_shuffled):
        classes[sample.label].append(sample)
    turns = [(turn, sample) for members in classes.values() for turn, sample in enumerate(members)]
    return tuple(sample for _, sample in sorted(turns, key=lambda pair: pair[0]))


def _shuffled(sample: Sample) -> bytes:
    return hashlib.blake2b(sample.key.encode("utf-8", "surrogateescape"), digest_size=8).digest()
