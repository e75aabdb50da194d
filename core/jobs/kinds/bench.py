"""The job that measures models against each other, as they are."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.benchmark.batches import with_batch
from core.benchmark.comparison import Images
from core.benchmark.contender_process import Contender
from core.benchmark.device_answers import DeviceAnswers, answers_on
from core.benchmark.end_to_end import EndToEnd
from core.benchmark.ground import Ground
from core.benchmark.protocol import PATIENCE
from core.benchmark.results import BenchmarkResult, Ratio
from core.benchmark.statistics import ratio
from core.data.contract import PreprocessingContract
from core.devices import open_ground
from core.devices.profile_words import precision_words
from core.errors import InputError
from core.formats import format_of
from core.jobs.kinds.base import JobContext, JobKind
from core.model.identity import stamp
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes, runtimes

_STEP_END_TO_END = "From image to answer"
_STEP_ANSWERS = "Asking the device itself"
PASSWORD = "password"
"""The secret that changing the power mode of a board may need."""
SAMPLES_FILE = "samples.json"
_REAL_INPUTS = 16
"""Inputs that are given in turns, where the data are tensors."""


class BenchRequest(BaseModel):
    """Every model is measured with every choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Path, ...] = Field(min_length=1)
    names: tuple[str, ...] = ()
    """What people call the models, in the same order; empty takes the names of the files."""
    choices: tuple[RuntimeChoice, ...] = ()
    """Empty means every runtime that can be used here, as it is by default."""
    blocks: int = Field(default=20, ge=2, le=1000)
    patience: float = Field(default=PATIENCE, ge=0, le=86400)
    """Seconds to go on where times jump, until intervals are narrow; not on a Jetson."""
    threads: int = Field(default=0, ge=0, le=4096)
    """For the choices that do not say themselves; 0 leaves it to the runtime."""
    streams: int = Field(default=1, ge=1, le=1024)
    batch: int = Field(default=1, ge=1, le=1024)
    data: Path | None = None
    """Images on which the way from image to answer is timed as well."""
    contract: PreprocessingContract | None = None
    """None looks for the best preset for each model."""
    device: str = "local"
    """Id of the device to measure on, or the name of a board."""
    power_mode: str = ""
    """Of a board that offers several, held while it is measured; empty leaves it as it is."""
    hold_clocks: bool = False


class BenchReport(BaseModel):
    """The figures of all that could be measured, and each against the first."""

    model_config = ConfigDict(frozen=True)

    labels: dict[str, str]
    """Contender to what people call it: “model.onnx · OpenVINO”."""
    results: tuple[BenchmarkResult, ...]
    ratios: tuple[Ratio, ...]
    failures: dict[str, str]
    """Contender to the reason why there is no figure."""
    end_to_end: tuple[EndToEnd, ...] = ()
    """From image to answer, apart from the figures above; empty without images."""
    device: str = "local"
    """Where it was measured."""
    on_device: tuple[DeviceAnswers, ...] = ()
    """On a board, with images: its answers beside those of this computer."""


class Bench(JobKind[BenchRequest, BenchReport]):
    """Measures with the full protocol."""

    name: ClassVar[str] = "bench"
    title: ClassVar[str] = "Measuring"
    request_type: ClassVar[type[BaseModel]] = BenchRequest
    outcome_type: ClassVar[type[BaseModel]] = BenchReport

    def steps(self, request: BenchRequest) -> Sequence[tuple[str, float]]:
        if request.data is None:
            return ((self.title, 1.0),)
        second = _STEP_END_TO_END if request.device == "local" else _STEP_ANSWERS
        return ((self.title, 4.0), (second, 1.0))

    def run(self, request: BenchRequest, context: JobContext) -> BenchReport:
        context.step(self.title)
        with open_ground(request.device, context.check_cancelled) as ground:
            ground.allow(
                power_mode=request.power_mode,
                hold_clocks=request.hold_clocks,
                password=context.secret(PASSWORD),
            )
            ground.tell_log(context.note)
            return self._measured(request, ground, context)

    def _measured(self, request: BenchRequest, ground: Ground, context: JobContext) -> BenchReport:
        contenders = _contenders(request, ground, context.folder)
        results, samples = ground.measure(
            contenders,
            blocks=request.blocks,
            patience=request.patience,
            feeds=_tensors(request, contenders[0], context),
            progress=context.progress,
            check_cancelled=context.check_cancelled,
        )
        raw = context.folder / SAMPLES_FILE
        raw.write_text(samples.model_dump_json(), encoding="utf-8")
        context.artifact(SAMPLES_FILE, raw)
        for result in results:
            context.measured(f"latency-{result.contender}", result)
        first, *others = results
        return BenchReport(
            labels={contender.id: contender.label for contender in contenders},
            results=tuple(results),
            ratios=tuple(ratio(samples, other.contender, first.contender) for other in others),
            failures=samples.failures,
            end_to_end=_end_to_end(request, ground, samples.failures, context),
            device=request.device,
            on_device=_answers(request, ground, contenders, samples.failures, context),
        )


