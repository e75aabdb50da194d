"""Metrics: one file each; and scores with their uncertainty from what a metric counted."""

import math
from functools import cache
from typing import TYPE_CHECKING

import core.data.metrics
from core.data.metrics.base import Metric, Score
from core.data.tensors import Tensors
from core.discovery import Catalogue, discover
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from core.benchmark.results import Estimate

Z95 = 1.959964
"""Standard deviations on either side that hold 95 % of a normal distribution."""


@cache
def metrics() -> Catalogue[Metric]:
    """Every metric, by name."""
    return discover(core.data.metrics, Metric, "metric")


def metrics_for(*, labelled: bool, classes: int) -> tuple[Metric, ...]:
    """The metrics that say something, for a model with that many classes.

    The first is the one that limits apply to: those that need labels come before the others.
    """
    usable = (
        metric
        for metric in metrics()
        if (labelled or not metric.needs_labels) and classes >= metric.fewest_classes
    )
    return tuple(sorted(usable, key=lambda metric: (not metric.needs_labels, metric.name)))


def class_scores(output: "np.ndarray") -> "np.ndarray":
    """A classifier's output for n images as float32 (n, classes).

    Drops trailing axes of length 1. Raises InputError for any other model's output.
    """
    import numpy as np

    if output.ndim < 2 or math.prod(output.shape[2:]) != 1 or output.shape[1] < 2:
        shape = "×".join(str(size) for size in output.shape[1:]) or "one number"
        raise InputError(
            "The model does not look like an image classifier.",
            f"Its first output has the shape {shape} for one image; a classifier gives one row "
            "with at least two scores.",
            "Measure speed without images, or choose a classifier.",
        )
    return output.reshape(output.shape[:2]).astype(np.float32, copy=False)


def scores_of(outputs: Tensors) -> "np.ndarray":
    """The first output of a classifier for every sample, float32 (samples, classes)."""
    import numpy as np

    column = outputs.columns[outputs.names[0]]
    rows = [class_scores(column[index]) for index in range(len(column))]
    return np.concatenate(rows)


def score(metric: Metric, hits: "np.ndarray") -> Score:
    """The share of hits with its Wilson interval (Wilson 1927); `hits` is bool, (samples,)."""
    samples = len(hits)
    if samples == 0:
        raise ValueError("a score needs at least one sample")
    share = float(hits.mean())
    weight = Z95 * Z95 / samples
    centre = (share + weight / 2) / (1 + weight)
    spread = math.sqrt(share * (1 - share) * weight + weight * weight / 4) / (1 + weight)
    low, high = max(0.0, centre - spread), min(1.0, centre + spread)
    return Score(
        metric=metric.name,
        label=metric.label,
        value=share,
        low=min(low, share),
        high=max(high, share),
        samples=samples,
    )


def drop_points(hits_reference: "np.ndarray", hits: "np.ndarray") -> "Estimate":
    """Points (0 to 100) lost against the reference on the same samples, with a 95 % interval.

    The interval for matched pairs of Agresti and Min (2005): half a sample is added to each of
    the four cells, so it stays honest where no answer differs. Both arrays are bool, (samples,).
    """
    # Imported late: results.py builds on this package.
    from core.benchmark.results import Estimate

    samples = len(hits)
    if samples == 0 or samples != len(hits_reference):
        raise ValueError("a drop needs the same samples on both sides, and at least one")
    lost = int((hits_reference & ~hits).sum())
    won = int((hits & ~hits_reference).sum())
    total = samples + 2.0
    centre = (lost - won) / total
    variance = (lost + won + 1.0) / total - centre * centre
    reach = Z95 * math.sqrt(max(variance, 0.0) / total)
    value = (lost - won) / samples
    low, high = min(centre - reach, value), max(centre + reach, value)
    return Estimate(value=100 * value, low=100 * low, high=100 * high)
