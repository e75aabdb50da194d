"""The job that finds out what each layer costs in accuracy."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.data.contract import PreprocessingContract
from core.errors import InputError
from core.jobs.kinds.base import JobContext, JobKind
from core.plan.plan import Step
from core.plan.recipes import KEEP, recipes
from core.search.request import OptimizeRequest
from core.search.sensitivity import LayerSensitivity, ScanWork, SensitivityReport, scan
from core.search.sensitivity.store import user_folder
from core.search.setting_up import PREPARE, READ

_SCAN = "Trying each layer alone"


class SensitivityRequest(BaseModel):
    """Which model, on which images, how treated, and who does the work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    data: Path
    contract: PreprocessingContract | None = None
    images: int = Field(default=200, ge=1)
    """The most that a figure rests on."""
    settings: tuple[str, ...] = Field(default=("int8",), min_length=1)
    """Ids of simple choices, such as “int8” and “fp16”."""
    scheduler: str = ""
    """Address of a Dask scheduler; empty uses processes on this computer."""
    processes: int = Field(default=0, ge=0, le=1024)
    """On this computer; 0 means one for each processor."""
    cache: Path | None = None
    """Where figures are kept for the next scan; None takes the user's own folder."""


class Sensitivity(JobKind[SensitivityRequest, SensitivityReport]):
    """Treat each layer alone and compare the answers.

    Every piece of work is kept once it is done: a job that was cancelled goes on where it was
    when the same is asked again, which is what pausing is.
    """

    name: ClassVar[str] = "sensitivity"
    title: ClassVar[str] = "Finding sensitive layers"
    request_type: ClassVar[type[BaseModel]] = SensitivityRequest
    outcome_type: ClassVar[type[BaseModel]] = SensitivityReport

    def steps(self, request: SensitivityRequest) -> Sequence[tuple[str, float]]:
        return ((READ, 1.0), (PREPARE, 5.0), (_SCAN, 20.0))

    def run(self, request: SensitivityRequest, context: JobContext) -> SensitivityReport:
        from core.jobs.executors import open_executor
        from core.search.setting_up import set_up

        steps = _steps_of(request.settings)
        asked = OptimizeRequest(model=request.model, data=request.data, contract=request.contract)
        setting = set_up(asked, context)
        images = setting.images
        assert images is not None
        context.step(_SCAN)

        def keep(figures: LayerSensitivity) -> None:
            context.measured(f"figures of {figures.layer} in {figures.setting}", figures)

        with open_executor(request.scheduler, request.processes) as executor:
            work = ScanWork(
                model=setting.original,
                graph=setting.graph,
                settings=steps,
                inputs=images.inputs,
                images=request.images,
                calibration=images.calibration_feeds,
                calibration_count=images.calibration_count,
                labels=images.labels,
                cache=request.cache or user_folder(),
                executor=executor,
            )
            return scan(
                work,
                progress=context.progress,
                check_cancelled=context.check_cancelled,
                found=keep,
            )


def _steps_of(settings: Sequence[str]) -> dict[str, Step]:
    known = {recipe.id: recipe.plan.steps for recipe in recipes() if recipe.id != KEEP}
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise InputError(
            f"There is no setting called “{', '.join(unknown)}”.",
            f"The settings are: {', '.join(known)}.",
            "Choose among these.",
        )
    return {name: known[name][-1] for name in settings}
