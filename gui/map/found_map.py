"""The newest map in a project's runs, and what its runs measured of plans."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from core.errors import InputError
from core.project.project import Project
from core.project.runs import Run
from core.search.layer_map import ModelMap
from core.search.mapping import MAP_FILE
from core.search.past import limiting_metric, past_measurements
from core.search.prediction import PastMeasurement
from core.search.report import OptimizationReport


@dataclass(frozen=True)
class FoundMap:
    """What the project knows of its model's layers."""

    map: ModelMap | None = None
    file: Path | None = None
    """Where the map lies."""
    past: tuple[PastMeasurement, ...] = ()
    metric: str = ""
    """Name of the one that all points are of; empty where nothing was judged."""
    interrupted: bool = False
    """Whether the last mapping was stopped before its end; it goes on where it was."""


def find_map(project: Project, metric: str = "") -> FoundMap:
    """In points of a metric; if none is given, of the one that the newest run was judged by.

    Reads files; not for the window's thread.
    """
    runs = [run for run in project.runs() if run.kind in ("map", "optimize")]
    mappings = [run for run in runs if run.kind == "map"]
    interrupted = bool(mappings) and not mappings[-1].whole
    for run in reversed(runs):
        file = run.folder / MAP_FILE
        if run.whole and (map := _read(file)) is not None:
            reports = [(each.folder, made) for each in runs if (made := _report(each)) is not None]
            metric = metric or _newest(made for _, made in reports) or map.metric
            past = tuple(
                one
                for folder, made in reports
                for one in past_measurements(made, folder, map, metric)
            )
            return FoundMap(map.in_points_of(metric), file, past, metric, interrupted)
    return FoundMap(interrupted=interrupted)


def _read(file: Path) -> ModelMap | None:
    """None for a file that is missing, damaged or of another version: it can be made anew."""
    try:
        return ModelMap.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def _newest(reports: Iterable[OptimizationReport]) -> str:
    """What the last of the runs that were judged was judged by."""
    return next((name for made in reversed([*reports]) if (name := limiting_metric(made))), "")


def _report(run: Run) -> OptimizationReport | None:
    if run.kind != "optimize" or not run.whole:
        return None
    try:
        return OptimizationReport.model_validate(run.outcome())
    except (InputError, ValidationError):
        return None
