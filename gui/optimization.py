"""The optimize job as the window runs it: what it is asked and tells, and where its report goes."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.jobs.events import Event, Measured, Started, Step
from core.plan.plan import CompressionPlan
from core.project.project import Project
from core.search.request import OptimizeRequest
from gui.jobs import Jobs
from gui.plan_editor import PlanEditor
from gui.project_keeper import ProjectKeeper
from gui.results import Results, RunReport, run_report

MakeRequest = Callable[[Path, tuple[CompressionPlan, ...]], OptimizeRequest]
"""From the project's model and the plans to measure."""


class Optimization(QObject):
    """At most one runs at a time."""

    changed = Signal()
    """It began, measured something, or ended."""
    failed = Signal(object)
    """The Failed event."""

    def __init__(
        self, jobs: Jobs, keeper: ProjectKeeper, editor: PlanEditor, results: Results
    ) -> None:
        super().__init__()
        self._jobs, self._keeper, self._editor, self._results = jobs, keeper, editor, results
        self.steps: tuple[str, ...] = ()
        self.step = 0
        """The one of `steps` that is worked on."""
        self.figures: list[Measured] = []
        """What was acknowledged so far."""

    @property
    def is_running(self) -> bool:
        return self._jobs.of_kind("optimize") is not None

    def start(self, make_request: MakeRequest, *, own_plan: bool) -> None:
        """Measure the edited plan beside the original, or race every recipe."""
        plans = self._plans() if own_plan else ()

        def request(project: Project) -> OptimizeRequest:
            assert project.model_path is not None
            return make_request(project.model_path, plans)

        self.steps, self.step, self.figures = (), 0, []
        title = "Measuring your plan" if own_plan else "Optimizing"
        launch = self._keeper.launch("optimize", request, self._results.run)
        job = self._jobs.add("optimize", title, launch, run_report)
        job.told.connect(self._hear)
        job.finished.connect(lambda found: self._take(found, own_plan=own_plan))
        job.failed.connect(self.failed)
        job.ended.connect(self.changed)
        job.ended.connect(self._keeper.list_runs)
        job.start(self._keeper.executor)
        self.changed.emit()

    def _plans(self) -> tuple[CompressionPlan, ...]:
        """The edited plan, and beside it the one that it grew from."""
        before = self._editor.measured
        base = before.name.removesuffix(", edited")
        mine = self._editor.plan.model_copy(update={"name": f"{base}, edited"})
        return (mine, before) if before.steps not in ((), mine.steps) else (mine,)

    def _hear(self, event: Event) -> None:
        match event:
            case Started():
                self.steps = event.steps
            case Step():
                self.step = event.index
            case Measured():
                self.figures.append(event)
            case _:
                return
        self.changed.emit()

    def _take(self, found: RunReport, *, own_plan: bool) -> None:
        self._results.show(found)
        best = self._results.chosen
        if own_plan:
            self._editor.settle(self._editor.plan)
        elif best is not None:
            self._editor.settle(best.plan)
            self._editor.use(best.plan, f"Use “{best.label}”")
