"""The report on screen: the candidate that is looked at, and what each layer really ran in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel
from PySide6.QtCore import QObject, Signal

from core.jobs.context import read_results
from core.model.graph import LayerId
from core.runtimes.base import ExecutedLayer
from core.search.report import Candidate, OptimizationReport


@dataclass(frozen=True)
class RunReport:
    """A report and what else its run folder holds."""

    report: OptimizationReport
    folder: Path
    sensitivity: Mapping[LayerId, float]
    """Share of the compression error that each layer alone makes; empty where not looked for."""

    @property
    def name(self) -> str:
        return self.folder.name


def run_report(outcome: BaseModel, folder: Path) -> RunReport:
    """Reads files; not for the window's thread."""
    assert isinstance(outcome, OptimizationReport)
    return RunReport(outcome, folder, _sensitivity(folder))


def _sensitivity(folder: Path) -> Mapping[LayerId, float]:
    from core.search.sensitivity import Sensitivity

    for what, event in read_results(folder).items():
        if what.startswith("sensitivity of "):
            noise = dict(Sensitivity.model_validate(event.result).noise)
            known = {layer: value for layer, value in noise.items() if math.isfinite(value)}
            total = sum(known.values())
            return {layer: value / total for layer, value in known.items()} if total else {}
    return {}


class Results(QObject):
    """Holds one report and the selection in it."""

    changed = Signal()
    candidate_selected = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.shown: RunReport | None = None
        self._selected: str | None = None
        self._executed: Mapping[LayerId, ExecutedLayer] = {}

    def show(self, shown: RunReport) -> None:
        self.shown = shown
        self._look_at(shown.report.chosen or shown.report.candidates[0].id)
        self.changed.emit()
        self.candidate_selected.emit()

    def clear(self) -> None:
        self.shown = self._selected = None
        self._executed = {}
        self.changed.emit()
        self.candidate_selected.emit()

    @property
    def report(self) -> OptimizationReport | None:
        return self.shown.report if self.shown else None

    @property
    def run(self) -> str | None:
        """Name of the run that is shown."""
        return self.shown.name if self.shown else None

    @property
    def sensitivity(self) -> Mapping[LayerId, float]:
        return self.shown.sensitivity if self.shown else {}

    def select(self, candidate_id: str) -> None:
        if candidate_id != self._selected:
            self._look_at(candidate_id)
            self.candidate_selected.emit()

    def _look_at(self, candidate_id: str) -> None:
        self._selected = candidate_id
        candidate = self.candidate
        executed = candidate.benchmark.layers if candidate and candidate.benchmark else ()
        self._executed = {layer: kernel for kernel in executed for layer in kernel.layers}

    @property
    def candidate(self) -> Candidate | None:
        """The one that is looked at."""
        return self.by_id(self._selected)

    @property
    def chosen(self) -> Candidate | None:
        return self.by_id(self.report.chosen) if self.report else None

    @property
    def original(self) -> Candidate | None:
        """The first baseline."""
        candidates = self.report.candidates if self.report else ()
        return next((each for each in candidates if each.standing == "baseline"), None)

    def by_id(self, candidate_id: str | None) -> Candidate | None:
        candidates = self.report.candidates if self.report else ()
        return next((each for each in candidates if each.id == candidate_id), None)

    def model_of(self, candidate: Candidate) -> Path | None:
        """The candidate's model file."""
        if candidate.model is None or self.shown is None:
            return None
        return self.shown.folder / candidate.model

    @property
    def executed(self) -> Mapping[LayerId, ExecutedLayer]:
        """The kernel that ran each layer of the candidate; layers nobody told about are missing."""
        return self._executed
