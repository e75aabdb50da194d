"""The job that measures models against each other, as they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.benchmark.contender_process import Contender
from core.benchmark.protocol import measure
from core.benchmark.results import BenchmarkResult, Ratio
from core.benchmark.statistics import ratio
from core.errors import InputError
from core.formats import format_of
from core.jobs.kinds.base import JobContext, JobKind
from core.model.identity import stamp
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes, runtimes

SAMPLES_FILE = "samples.json"


class BenchRequest(BaseModel):
    """Every model is measured with every choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[Path, ...] = Field(min_length=1)
    choices: tuple[RuntimeChoice, ...] = ()
    """Empty means every runtime that can be used here, as it is by default."""
    blocks: int = Field(default=20, ge=2, le=1000)
    threads: int = Field(default=0, ge=0, le=4096)
    """For the choices that do not say themselves; 0 leaves it to the runtime."""


class BenchReport(BaseModel):
    """The figures of all that could be measured, and each against the first."""

    model_config = ConfigDict(frozen=True)

    labels: dict[str, str]
    """Contender to what people call it: “model.onnx · OpenVINO”."""
    results: tuple[BenchmarkResult, ...]
    ratios: tuple[Ratio, ...]
    failures: dict[str, str]
    """Contender to the reason why there is no figure."""


class Bench(JobKind[BenchRequest, BenchReport]):
    """Measures with the full protocol."""

    name: ClassVar[str] = "bench"
    title: ClassVar[str] = "Measuring"
    request_type: ClassVar[type[BaseModel]] = BenchRequest
    outcome_type: ClassVar[type[BaseModel]] = BenchReport

    def run(self, request: BenchRequest, context: JobContext) -> BenchReport:
        context.step(self.title)
        contenders = _contenders(request, context.folder)
        results, samples = measure(
            contenders,
            blocks=request.blocks,
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
        )


def _contenders(request: BenchRequest, folder: Path) -> list[Contender]:
    """ONNX is measured as working copies: only these have been checked to be safe to run."""
    choices = request.choices or tuple(
        RuntimeChoice(runtime=runtime.name) for runtime in available_runtimes()
    )
    if not choices:
        reasons = " ".join(f"{one.label}: {one.availability().reason}" for one in runtimes())
        raise InputError("There is nothing to measure with.", reasons, "Install a runtime.")
    found: list[Contender] = []
    for number, model in enumerate(request.models):
        copy, takers = _runnable(model, folder / f"model-{number}.onnx", choices)
        for choice in takers:
            threads = choice.threads or request.threads
            found.append(
                Contender(
                    id=f"{len(found)}",
                    label=f"{model.name} · {_label_of(choice)}",
                    model=copy,
                    choice=choice.model_copy(update={"threads": threads}),
                )
            )
    return found


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
    return label if choice.precision == "auto" else f"{label} {choice.precision}"