def _end_to_end(
    request: BenchRequest, ground: Ground, failures: Mapping[str, str], context: JobContext
) -> tuple[EndToEnd, ...]:
    if request.data is None or not ground.walks or _holds_tensors(request.data):
        return ()
    context.step(_STEP_END_TO_END)
    alone = _contenders(_one_by_one(request), ground, context.scratch)
    able = [contender for contender in alone if contender.id not in failures]
    contracts = [_contract(request, request.data, contender, context) for contender in able]
    return ground.end_to_end(
        able,
        request.data,
        contracts,
        feeds=None,
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )


def _answers(
    request: BenchRequest,
    ground: Ground,
    contenders: Sequence[Contender],
    failures: Mapping[str, str],
    context: JobContext,
) -> tuple[DeviceAnswers, ...]:
    """Asked one by one, of every model that could be measured."""
    if request.data is None or ground.walks:
        return ()
    context.step(_STEP_ANSWERS)
    able = [contender for contender in contenders if contender.id not in failures]
    images = Images(request.data, request.contract)
    return tuple(answers_on(ground, able, images, context))


def _holds_tensors(data: Path) -> bool:
    from core.data import open_dataset

    return open_dataset(data).holds == "tensors"


def _tensors(request: BenchRequest, first: Contender, context: JobContext) -> Path | None:
    """Real inputs where the data are tensors; None makes some up. Raises InputError."""
    from core.data import open_dataset
    from core.data.preparing import find_preparation

    if request.data is None or not _holds_tensors(request.data):
        return None
    dataset = open_dataset(request.data)
    # A board's runtime need not be on this computer; what the model takes is the same with any.
    here = available_runtimes()
    own = next((one for one in here if one.name == first.choice.runtime), here[0])
    found = find_preparation(dataset, first.model, own, None)
    samples = dataset.samples[:_REAL_INPUTS]
    return found.write(samples, context.scratch / "inputs", context.progress).path


def _one_by_one(request: BenchRequest) -> BenchRequest:
    single = {"streams": 1, "batch": 1}
    choices = tuple(choice.model_copy(update=single) for choice in request.choices)
    return request.model_copy(update={**single, "choices": choices})


def _contract(
    request: BenchRequest, data: Path, contender: Contender, context: JobContext
) -> PreprocessingContract:
    """Raises InputError when images and model do not fit together."""
    from core.data import open_dataset
    from core.data.finding import find_contract

    choice = contender.choice
    with closing(runtimes()[choice.runtime].compile(contender.model, choice)) as session:
        found, _ = find_contract(open_dataset(data), session, request.contract, context.progress)
    return found.contract


def _contenders(request: BenchRequest, ground: Ground, folder: Path) -> list[Contender]:
    """ONNX is measured as working copies: only these have been checked to be safe to run."""
    choices = request.choices or tuple(RuntimeChoice(runtime=name) for name in ground.runtimes)
    if not choices:
        reasons = " ".join(f"{one.label}: {one.availability().reason}" for one in runtimes())
        raise InputError("There is nothing to measure with.", reasons, "Install a runtime.")
    found: list[Contender] = []
    names = request.names or _names(request.models)
    for number, (model, name) in enumerate(zip(request.models, names, strict=True)):
        copy, takers = _runnable(model, folder / f"model-{number}.onnx", choices)
        for choice in takers:
            asked = {
                "threads": choice.threads or request.threads,
                "streams": max(choice.streams, request.streams),
                "batch": max(choice.batch, request.batch),
            }
            taken = choice.model_copy(update=asked)
            found.append(
                Contender(
                    id=f"{len(found)}",
                    label=f"{name} · {_label_of(taken)}",
                    model=with_batch(copy, taken.batch, copy.parent / f"batches-{number}")
                    if taken.batch > 1
                    else copy,
                    choice=taken,
                )
            )
    return found


def _names(models: Sequence[Path]) -> list[str]:
    """What tells them apart: the files' names, with as many folders as that takes."""
    paths = [model.absolute() for model in models]
    for count in range(1, max(len(path.parts) for path in paths)):
        names = ["/".join(path.parts[-count:]) for path in paths]
        if len(set(names)) == len(set(paths)):
            return names
    return [model.name for model in models]


def _runnable(
    model: Path, copy: Path, choices: Sequence[RuntimeChoice]
) -> tuple[Path, Sequence[RuntimeChoice]]:
    """The file to measure, and the choices whose runtime takes it."""
    known = format_of(model)
    if known.name == "onnx":
        stamp(model, copy)
        return copy, choices
    known.check_runnable(model)
    takers = [choice for choice in choices if known.name in runtimes()[choice.runtime].takes]
    if not takers:
        labels = ", ".join(runtime.label for runtime in runtimes() if known.name in runtime.takes)
        raise InputError(
            f"“{model.name}” cannot be measured with what was chosen.",
            f"It is a model in the format {known.label}, which only {labels} takes.",
            f"Choose {labels}, or measure the ONNX model that it was converted from.",
        )
    return model, takers


def _label_of(choice: RuntimeChoice) -> str:
    label = runtimes()[choice.runtime].label
    said = label if choice.precision == "auto" else f"{label} {precision_words(choice.precision)}"
    streams = f", {choice.streams} streams" if choice.streams > 1 else ""
    return f"{said}{streams}{f', batch {choice.batch}' if choice.batch > 1 else ''}"
