"""The runs of the open project: listed, shown again, deleted."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from core.project.project import Project
from gui.project_keeper import ProjectKeeper, RunEntry
from gui.results import Results


class PastRuns(QObject):
    """Follows the keeper; showing a run puts its report into the results."""

    changed = Signal()

    def __init__(self, keeper: ProjectKeeper, results: Results) -> None:
        super().__init__()
        self._keeper, self._results = keeper, results
        self.entries: tuple[RunEntry, ...] = ()
        """The newest first."""
        keeper.runs_listed.connect(self._take)

    def show(self, name: str) -> None:
        run = next(each for each in self.entries if each.name == name)
        if run.found is not None:
            self._results.show(run.found)
            self.changed.emit()

    def remove(self, names: Sequence[str]) -> None:
        """Delete runs for good; the newest that is left is shown where a shown one goes."""

        def remove(project: Project) -> None:
            for name in names:
                project.remove_run(name)

        if self._results.run in names:
            self._results.clear()
        self._keeper.ask(remove, lambda _: self._keeper.list_runs())

    def _take(self, runs: Sequence[RunEntry]) -> None:
        self.entries = tuple(runs)
        newest = next((run for run in self.entries if run.found is not None), None)
        if self._results.report is None and newest is not None:
            self.show(newest.name)
        self.changed.emit()
