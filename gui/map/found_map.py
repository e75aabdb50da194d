"""The newest map in a project's runs, and what its runs measured of plans."""

from collections.abc import Sequence
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
    interrupted: bool = False
    """Whether the last mapping was stopped before its end; it goes on where it was."""


def find_map(project: Project) -> FoundMap:
    """Reads files; not for the window's thread."""
    runs = [run for run in project.runs() if run.kind in ("map", "optimize")]
    mappings = [run for run in runs if run.kind == "map"]
    interrupted = bool(mappings) and not mappings[-1].whole
    for run in reversed(runs):
        file = run.folder / MAP_FILE
        if run.whole and (map := _read(file)) is not None:
            return FoundMap(map, file, _past(runs, map, project.state.metric), interrupted)
    return FoundMap(interrupted=interrupted)


def _read(file: Path) -> ModelMap | None:
    """None for a file that is missing, damaged or of another version: it can be made anew."""
    try:
        return ModelMap.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def _past(runs: Sequence[Run], map: ModelMap, metric: str) -> tuple[PastMeasurement, ...]:
    """Drops in points of the chosen metric, else of the one that the newest run was judged by."""
    reports = [(run.folder, report) for run in runs if (report := _report(run)) is not None]
    if not metric:
        judged = (limiting_metric(report) for _, report in reversed(reports))
        metric = next(filter(None, judged), "")
    return tuple(
        one for folder, report in reports for one in past_measurements(report, folder, map, metric)
    )


def _report(run: Run) -> OptimizationReport | None:
    if run.kind != "optimize" or not run.whole:
        return None
    try:
        return OptimizationReport.model_validate(run.outcome())
    except (InputError, ValidationError):
        return None
