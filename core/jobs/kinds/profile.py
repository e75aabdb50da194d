"""The job that finds out where a model's time goes, layer by layer."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.benchmark.contender_process import Contender
from core.benchmark.explanations import why_not_faster
from core.benchmark.layer_profile import LayerGroup, LayerProfile, take_profile
from core.benchmark.precision_picture import PrecisionPicture, picture_of
from core.errors import InputError
from core.formats import format_of
from core.jobs.kinds.base import JobContext, JobKind
from core.model.graph import ModelGraph
from core.model.identity import stamp
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes, runtimes

PROFILE_FILE = "profile.json"
_SPINE = "onnx"


class ProfileRequest(BaseModel):
    """Which model, on what, and against which other one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    choice: RuntimeChoice | None = None
    """None takes the first runtime that can be used here and takes the model, as it is."""
    threads: int = Field(default=0, ge=0, le=4096)
    """Where the choice does not say; 0 leaves it to the runtime."""
    against: Path | None = None
    """The original of a compressed model: then it is said why that is not faster."""
    inputs: Path | None = None
    """What core.data.inputs.InputSet reads; None means made-up inputs."""
    label: str = ""
    """For people; the file's name when empty."""
    inferences: int = Field(default=30, ge=5, le=1000)


class ProfileReport(BaseModel):
    """Measured times of everything that ran."""

    model_config = ConfigDict(frozen=True)

    profile: LayerProfile
    groups: tuple[LayerGroup, ...]
    """The profile's, in the order of execution."""
    picture: PrecisionPicture
    difference: str
    """How the counters' sum compares with the latency without them, and why."""
    against: LayerProfile | None = None
    why: tuple[str, ...] = ()
    """Why the model is not faster than the other one."""


class Profile(JobKind[ProfileRequest, ProfileReport]):
    name: ClassVar[str] = "profile"
    title: ClassVar[str] = "Timing layers"
    request_type: ClassVar[type[BaseModel]] = ProfileRequest
    outcome_type: ClassVar[type[BaseModel]] = ProfileReport

    def steps(self, request: ProfileRequest) -> Sequence[tuple[str, float]]:
        models = (request.model, request.against)
        return tuple((f"Timing {model.name}", 1.0) for model in models if model is not None)

    def run(self, request: ProfileRequest, context: JobContext) -> ProfileReport:
        choice = request.choice or _first_choice(request.model)
        choice = choice.model_copy(update={"threads": choice.threads or request.threads})
        profile = _profile_of(request.model, choice, request, context)
        against = None
        why: tuple[str, ...] = ()
        if request.against is not None:
            against = _profile_of(request.against, choice, request, context)
            why = why_not_faster(against, profile, _graph_of(request.against))
        report = ProfileReport(
            profile=profile,
            groups=profile.groups(),
            picture=picture_of(profile, _graph_of(request.model)),
            difference=profile.difference,
            against=against,
            why=why,
        )
        file = context.folder / PROFILE_FILE
        file.write_text(report.model_dump_json(), encoding="utf-8")
        context.artifact(PROFILE_FILE, file)
        return report


def _graph_of(model: Path) -> ModelGraph:
    return format_of(model).read_graph(model)


def _first_choice(model: Path) -> RuntimeChoice:
    known = format_of(model).name
    for runtime in available_runtimes():
        if known in runtime.takes or known == _SPINE:
            return RuntimeChoice(runtime=runtime.name)
    reasons = " ".join(f"{one.label}: {one.availability().reason}" for one in runtimes())
    raise InputError(f"Nothing here runs “{model.name}”.", reasons, "Install a runtime.")


def _profile_of(
    model: Path, choice: RuntimeChoice, request: ProfileRequest, context: JobContext
) -> LayerProfile:
    context.step(f"Timing {model.name}")
    name = (request.label if model == request.model else "") or model.name
    contender = Contender(
        id=model.name,
        label=f"{name} · {runtimes()[choice.runtime].label}",
        model=_runnable(model, context.scratch, choice),
        choice=choice,
    )
    return take_profile(
        contender,
        feeds=request.inputs,
        inferences=request.inferences,
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )


def _runnable(model: Path, folder: Path, choice: RuntimeChoice) -> Path:
    """ONNX is run as a working copy: only that has been checked to be safe."""
    known = format_of(model)
    if known.name == _SPINE:
        copies = sum(1 for _ in folder.glob("*.onnx"))
        stamp(model, copy := folder / f"profiled-{copies}.onnx")
        return copy
    known.check_runnable(model)
    if known.name not in runtimes()[choice.runtime].takes:
        raise InputError(
            f"{runtimes()[choice.runtime].label} does not run “{model.name}”.",
            f"It is a model in the format {known.label}.",
            "Choose another runtime, or take the ONNX model that it was converted from.",
        )
    return model
