"""What the runs of a project measured of plans: what predictions are checked against."""

from collections.abc import Iterator
from pathlib import Path

from core.jobs.context import read_results
from core.search.layer_map import ModelMap
from core.search.prediction import PastMeasurement
from core.search.report import Candidate, OptimizationReport
from core.search.sums import profiled
from core.search.treatment import treatment_of

_LOSS = "loss of "
"""Begins the key of the results that core.search.divergence acknowledges."""


def past_measurements(
    report: OptimizationReport, folder: Path, map: ModelMap, metric: str = ""
) -> tuple[PastMeasurement, ...]:
    """The candidates of a run whose plans the map has figures for. Reads the run's folder.

    Drops that another metric than `metric` counted are left out: points of one say nothing about
    points of the other.
    """
    judged = metric in ("", limiting_metric(report))
    losses = dict(_losses(folder))
    return tuple(
        PastMeasurement(
            plan=candidate.plan,
            latency_ms=_latency_of(candidate),
            file_bytes=candidate.file_bytes,
            loss=losses.get(candidate.id),
            drop_points=_drop_of(candidate) if judged else None,
        )
        for candidate in report.candidates
        if candidate.plan.steps and candidate.standing != "failed" and _is_known(candidate, map)
    )


def limiting_metric(report: OptimizationReport) -> str:
    """Name of the metric that a run's drops are points of; empty where none was checked."""
    judged = (candidate.accuracy for candidate in report.candidates if candidate.accuracy)
    return next((accuracy.scores[0].metric for accuracy in judged if accuracy.scores), "")


def _is_known(candidate: Candidate, map: ModelMap) -> bool:
    return profiled(candidate.plan, map)[1] and not treatment_of(candidate.plan, map).unknown


def _losses(folder: Path) -> Iterator[tuple[str, float]]:
    for what, event in read_results(folder).items():
        loss = event.result.get("loss")
        if what.startswith(_LOSS) and isinstance(loss, float):
            yield what.removeprefix(_LOSS), loss


def _latency_of(candidate: Candidate) -> float | None:
    if candidate.benchmark is not None:
        return candidate.benchmark.latency_ms.value
    return candidate.screened_ms


def _drop_of(candidate: Candidate) -> float | None:
    known = candidate.accuracy.drop if candidate.accuracy else None
    return known.value if known else None
