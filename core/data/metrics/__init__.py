"""Metrics: one file each."""

from functools import cache

import core.data.metrics
from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.discovery import Catalogue, discover


@cache
def metrics() -> Catalogue[Metric]:
    """Every metric, by name."""
    return discover(core.data.metrics, Metric, "metric")


def metrics_for(standard: Standard) -> tuple[Metric, ...]:
    """The metrics that can read the model's outputs and have the truth that they need.

    The first is the one that limits apply to: those that need truth come before the others.
    """
    usable = (
        metric
        for metric in metrics()
        if (metric.truth is None or standard.truth(metric.truth) is not None)
        and metric.fits(standard)
    )
    return tuple(
        sorted(usable, key=lambda metric: (metric.truth is None, metric.rank, metric.name))
    )
