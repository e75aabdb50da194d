"""The map of the open model: the jobs that make it and solve from it, and what it predicts."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel
from PySide6.QtCore import QObject, Signal

from core.model.graph import LayerId
from core.project.project import Project
from core.search.report import Goal
from core.search.request import MapRequest
from gui.accuracy_choice import AccuracyChoice
from gui.jobs import Jobs, RunningJob, job_launch
from gui.plan_editor import PlanEditor
from gui.project_keeper import ProjectKeeper
from gui.scratch import scratch_folder
from gui.wording import counted

if TYPE_CHECKING:
    from core.search.layer_map import MapOption
    from core.search.layer_worth import LayerWorth
    from core.search.prediction import Prediction
    from core.search.solver import Solution
    from gui.map.reading import MapReading, ProjectMap


class LayerMapping(QObject):
    """Holds the newest map of the project, and predicts the plan in the editor with it."""

    changed = Signal()
    """Another map, another option or runtime is shown, or a job began or ended."""
    predicted = Signal()
    """The plan in the editor is another one, and so is the prediction."""
    front_changed = Signal()
    failed = Signal(object)
    """The Failed event of a job."""

    def __init__(
        self, jobs: Jobs, keeper: ProjectKeeper, editor: PlanEditor, accuracy: AccuracyChoice
    ) -> None:
        super().__init__()
        self._jobs, self._keeper, self._editor = jobs, keeper, editor
        self._accuracy, self._metric = accuracy, ""
        self._option = ""
        self._turn = 0
        """Counts the models, so that nothing is shown of an earlier one."""
        self.reading: MapReading | None = None
        """The map; None while there is none."""
        self._worths: dict[tuple[str, str], Mapping[LayerId, LayerWorth]] = {}
        self.interrupted = False
        """Whether a mapping was stopped that would go on where it was."""
        self.label = ""
        """The runtime whose figures are shown: the plan's own where it was timed."""
        self.prediction: Prediction | None = None
        """Of the plan in the editor."""
        self.treated: Mapping[LayerId, str] = {}
        """The option of every layer that the plan in the editor treats."""
        self.front: tuple[Solution, ...] = ()
        """The solver's plans, the best for the goal first."""
        keeper.runs_listed.connect(self.look)
        accuracy.changed.connect(self._follow_accuracy)
        editor.changed.connect(self._predict)

    # what is known

    @property
    def options(self) -> "tuple[MapOption, ...]":
        """What layers can be treated with, on the runtime that is shown."""
        return self.reading.options(self.label) if self.reading else ()

    @property
    def option(self) -> "MapOption | None":
        """The option whose gains and costs are shown: the fastest until another is chosen."""
        options = self.options
        chosen = next((one for one in options if one.id == self._option), None)
        if chosen is not None or self.reading is None or not options:
            return chosen
        whole = self.reading.map.whole_by_option
        return min(options, key=lambda one: whole[self.label, one.id].latency_ms.value)

    def show_option(self, option: str) -> None:
        if option != self._option:
            self._option = option
            self.changed.emit()

    def worths(self) -> "Mapping[LayerId, LayerWorth]":
        """What every layer gains and costs under the shown option."""
        if self.reading is None or self.option is None:
            return {}
        key = (self.label, self.option.id)
        if key not in self._worths:
            self._worths[key] = self.reading.worths(*key)
        return self._worths[key]

    def run_on(self, label: str) -> None:
        """Let the plan run on another runtime that was timed."""
        if self.reading is not None and label != self.label:
            choice = self.reading.map.runtimes[label]
            plan = self._editor.plan.model_copy(update={"runtime": choice})
            self._editor.use(plan, f"Run on {label}")

    def treat(self, layers: Iterable[LayerId], *, wanted: bool) -> None:
        """Treat layers with the shown option, or keep them; what is fused goes with them."""
        from gui.map.choosing import plan_with, whole_groups

        groups = whole_groups(layers, self.worths())
        option = self.option if wanted else None
        plan = plan_with(self._editor.plan, groups, option)
        what = groups[0] if len(groups) == 1 else counted(len(groups), "layer")
        self._editor.use(plan, f"{option.label if option else 'Keep'} for {what}")

    def forget(self) -> None:
        """Another model is open."""
        for kind in ("map", "solve"):
            if (job := self._jobs.of_kind(kind)) is not None:
                job.cancel()
        self._turn += 1
        self.interrupted = False
        self._show(None)

    def look(self, *_: object) -> None:
        """Read what the project holds of maps, in points of the metric that judges now."""
        turn, metric = self._turn, self._accuracy.in_force
        self._metric = metric

        def work(project: Project) -> "ProjectMap":
            from gui.map.reading import read_project

            return read_project(project, metric)

        self._keeper.ask(work, lambda known: self._take(known, turn))

    def _follow_accuracy(self) -> None:
        """Points of another metric are wanted; while none is known, the old ones stay."""
        if self._accuracy.in_force not in ("", self._metric):
            self.look()

    def _take(self, known: "ProjectMap | None", turn: int) -> None:
        if known is None or turn != self._turn:
            return
        self.interrupted = known.found.interrupted
        before, reading = self.reading, known.reading
        if before and reading and before.facts == reading.facts:
            self.changed.emit()
        else:
            same = before and reading and before.file == reading.file
            self._show(reading, self._foreseen(reading) if reading and same else ())

    def _foreseen(self, reading: "MapReading") -> "tuple[Solution, ...]":
        """The front's plans, predicted with what was measured since."""
        return tuple(
            one.model_copy(update={"prediction": reading.predict(one.plan)}) for one in self.front
        )

    def _show(self, reading: "MapReading | None", front: "tuple[Solution, ...]" = ()) -> None:
        self.reading, self._worths = reading, {}
        if self.front != front:
            self.front = front
            self.front_changed.emit()
        self.label = ""
        self._predict()
        self.changed.emit()

    def _predict(self) -> None:
        """At once: it adds up figures, some milliseconds for a thousand layers."""
        plan, reading = self._editor.plan, self.reading
        self.prediction = reading.predict(plan) if reading else None
        self.treated = reading.treated(plan) if reading else {}
        before, self.label = self.label, reading.label(plan) if reading else ""
        self.predicted.emit()
        if before not in ("", self.label):
            self.changed.emit()

    # jobs

    @property
    def job(self) -> RunningJob | None:
        """The mapping that runs."""
        return self._jobs.of_kind("map")

    @property
    def is_running(self) -> bool:
        return self.job is not None

    def start(self, make_request: Callable[[Path], MapRequest]) -> None:
        """Map the layers as a run of the project."""

        def request(project: Project) -> MapRequest:
            assert project.model_path is not None
            return make_request(project.model_path)

        launch = self._keeper.launch("map", request)
        job = self._jobs.add("map", "Mapping the layers", launch, _outcome)
        self._follow(job)
        turn = self._turn
        job.ended.connect(lambda: self.look() if turn == self._turn else None)
        job.start(self._keeper.executor)
        self.changed.emit()

    def pause(self) -> None:
        """Stop; what was measured is kept, and starting again goes on from there."""
        if (job := self.job) is not None:
            job.cancel()

    @property
    def is_solving(self) -> bool:
        return self._jobs.of_kind("solve") is not None

    @property
    def can_solve(self) -> bool:
        return self.reading is not None and not self.is_running and not self.is_solving

    def solve(self, goal: Goal) -> None:
        """Find the Pareto front within the goal's limits, and put its best plan in the editor.

        Begins when all that was asked of the project before has been read.
        """
        turn = self._turn
        self._keeper.ask(lambda _: goal, lambda _: self._solve(goal, turn))

    def _solve(self, goal: Goal, turn: int) -> None:
        from core.jobs.kinds.solve import SolveRequest

        model, reading = self._keeper.model_path, self.reading
        if turn != self._turn or model is None or reading is None or not self.can_solve:
            return
        request = SolveRequest(
            model=model, map=reading.file, goal=goal, past=reading.past, metric=reading.metric
        )
        launch = job_launch("solve", request, scratch_folder("solve"))
        job = self._jobs.add("solve", "Finding the best plan", launch, _outcome)
        self._follow(job)
        job.finished.connect(lambda found: self._take_front(found.solutions, turn))
        job.start()
        self.changed.emit()

    def _follow(self, job: RunningJob) -> None:
        job.failed.connect(self.failed)
        job.ended.connect(self.changed)

    def _take_front(self, front: "tuple[Solution, ...]", turn: int) -> None:
        if turn != self._turn:
            return
        self.front = front
        self.use(front[0])
        self.front_changed.emit()

    def use(self, solution: "Solution") -> None:
        """Edit from one of the front's plans."""
        self._editor.use(solution.plan, f"Use “{solution.plan.name}”")


def _outcome(outcome: BaseModel, folder: Path) -> BaseModel:
    return outcome
