"""What is open in the window: model, device, images, goal, plan and results.

Widgets call the intentions and repaint on the signals. Slow work goes through jobs and errands, so
nothing here blocks.
"""

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from core.data.contract import PreprocessingContract
from core.devices.base import DeviceFacts
from core.jobs.events import Failed
from core.plan.plan import CompressionPlan
from core.project.project import Project
from core.project.state import ProjectState
from core.search.report import Goal
from core.search.request import SEARCH_MINUTES, OptimizeRequest
from gui.accuracy_choice import AccuracyChoice
from gui.devices.fleet import Fleet
from gui.devices.measuring import MeasuringDevice
from gui.devices.profile_target import TargetDevice
from gui.edit.model_edits import ModelEdits
from gui.examining import Examining
from gui.jobs import Jobs
from gui.map.mapping import LayerMapping
from gui.obstacles import obstacle_of
from gui.opened import OpenImages, OpenModel
from gui.opening import Opening
from gui.optimization import Optimization
from gui.past_runs import PastRuns
from gui.plan_editor import PlanEditor
from gui.profiled import Profiled
from gui.project_keeper import ProjectKeeper
from gui.results import Results
from gui.trouble import Troubles
from gui.wording import file_words

Effort = Literal["thorough", "quick"]


class Session(QObject):
    """The one place that changes while the window is open."""

    model_changed = Signal()
    device_changed = Signal()
    images_changed = Signal()
    goal_changed = Signal()

    def __init__(self, projects: Path | None = None) -> None:
        """`projects` is where new projects go; None means the user's data folder."""
        super().__init__()
        self.jobs = Jobs()
        self.keeper = ProjectKeeper(projects)
        self.troubles = Troubles()
        self.fleet = Fleet(self.jobs)
        self.measuring = MeasuringDevice(self.jobs, self.keeper, self.fleet, self.troubles)
        self.target = TargetDevice(self.keeper)
        self.editor = PlanEditor()
        self.edits = ModelEdits(self.jobs, self.editor)
        self.results = Results()
        self.runs = PastRuns(self.keeper, self.results)
        self.profiled = Profiled()
        self.optimization = Optimization(self.jobs, self.keeper, self.editor, self.results)
        self.accuracy = AccuracyChoice(self.keeper)
        self.mapping = LayerMapping(self.jobs, self.keeper, self.editor, self.accuracy)
        self._opening, self._examining = Opening(self.jobs), Examining(self.jobs)
        self.standby = self._opening.standby
        self.model: OpenModel | None = None
        self.images_path: Path | None = None
        self.images: OpenImages | None = None
        self.contract: PreprocessingContract | None = None
        """As given by a person; None looks for the best preset."""
        self.goal = Goal()
        self.threads = 0
        self.effort: Effort = "thorough"
        self.search_minutes = SEARCH_MINUTES
        self._restoring: ProjectState | None = None
        self._opening.opened.connect(self._take_model)
        self._opening.failed.connect(self._refuse_model)
        self._opening.cancelled.connect(self.model_changed)
        self._opening.calm.connect(self.go_on)
        self._examining.examined.connect(self._take_images)
        self._examining.failed.connect(self._refuse_images)
        self.measuring.changed.connect(self._tell_device)
        self.fleet.failed.connect(lambda failed: self.troubles.tell("device", failed))
        self.keeper.created.connect(self._settle_in)
        self.keeper.opened.connect(self._enter)
        self.keeper.failed.connect(lambda failed: self.troubles.tell("model", failed))
        self.optimization.failed.connect(lambda f: self.troubles.tell("optimize", f, "Try again"))
        self.mapping.failed.connect(lambda f: self.troubles.tell("map", f, "Try again"))
        self.edits.shown.connect(self._show_edited)
        self.edits.failed.connect(lambda failed: self.troubles.tell("model", failed))
        self.target.failed.connect(lambda failed: self.troubles.tell("device", failed))
        self.editor.edited.connect(lambda: self.keeper.save(plan=self.editor.plan))

    # model and project

    def open(self, path: Path) -> None:
        """Open a model, or the folder of a project."""
        self.troubles.clear("model")
        if Project.is_project(path):
            self.keeper.open(path)
        else:
            self._restoring = None
            self._inspect(path, file_words(path))

    @property
    def opening(self) -> Path | None:
        """The model that is being opened."""
        return self._opening.path

    def _inspect(self, path: Path, title: str) -> None:
        self._opening.start(path, title)
        self.model_changed.emit()

    def go_on(self) -> None:
        """The open model can be seen: what may wait begins now."""
        self.keeper.go_on()

    def get_ready(self) -> None:
        """Have a worker ready, now and after each model, so that the next one opens sooner."""
        self._opening.get_ready()

    def _refuse_model(self, failed: Failed) -> None:
        self.troubles.tell("model", failed, "Choose another file…")
        self.model_changed.emit()

    def _take_model(self, model: OpenModel) -> None:
        self.model, self.runs.entries = model, ()
        state, self._restoring = self._restoring, None
        self.results.clear()
        self.profiled.show(None)
        self.mapping.forget()
        self.editor.begin(model.graph, (state and state.plan) or CompressionPlan())
        self.edits.begin(model)
        if not model.inspection.runs:
            self.keeper.leave()
        elif state is None:
            self.keeper.create(model.path, model.inspection.companions)
        else:
            self._restore(state)
        self.model_changed.emit()
        self.runs.changed.emit()
        self._examine()

    def _show_edited(self, model: OpenModel) -> None:
        """The open model after its edits; plan and history go on."""
        self.model = model
        self.keeper.save(edits=self.edits.data)
        self.editor.follow(model.graph)
        self.model_changed.emit()
        self.editor.selected_changed.emit()  # the graph that is drawn anew shows it

    def _settle_in(self, state: ProjectState) -> None:
        """A project was made around the open model: it takes over what is settled already."""
        self.keeper.save(
            data=self.images_path,
            contract=self.contract,
            goal=self.goal,
            metric=self.accuracy.kept,
            device=self.measuring.wanted,
            target=self.target.choice,
            threads=self.threads,
            edits=self.edits.data,
        )

    def _enter(self, state: ProjectState) -> None:
        if self.keeper.model_path is not None:
            self._restoring = state
            self._inspect(self.keeper.model_path, state.name)

    def _restore(self, state: ProjectState) -> None:
        self.goal, self.threads, self.contract = state.goal, state.threads, state.contract
        self.images_path = state.data
        self.accuracy.restore(state.metric)
        self.goal_changed.emit()
        self.target.restore(state.target)
        self.measuring.restore(state.device)
        self.edits.restore(state.edits)
        self.keeper.list_runs()

    # devices

    @property
    def devices(self) -> tuple[DeviceFacts, ...]:
        """What can run models and has answered."""
        return self.measuring.found

    @property
    def device(self) -> DeviceFacts | None:
        """Where Optimize, benchmarks and profiles run."""
        return self.measuring.chosen

    def _tell_device(self) -> None:
        self._tell_surroundings()
        self.device_changed.emit()

    def _tell_surroundings(self) -> None:
        known = tuple(self.device.runtimes) if self.device else None
        self.editor.set_surroundings(has_images=self.images_path is not None, runtimes=known)

    # images

    def add_images(self, path: Path) -> None:
        """A folder or a zip of images."""
        self.images_path = path
        self.keeper.save(data=path)
        self._examine()

    def remove_images(self) -> None:
        self.images_path = None
        self.keeper.save(data=None)
        self._examine()

    def set_contract(self, contract: PreprocessingContract | None) -> None:
        self.contract = contract
        self.keeper.save(contract=contract)
        self._examine()

    def _examine(self) -> None:
        """Look at the images with the open model; quiet while one of the two is missing."""
        self._examining.stop()
        self.troubles.clear("images")
        self.images = None
        self.accuracy.offer(None)
        runs = self.model is not None and self.model.inspection.runs
        if self.model is not None and runs and (path := self.images_path) is not None:
            self._examining.start(path, self.model.path, self.contract)
        self._tell_surroundings()
        self.images_changed.emit()

    def _take_images(self, images: OpenImages) -> None:
        self.images = images
        self.accuracy.offer(images.examination)
        self.images_changed.emit()

    def _refuse_images(self, failed: Failed) -> None:
        self.troubles.tell("images", failed, "Choose other images…")
        self.images_changed.emit()

    # goal and optimization

    def set_goal(
        self,
        goal: Goal,
        threads: int = 0,
        effort: Effort = "thorough",
        search_minutes: float = SEARCH_MINUTES,
    ) -> None:
        self.goal, self.threads, self.effort = goal, threads, effort
        self.search_minutes = search_minutes
        self.keeper.save(goal=goal, threads=threads)
        self.goal_changed.emit()

    @property
    def obstacle(self) -> str:
        """Why Optimize cannot be pressed now; empty when it can."""
        return obstacle_of(self)

    def optimize(self) -> None:
        """Measure the plan if it was edited, else race every simple choice."""
        self._optimize(own_plan=self.editor.is_edited)

    def measure_plan(self) -> None:
        """Measure the plan in the editor, whether or not it was before."""
        self._optimize(own_plan=True)

    def race(self) -> None:
        """Race every simple choice, whatever was edited."""
        self._optimize(own_plan=False)

    def _optimize(self, *, own_plan: bool) -> None:
        if not self.obstacle:
            self.troubles.clear("optimize")
            self.optimization.start(self._request, own_plan=own_plan)

    def _request(self, model: Path, plans: tuple[CompressionPlan, ...]) -> OptimizeRequest:
        assert self.device is not None
        return OptimizeRequest(
            model=model,
            data=self.images_path,
            contract=self.contract,
            goal=self.goal,
            metric=self.accuracy.metric,
            device=self.device.id,
            threads=self.threads,
            effort=self.effort,
            search_minutes=self.search_minutes,
            plans=plans,
        )

    def use_candidate_plan(self) -> None:
        """Edit from the choices of the candidate that is looked at."""
        if (candidate := self.results.candidate) is not None:
            self.editor.use(candidate.plan, f"Use “{candidate.label}”")

    def close(self) -> None:
        """Stop what runs and let go of the project."""
        self.jobs.cancel_all()
        self._opening.close()
        self.keeper.close()
