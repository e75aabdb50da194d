"""The report on screen: the candidate that is looked at, and what each layer really ran in."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.model.graph import LayerId
from core.runtimes.base import ExecutedLayer
from core.search.report import Candidate, OptimizationReport


class Results(QObject):
    """Holds one report and the selection in it."""

    changed = Signal()
    candidate_selected = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.report: OptimizationReport | None = None
        self.folder: Path | None = None
        """The run's folder, which holds the candidates' models."""
        self.run: str | None = None
        self._selected: str | None = None
        self._executed: Mapping[LayerId, ExecutedLayer] = {}

    def show(self, report: OptimizationReport, folder: Path, run: str) -> None:
        self.report, self.folder, self.run = report, folder, run
        self._look_at(report.chosen or report.candidates[0].id)
        self.changed.emit()
        self.candidate_selected.emit()

    def clear(self) -> None:
        self.report = self.folder = self.run = self._selected = None
        self._executed = {}
        self.changed.emit()
        self.candidate_selected.emit()

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
        if candidate.model is None or self.folder is None:
            return None
        return self.folder / candidate.model

    @property
    def executed(self) -> Mapping[LayerId, ExecutedLayer]:
        """The kernel that ran each layer of the candidate; layers nobody told about are missing."""
        return self._executed
