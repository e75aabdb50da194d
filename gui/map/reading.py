"""A map as the window reads it: what the plan in the editor would give, what each layer is worth.

Imports the solver's arithmetic, so it is imported beside the window's thread, when a map is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.model.graph import LayerId
from core.plan.plan import CompressionPlan
from core.project.project import Project
from core.search.correction import corrected
from core.search.layer_map import KEEP, MapOption, ModelMap
from core.search.layer_worth import LayerWorth, worth_of_layers
from core.search.prediction import PastMeasurement, Prediction, Predictor
from core.search.sums import profiled
from core.search.treatment import treatment_of
from gui.map.found_map import FoundMap, find_map


@dataclass(frozen=True)
class MapReading:
    """A map, corrected by what the project measured of plans. Pure arithmetic: call it anywhere."""

    map: ModelMap
    file: Path
    """Where the map lies as it was made."""
    past: tuple[PastMeasurement, ...]
    metric: str
    """Name of the one that all points are of."""
    predictor: Predictor

    @classmethod
    def of(cls, found: FoundMap) -> "MapReading | None":
        if found.map is None or found.file is None:
            return None
        basis = corrected(found.map, found.past)
        return cls(basis, found.file, found.past, found.metric, Predictor(basis, found.past))

    @property
    def facts(self) -> tuple[object, ...]:
        """All that a reading follows from."""
        return self.file, self.past, self.metric

    def label(self, plan: CompressionPlan) -> str:
        """The runtime that a plan's figures are of: its own where that was timed."""
        return profiled(plan, self.map)[0]

    def options(self, label: str) -> tuple[MapOption, ...]:
        """What layers can be treated with on a runtime."""
        known = {option for _, option in self.map.by_runtime.get(label, {})}
        return tuple(o for o in self.map.options.values() if o.id in known and o.id != KEEP)

    def predict(self, plan: CompressionPlan) -> Prediction:
        return self.predictor.predict(plan)

    def treated(self, plan: CompressionPlan) -> Mapping[LayerId, str]:
        """The option of every layer that a plan treats."""
        return treatment_of(plan, self.map).options

    def worths(self, label: str, option: str) -> Mapping[LayerId, LayerWorth]:
        """What every layer gains and costs under an option."""
        return worth_of_layers(self.map, label, option, self.predictor.drops)


@dataclass(frozen=True)
class ProjectMap:
    """What a project's runs hold of maps."""

    found: FoundMap
    reading: MapReading | None


def read_project(project: Project, metric: str) -> ProjectMap:
    """In points of a metric, as `find_map` says. Reads files; not for the window's thread."""
    found = find_map(project, metric)
    return ProjectMap(found, MapReading.of(found))
